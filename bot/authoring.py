"""Written answers: from passages to verified statements, or the reason why there are none."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bot.answers.answer import Writing
from bot.answers.citations import CitationVerifier, CitedStatement
from bot.answers.wording import Telling
from bot.costs.budget import Budget
from bot.runtime.deadlines import Deadline
from bot.writing.failures import Failure, read_failure
from bot.writing.gate import Drop
from bot.writing.sheet import Sheet
from bot.writing.writer import Writer
from retrieval.domain.records import StoredPassage
from retrieval.storage.catalog import Catalog

Report = Callable[[Exception, str], object]


@dataclass(frozen=True, slots=True)
class Written:
    """The verified statements, and their text; `failure` says what ended the writing early."""

    cited: tuple[CitedStatement, ...] = ()
    text: str = ""
    failure: Failure | None = None


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

    def write(self, task: Task, sheet: Sheet, deadline: Deadline) -> Written:
        """Returns what was written and verified; never raises for what a model does.

        Nothing is handed to `task.show` that was not verified before.
        """
        if self._budget.used_up(task.workspace):
            sheet.failure = Failure.BUDGET
            return Written(failure=Failure.BUDGET)
        verifier, telling = CitationVerifier(self._catalog), Telling(task.show)
        cited: list[CitedStatement] = []
        try:
            for claim in self._writer.write(task.question, task.passages, sheet, deadline):
                verified = verifier.verify(claim)
                if verified is None:
                    sheet.dropped.append(Drop("quote not stored", "", claim.statement))
                    continue
                cited.append(verified)
                telling.add(verified)
        except Exception as error:  # noqa: BLE001  any provider, any failure: answer verbatim
            self._report(error, task.request_id)
            sheet.failure = read_failure(error).failure
        return Written(tuple(cited), telling.text, sheet.failure)

    def account(self, sheet: Sheet, verified: int) -> Writing:
        """Returns what the journal says of a sheet."""
        tokens = sheet.usage.tokens
        return Writing(
            model=self._model,
            prompts=self._versions,
            written=len(sheet.written) + sum(drop.reason == "malformed" for drop in sheet.dropped),
            verified=verified,
            dropped=tuple(asdict(drop) for drop in sheet.dropped),
            calls=len(sheet.usage.calls),
            tokens_read=tokens.read,
            tokens_written=tokens.written,
            tokens_estimated=tokens.estimated,
            cost=sheet.usage.cost,
            repaired=sheet.repaired,
            failure=str(sheet.failure or ""),
        )
