"""What one question has used of the chat model so far, and what that cost."""

from dataclasses import dataclass, field

from bot.costs.prices import Tokens, total_cost


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a chat model: what for, how it ended ("ok" or a failure), at what cost."""

    purpose: str
    outcome: str
    tokens: Tokens
    cost: float | None
    seconds: float


@dataclass(slots=True)
class Usage:
    """The calls made for one question."""

    calls: list[Call] = field(default_factory=list)

    def add(self, call: Call) -> None:
        """Notes a call."""
        self.calls.append(call)

    @property
    def tokens(self) -> Tokens:
        """Returns the sum of all calls' tokens."""
        counts = [call.tokens for call in self.calls]
        return Tokens(
            sum(one.read for one in counts), sum(one.written for one in counts),
            sum(one.cached for one in counts), any(one.estimated for one in counts),
        )  # fmt: skip

    @property
    def cost(self) -> float | None:
        """Returns US dollars, None when a call's price is not known; 0 without calls."""
        return total_cost([call.cost for call in self.calls])
