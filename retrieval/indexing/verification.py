"""Proves that catalog, Chroma and lexical index hold the same, and mends them where they do not."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from retrieval.domain.errors import IndexMissingError
from retrieval.domain.records import StoredPassage
from retrieval.storage.index import Index
from retrieval.storage.runs import Runs

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. Each of `problems` is one line; without any, the index is whole.

    `leftovers` counts versions and builds that a run left behind when it was killed: nobody
    answers from them, and the next run deletes them.
    """

    documents: int
    passages: int
    generation: int
    leftovers: int = 0
    problems: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Says whether nothing is wrong, or wrong any more."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite verify --json` prints."""
        return asdict(self) | {"whole": self.whole}


class IndexVerifier:
    """Verifies the live build of an installation."""

    def __init__(self, index: Index, runs: Runs) -> None:
        self._index = index
        self._runs = runs

    def verify(self, *, repair: bool = False) -> Verification:
        """Returns what is wrong; with `repair`, mends it first and returns what is left.

        Documents whose stored text is damaged cannot be mended, only indexed again. Raises
        `IndexMissingError` without an index, `IndexBusyError` when a run is at work.
        """
        with self._runs.open("verify") as run:
            found = self._look()
            if repair and (found.problems or found.leftovers):
                found = self._look(self._mend())
            run.report = found.as_json()
        return found

    def _look(self, mended: tuple[str, ...] = ()) -> Verification:
        catalog = self._index.catalog
        build = catalog.live_build()
        if build is None:
            raise IndexMissingError("There is no index yet; run: monazite index")
        expected = {stored.id for stored in catalog.all_passages(build.id)}
        problems = [*self._unlike(build.id, expected), *self._damaged(build.id)]
        if catalog.passage_count(build.id) != len(expected):
            problems.append("the catalog counts other passages than it holds")
        leftovers = len(catalog.leftovers(build.id)) + len(catalog.dead_builds())
        return Verification(
            len(catalog.documents()), len(expected), build.generation, leftovers, tuple(problems),
            mended,
        )  # fmt: skip

    def _unlike(self, build_id: str, expected: set[str]) -> Iterator[str]:
        """What the derived indexes lack, and hold too many, or that they cannot be read."""
        dead = self._index.catalog.leftover_passages(build_id)
        damages = self._index.damages(build_id)
        readers: dict[str, Callable[[], set[str]]] = {
            "Chroma": partial(self._index.vectors.ids, build_id),
            "the lexical index": self._index.lexical(build_id).ids,
        }
        for name, read in readers.items():
            if name in damages:
                yield f"{name} cannot be read ({damages[name]})"
            else:
                yield from _differences(name, expected, read() - dead)

    def _damaged(self, build_id: str) -> Iterator[str]:
        """Passages that do not stand in the text of their document."""
        for stored in self._index.catalog.all_passages(build_id):
            if not self._stands(stored):
                yield f"a passage of {stored.document} does not stand in its text; index it again"

    def _stands(self, stored: StoredPassage) -> bool:
        passage = stored.passage
        text = self._index.catalog.excerpt(stored.version_id, passage.start, passage.end)
        return text == passage.text

    def _mend(self) -> tuple[str, ...]:
        build = self._index.catalog.live_build()
        if build is None:
            return ()
        self._index.sweep(build.id)
        refilled = self._index.repair(build.id, by_id=True)
        return ("deleted what was left over", *(f"refilled the {name}" for name in refilled))


def _differences(name: str, expected: set[str], found: set[str]) -> Iterator[str]:
    for what, ids in (("lacks", expected - found), ("holds too many:", found - expected)):
        if ids:
            some = ", ".join(sorted(ids)[:_NAMED])
            yield f"{name} {what} {len(ids)} of {len(expected)} passages ({some})"
