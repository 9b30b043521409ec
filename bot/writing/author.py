"""Written answers: from passages to verified statements, or the reason why there are none."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bot.answers.answer import Writing
from bot.answers.citations import CitationVerifier, CitedStatement
from bot.answers.wording import Telling
from bot.costs.budget import Budget
from bot.runtime.deadlines import Deadline
from bot.writing.failures import ChatFailure, chat_failure_of
from bot.writing.gate import Drop
from bot.writing.transcript import Transcript
from bot.writing.writer import Writer
from retrieval.domain.records import StoredPassage
from retrieval.storage.catalog import Catalog

Report = Callable[[Exception, str], object]


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """The verified statements, and their text; `failure` says what ended the writing early."""

    cited: tuple[CitedStatement, ...] = ()
    text: str = ""
    failure: ChatFailure | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A question to write the answer to; `show` is given each piece of text once it is verified."""

    question: str
    passages: Sequence[StoredPassage]
    request_id: str
    workspace: str = ""
    show: Callable[[str], object] | None = None


class Author:
    """Writes answers with a chat model. Shared between threads."""

    def __init__(
        self, writer: Writer, catalog: Catalog, budget: Budget, model: str,
        versions: dict[str, str], report: Report,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._catalog = catalog
        self._budget = budget
        self._model = model
        self._versions = versions
        self._report = report

    def write(self, task: Task, transcript: Transcript, deadline: Deadline) -> WrittenAnswer:
        """Returns what was written and verified; never raises for what a model does.

        Nothing is handed to `task.show` that was not verified before.
        """
        if self._budget.used_up(task.workspace):
            transcript.failure = ChatFailure.BUDGET
            return WrittenAnswer(failure=ChatFailure.BUDGET)
        verifier, telling = CitationVerifier(self._catalog), Telling(task.show)
        cited: list[CitedStatement] = []
        try:
            for claim in self._writer.write(task.question, task.passages, transcript, deadline):
                verified = verifier.verify(claim)
                if verified is None:
                    transcript.dropped.append(Drop("quote not stored", "", claim.statement))
                    continue
                cited.append(verified)
                telling.add(verified)
        except Exception as error:  # noqa: BLE001  any provider, any failure: answer verbatim
            self._report(error, task.request_id)
            transcript.failure = chat_failure_of(error).failure
        return WrittenAnswer(tuple(cited), telling.text, transcript.failure)

    def account(self, transcript: Transcript, verified: int) -> Writing:
        """Returns what the journal says of a transcript."""
        tokens = transcript.usage.tokens
        return Writing(
            model=self._model,
            prompts=self._versions,
            written=len(transcript.written)
            + sum(drop.reason == "malformed" for drop in transcript.dropped),
            verified=verified,
            dropped=tuple(asdict(drop) for drop in transcript.dropped),
            calls=len(transcript.usage.calls),
            tokens_read=tokens.read,
            tokens_written=tokens.written,
            tokens_estimated=tokens.estimated,
            cost=transcript.usage.cost,
            repaired=transcript.repaired,
            failure=str(transcript.failure or ""),
        )
