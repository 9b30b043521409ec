"""Citation recall and precision after ALCE, of statements and the passages they cite.

Definitions: Gao, Yen, Yu, Chen, "Enabling Large Language Models to Generate Text with
Citations", EMNLP 2023 (arXiv:2305.14627), section 4. A statement has recall 1 when the
passages it cites entail it together. A citation has precision 1 when its statement has
recall 1 and it is not irrelevant; it is irrelevant when it does not entail the statement
by itself and the others do without it.

ALCE judges entailment with an NLI model of 11 billion parameters. Here rules judge: every
number, date and name, and three quarters of the words. The figures of the two do not compare.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bot.writing.support import StatementEvidence, known_share, lacking
from retrieval.text.glossary import Glossary

Entails = Callable[[str, str], bool]
_WORDS_BORNE_OUT = 0.75


@dataclass(frozen=True, slots=True)
class Cited:
    """A statement and the texts of the passages that it cites."""

    statement: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitationQuality:
    """Shares from 0 to 1: recall of statements, precision of citations; 0 where there are none."""

    recall: float
    precision: float


def citation_quality(statements: Iterable[Cited], entails: Entails) -> CitationQuality:
    """Returns the means over all statements, and over all their citations."""
    recalls: list[bool] = []
    precise: list[bool] = []
    for cited in statements:
        recall = bool(cited.passages) and entails("\n".join(cited.passages), cited.statement)
        recalls.append(recall)
        precise += [
            recall and not _is_irrelevant(place, cited, entails)
            for place in range(len(cited.passages))
        ]
    return CitationQuality(_mean(recalls), _mean(precise))


def entailed_by_rules(glossary: Glossary) -> Entails:
    """Returns the judge described above: `entails(premise, statement)`."""

    def entails(premise: str, statement: str) -> bool:
        borne_out = lacking(statement, StatementEvidence(premise), glossary) is None
        return borne_out and known_share(statement, premise, glossary) >= _WORDS_BORNE_OUT

    return entails


def _is_irrelevant(place: int, cited: Cited, entails: Entails) -> bool:
    alone, others = cited.passages[place], cited.passages[:place] + cited.passages[place + 1 :]
    return not entails(alone, cited.statement) and entails("\n".join(others), cited.statement)


def _mean(values: Sequence[bool]) -> float:
    return round(fmean(values), 4) if values else 0.0
