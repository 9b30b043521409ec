"""Shows a number as a spreadsheet shows it: by its format code, such as `0.0%` or `#,##0;(#,##0)`.

Source: ECMA-376-1:2016, 18.8.30 and 18.8.31. The only package for this on PyPI, `ssf` 0.2.2, is no
longer kept and fails to start with today's Babel.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

from retrieval.loading.office.serial_dates import DateShown, is_date_token

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]{0,100})\]'
    r"|(?P<general>General)|(?P<meridiem>AM/PM|A/P|am/pm|a/p)|(?P<date>y+|m+|d+|h+|s+|Y+|M+|D+|H+|S+)"
    r"|(?P<exponent>E[+-])|(?P<digit>[0#?])|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\Z")
_CURRENCY = re.compile(r"\$([^-]*)(?:-([0-9A-Fa-f]+))?\Z")
_ELAPSED = re.compile(r"(?:h+|m+|s+)\Z", re.IGNORECASE)
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b, "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip
# What Excel stores of a number: https://support.microsoft.com (15 significant digits).
_DIGITS = 15
# What most formats are: `#,##0.00` and its like, words before and behind.
_USUAL = re.compile(r"(?P<grouped>#,##)?#*0(?:\.(?P<decimals>0*))?\Z")


@dataclass
class _Section:
    """One of the up to four parts of a format code: pairs of kind and text."""

    tokens: list[tuple[str, str]] = field(default_factory=list)
    test: tuple[str, float] | None = None
    language: int = 0

    @cached_property
    def usual(self) -> "_Usual | None":
        return _usual(self.tokens)

    @cached_property
    def date(self) -> DateShown:
        return DateShown(self.tokens, self.language)

    @cached_property
    def is_date(self) -> bool:
        return any(is_date_token(kind) for kind, _ in self.tokens)


@dataclass(frozen=True, slots=True)
class _Usual:
    """Digits in one piece, with at most a comma each thousand; `unit` is that of the last digit."""

    before: str
    behind: str
    grouped: bool
    unit: Decimal
    percents: int

    def shown(self, value: float) -> str:
        exact = Decimal(f"{value:.{_DIGITS}g}").scaleb(2 * self.percents)
        number = exact.quantize(self.unit, ROUND_HALF_UP)
        digits = f"{abs(number):,f}" if self.grouped else f"{abs(number):f}"
        return f"{'-' if number < 0 else ''}{self.before}{digits}{self.behind}"


class NumberFormat:
    """A format code, taken apart once. Raises nothing: a code that makes no sense shows the number."""

    def __init__(self, code: str) -> None:
        self._sections = [_section(part) for part in _split(code)] or [_Section()]
        self._numeric = self._sections[:3]
        self.is_date = self._sections[0].is_date

    def shown(self, value: float, *, since_1904: bool = False) -> str:
        """Returns `value` as it is shown; empty where the format hides it."""
        try:
            section, number = self._chosen(value)
            if section.is_date:
                return section.date.shown(value, since_1904)
            usual = section.usual
            shown = usual.shown(number) if usual else _number(section.tokens, number)
            return " ".join(shown.split())
        except (ArithmeticError, ValueError):
            return general(value)

    @property
    def hides_text(self) -> bool:
        """Says whether texts under this format are not shown (`;;;`)."""
        return len(self._sections) == 4 and not self._sections[3].tokens

    def _chosen(self, value: float) -> tuple[_Section, float]:
        """The section for a number, and the number as that section shows it: mostly without sign."""
        sections = self._numeric
        if any(one.test for one in sections):
            for number, one in enumerate(sections):
                if one.test is None or _TESTS[one.test[0]](value, one.test[1]):
                    return one, value if number == 0 or one.test is None else abs(value)
            return sections[-1], value
        if value < 0 and len(sections) > 1:
            return sections[1], -value
        if value == 0 and len(sections) > 2:
            return sections[2], value
        return sections[0], value


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """Returns the format of a code."""
    return NumberFormat(code or "General")


def general(value: float) -> str:
    """Returns a number as the format `General` shows it, whole numbers with all their digits."""
    if value == int(value) and abs(value) < 10**_DIGITS:
        return str(int(value))
    return f"{value:.10g}".upper()


def _split(code: str) -> list[str]:
    parts, current = [], ""
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(current)
            current = ""
        else:
            current += match[0]
    return [*parts, current]


def _section(part: str) -> _Section:
    section = _Section()
    for match in _TOKEN.finditer(part):
        kind, text = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "bracket":
            _bracket(section, text)
        elif kind in ("quoted", "escaped"):
            section.tokens.append(("literal", text))
        elif kind in ("space", "fill"):
            section.tokens.append(("literal", " " if kind == "space" or text == " " else ""))
        elif kind == "date":
            section.tokens.append(("date", text.lower()))
        else:
            section.tokens.append((kind, text))
    return section


def _bracket(section: _Section, text: str) -> None:
    """Colours say nothing in a text; conditions, currencies, languages and elapsed times do."""
    if condition := _CONDITION.match(text):
        section.test = condition[1], float(condition[2])
    elif currency := _CURRENCY.match(text):
        section.tokens.append(("literal", currency[1]))
        section.language = int(currency[2] or "0", 16) & 0xFFFF
    elif _ELAPSED.match(text):
        section.tokens.append(("elapsed", text.lower()))


def _usual(tokens: list[tuple[str, str]]) -> _Usual | None:
    kinds = [kind for kind, _ in tokens]
    if "digit" not in kinds or not {"general", "exponent"}.isdisjoint(kinds):
        return None
    first, last = kinds.index("digit"), len(kinds) - 1 - kinds[::-1].index("digit")
    found = _USUAL.match("".join(text for _, text in tokens[first : last + 1]))
    around = [*tokens[:first], *tokens[last + 1 :]]
    if not found or any(kind == "other" and text in ",." for kind, text in around):
        return None
    unit = Decimal(1).scaleb(-len(found["decimals"] or ""))
    before, behind = (
        "".join(text for _, text in part) for part in (tokens[:first], tokens[last + 1 :])
    )
    percents = sum(one == ("other", "%") for one in around)
    return _Usual(before, behind, found["grouped"] is not None, unit, percents)


def _number(tokens: list[tuple[str, str]], value: float) -> str:
    kinds = [kind for kind, _ in tokens]
    if "general" in kinds:
        return "".join(general(value) if kind == "general" else text for kind, text in tokens)
    if "digit" not in kinds:
        sign = "-" if value < 0 else ""
        return sign + "".join("" if text == "@" else text for _, text in tokens)
    if "exponent" in kinds:
        return _scientific(tokens, value)
    first = kinds.index("digit")
    slash = next((i for i, one in enumerate(tokens) if one == ("other", "/") and i > first), 0)
    return _fraction(tokens, value, slash) if slash else _plain(tokens, value)


def _plain(tokens: list[tuple[str, str]], value: float) -> str:
    digits = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    last = digits[-1]
    point = next((i for i, one in enumerate(tokens) if one == ("other", ".")), len(tokens))
    before = [i for i in digits if i < point]
    after = [i for i in digits if i > point]
    commas = [i for i, one in enumerate(tokens) if one == ("other", ",")]
    edge = before[-1] if before else -1
    grouped = any(before and before[0] < i < edge for i in commas)
    scale = sum(i > (last if i > point else edge) for i in commas)
    percents = sum(one == ("other", "%") for one in tokens)
    number = Decimal(f"{value:.{_DIGITS}g}") * 100**percents / Decimal(1000) ** scale
    number = number.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP)
    whole, _, decimals = f"{abs(number):f}".partition(".")
    places = _placed(tokens, before, whole, grouped=grouped)
    places |= _decimals(tokens, after, decimals)
    body = "".join(
        places.get(i, "") if kind == "digit" else "" if i in commas else text
        for i, (kind, text) in enumerate(tokens)
    )
    if point < len(tokens) and not before:
        body = body.replace(".", (whole if whole != "0" else "") + ".", 1)
    return f"-{body.strip()}" if number < 0 else body


def _placed(
    tokens: list[tuple[str, str]], before: list[int], whole: str, *, grouped: bool
) -> dict[int, str]:
    """The digits before the point by their placeholder; the first one takes all that are left."""
    left = whole.lstrip("0")
    shown: dict[int, str] = {}
    count = 0
    for place in reversed(before):
        wanted = left if place == before[0] and left else left[-1:]
        left = left[: len(left) - len(wanted)]
        filler = {"0": "0", "?": " "}.get(tokens[place][1], "")
        text = ""
        for digit in reversed(wanted or filler):
            text = (
                digit
                + ("," if grouped and count and count % 3 == 0 and digit != " " else "")
                + text
            )
            count += 1
        shown[place] = text
    return shown


def _decimals(tokens: list[tuple[str, str]], after: list[int], decimals: str) -> dict[int, str]:
    """The digits behind the point; zeros at the end stand only where the code has a 0."""
    shown: dict[int, str] = {}
    needed = False
    for place, digit in reversed(list(zip(after, decimals, strict=False))):
        needed = needed or digit != "0" or tokens[place][1] == "0"
        shown[place] = digit if needed else ""
    return shown


def _scientific(tokens: list[tuple[str, str]], value: float) -> str:
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "exponent")
    point = next((i for i, one in enumerate(tokens) if one == ("other", ".")), at)
    digits = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    decimals = sum(point < i < at for i in digits)
    width = max(1, sum(i < point for i in digits))
    exponent = Decimal(repr(value)).adjusted() if value else 0
    exponent = exponent // width * width if width > 1 else exponent
    mantissa = (Decimal(repr(value)).scaleb(-exponent)).quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP
    )
    if abs(mantissa) >= 10**width:
        mantissa, exponent = mantissa / 10**width, exponent + width
    sign = "-" if exponent < 0 else "+" if tokens[at][1] == "E+" else ""
    size = sum(i > at for i in digits)
    lead = "".join(text for kind, text in tokens[: digits[0]] if kind == "literal")
    tail = "".join(text for kind, text in tokens[digits[-1] + 1 :] if kind == "literal")
    return f"{lead}{mantissa:.{decimals}f}E{sign}{abs(exponent):0{size}d}{tail}"


def _fraction(tokens: list[tuple[str, str]], value: float, slash: int) -> str:
    below = "".join(text for kind, text in tokens[slash + 1 :] if kind in ("digit", "other"))
    below = below.strip()
    exact = Fraction(repr(abs(value)))
    if below.isdecimal() and int(below):
        part = Fraction(round(exact * int(below)), int(below))
        top, bottom = round(part * int(below)), int(below)
    else:
        part = exact.limit_denominator(10 ** max(1, min(4, len(below))) - 1)
        top, bottom = part.numerator, part.denominator
    digits = [i for i, (kind, _) in enumerate(tokens[:slash]) if kind == "digit"]
    mixed = any(tokens[i][1].isspace() for i in range(digits[0], slash))
    sign = "-" if value < 0 and top else ""
    if not mixed:
        return f"{sign}{top}/{bottom}"
    whole, rest = divmod(top, bottom)
    parts = [str(whole)] if whole or not rest else []
    return sign + " ".join([*parts, *([f"{rest}/{bottom}"] if rest else [])])
