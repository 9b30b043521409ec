"""What the access rules did: how many files each fits, and which documents are closed, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from retrieval.domain.failures import Closed
from retrieval.sources.sources_yaml import RuleUse, SourceLists
from retrieval.storage.tables import AccessReportRow


@dataclass(frozen=True, slots=True)
class AccessReport:
    """The access rules of all indexed folders, and the documents that are closed to all."""

    rules: tuple[RuleUse, ...] = ()
    closed: tuple[Closed, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite status --json` prints of it."""
        return asdict(self)

    @property
    def idle(self) -> tuple[RuleUse, ...]:
        """Returns the rules that fit no file."""
        return tuple(rule for rule in self.rules if not rule.files)


class AccessReports:
    """Keeps a report for each indexed folder."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, root: Path, lists: SourceLists, closed: Iterable[Closed]) -> None:
        """Writes down what the rules of a folder did, in place of what was known of it."""
        report = {
            "rules": [asdict(use) for use in lists.uses],
            "fitted": sorted(lists.fitted),
            "closed": [asdict(one) for one in closed],
        }
        with Session(self._engine) as session, session.begin():
            session.execute(delete(AccessReportRow).where(AccessReportRow.root == str(root)))
            session.add(AccessReportRow(root=str(root), report=report))

    def forget_others(self, roots: Iterable[str]) -> None:
        """Forgets folders that are indexed no more."""
        change = delete(AccessReportRow).where(AccessReportRow.root.not_in(list(roots)))
        with Session(self._engine) as session, session.begin():
            session.execute(change)

    def closed_in(self, root: Path) -> list[Closed]:
        """Returns the documents of a folder that were closed after its latest run."""
        return [Closed(**one) for one in self._all().get(str(root), {}).get("closed", [])]

    def fitted(self) -> frozenset[tuple[str, str, str]]:
        """Returns the access rules that have fitted a file, as `RememberedLabels` takes them."""
        return frozenset(
            (folder, pattern, access)
            for report in self._all().values()
            for folder, pattern, access in report["fitted"]
        )

    def latest(self) -> AccessReport:
        """Returns what is known of all folders together."""
        reports = self._all().values()
        return AccessReport(
            tuple(RuleUse(**use) for report in reports for use in report["rules"]),
            tuple(Closed(**one) for report in reports for one in report["closed"]),
        )

    def _all(self) -> Mapping[str, dict[str, Any]]:
        with Session(self._engine) as session:
            rows = session.scalars(select(AccessReportRow).order_by(AccessReportRow.root))
            return {row.root: row.report for row in rows}
