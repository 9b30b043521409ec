"""`monazite ask`: asks and prints, for people or for programs."""

from typing import TYPE_CHECKING, Any

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.answers.wording import passage_place
from bot.cli import console
from bot.questions.question import QuestionError
from bot.runtime.request_ids import new_request_id
from retrieval.domain.access import OPERATOR, Reader

if TYPE_CHECKING:
    from bot.wiring.installation import Installation
    from retrieval.domain.records import StoredPassage


class Asker:
    """Asks an installation and prints what it answers; a written answer as it comes."""

    def __init__(
        self, installation: "Installation", *, json: bool, passages: bool, reader: Reader = OPERATOR
    ) -> None:
        self._installation = installation
        self._reader = reader
        self._json = json
        self._passages = passages

    def ask(self, question: str) -> None:
        """Prints the answer; raises what answering raises."""
        screen = console.Screen()
        inquiry = Inquiry(question, show=None if self._json else screen.show, reader=self._reader)
        answer = self._installation.recorder.answer(inquiry)
        whole = self._cited_passages(answer) if self._passages else []
        if self._json:
            extra = {"passages": [_as_json(one) for one in whole]} if self._passages else {}
            console.print_json(answer.as_json() | extra)
            return
        screen.finish(answer)
        console.print_passages(whole)

    def try_to_ask(self, question: str) -> bool:
        """Prints the answer, or why there is none; returns whether there is one."""
        try:
            self.ask(question)
        except QuestionError as error:
            if self._json:
                refused = Answer(question, "", False, "extractive", request_id=new_request_id())
                console.print_json(refused.as_json() | {"error": str(error)})
            else:
                console.say(str(error))
            return False
        return True

    def _cited_passages(self, answer: Answer) -> list["StoredPassage"]:
        keys = dict.fromkeys(one.passage for one in answer.citations or answer.nearest)
        found = self._installation.catalog.live_passages(list(keys), self._reader)
        return [found[key] for key in keys if key in found]


def _as_json(stored: "StoredPassage") -> dict[str, Any]:
    passage = stored.passage
    return {
        "passage": stored.id, "document": stored.document, "start": passage.start,
        "end": passage.end, "text": passage.text, "place": passage_place(stored),
    }  # fmt: skip
