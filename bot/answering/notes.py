"""What a reader is told when an answer is not as usual."""

from collections.abc import Iterable, Sequence

from bot.answers.citations import CitedStatement
from bot.answers.wording import readable_date
from bot.writing.failures import ChatFailure
from retrieval.domain.single_line import single_line_path

BROKE_OFF = "The written answer broke off here; what stands above was verified."
_REASONS = {
    ChatFailure.TIMEOUT: "the language model did not answer in time",
    ChatFailure.DEADLINE: "the language model did not answer in time",
    ChatFailure.RATE_LIMITED: "the language model has too much to do just now",
    ChatFailure.UNAVAILABLE: "the language model cannot be reached just now",
    ChatFailure.TOO_LONG: "the passages are too long for the language model",
    ChatFailure.REFUSED: "the language model declined to answer",
    ChatFailure.MALFORMED: "the language model's answer could not be read",
    ChatFailure.DENIED: "the language model does not accept this installation; please tell an admin",
    ChatFailure.REJECTED: "the language model does not accept this installation; please tell an admin",
    ChatFailure.BUDGET: "today's budget for written answers is used up",
    ChatFailure.BROKEN: "the language model failed",
}


def verbatim_note(failure: ChatFailure) -> str:
    """Returns the note under sentences that stand in for a written answer."""
    reason = _REASONS[failure]
    return f"{reason[0].upper()}{reason[1:]}: these are the documents' own sentences."


def unanswered_note(parts: Sequence[str]) -> str:
    """Returns the note that names the parts of a question that the documents do not answer."""
    return f"The documents don't seem to answer: {' · '.join(parts)}" if parts else ""


def unsure_note(parts: Sequence[str], several: bool) -> str:
    """Returns the note under sentences that may not be what was asked for.

    `parts` are the questions they may not answer, named where the reader asked `several`.
    """
    if not parts:
        return ""
    asked = f"quotes answer: {' · '.join(parts)}" if several else "quote answers what you asked."
    return f"I am not quite sure. Please check that the {asked}"


def outdated_note(cited: Iterable[CitedStatement]) -> str:
    """Returns what readers are told of sources whose files are not what is quoted any more; "" if none."""
    found = {
        citation.document: citation.outdated
        for statement in cited
        for citation in statement.citations
        if citation.outdated
    }
    lines = (
        f"{single_line_path(name)} has changed and cannot be read any more, as was seen on "
        f"{readable_date(day)}: this is what it said before."
        for name, day in found.items()
    )
    return "\n".join(lines)
