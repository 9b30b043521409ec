"""Recognises what a web page leaves in a text: share links, teasers, notices."""

import re

# The longest line that may be furniture, but for what is known by how it begins: a pattern with
# many open ends must not be tried on a whole book.
_LINE = re.compile(
    r"""\A(?=(?s:.{0,300})\Z)\W{0,20}(?:
    you\ (?:might|may)\ also\ (?:like|enjoy|be\ interested).*
    | (?:related|recommended|popular|trending|latest)\ (?:articles?|posts?|stories|news|reading|content)\b.{0,20}
    | recommended\ for\ you.* | more\ (?:from|stories|news)\b.{0,60}
    | read\ (?:more|next|also|the\ full\ (?:story|article))\b.{0,80}
    | share\ (?:this|on|via|with)\b.{0,60} | share
    | (?:tweet|facebook|twitter|linkedin|pinterest|whatsapp|reddit|e-?mail|print|copy\ link)(?:\ this)?
    | (?:(?:tweet|share|facebook|twitter|linkedin|whatsapp|e-?mail|print)[\s|·•,/]*){2,}
    | (?:subscribe|sign\ up|register)\b.{0,80}(?:newsletters?|updates|alerts|inbox|today|now|free)\b.{0,40}
    | subscribe | follow\ us\b.{0,60} | join\ (?:our|the)\ (?:newsletter|mailing\ list|conversation).{0,40}
    | click\ here\b.{0,80} | advertisements?|sponsored(?:\ content)? | skip\ to\ (?:main\ )?content
    | (?:we|this\ (?:site|website))\ uses?\ cookies\b.* | accept\ (?:all\ )?cookies? | cookie\ (?:policy|settings)
    | (?:log|sign)\ ?in | leave\ a\ (?:comment|reply).* | post\ a\ comment | back\ to\ top | load\ more
    | (?:previous|next)\ (?:post|article|story).{0,80} | \d+\ (?:comments?|shares?|views?|likes?)
    | (?:(?:copyright|©|\(c\))[\s,]*)+\d{4}.{0,120} | .{0,60}\ball\ rights\ reserved\b.{0,40}
    | (?:reading\ time:?\s*)?\d+\ min(?:ute)?s?(?:\ read)? | tags?\s*:.{0,120} | image\ (?:credit|source).{0,80}
    | home\s*[>»/|].{0,120} | (?:privacy\ policy|terms\ of\ (?:use|service))(?:\W+.{0,60})?
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_TEASER_START = re.compile(
    r"^\W*+(?:you (?:might|may) also|(?:related|recommended|popular|trending) "
    r"(?:articles?|posts?|stories|news|reading|content)|recommended for you|more from|read (?:next|also))",
    re.IGNORECASE,
)
_LONG_LINE = re.compile(
    r"\A\W{0,20}(?:you (?:might|may) also (?:like|enjoy|be interested)|recommended for you|"
    r"(?:we|this (?:site|website)) uses? cookies\b|leave a (?:comment|reply))[^\n]*+\Z",
    re.IGNORECASE,
)
_INLINE = re.compile(r"\(opens? in (?:a )?new (?:tab|window)\)", re.IGNORECASE)
_TRAILING_INLINE = re.compile(rf"(?<!\s)\s*+{_INLINE.pattern}[\s.]*+\Z", re.IGNORECASE)


def is_boilerplate(line: str) -> bool:
    """Says whether a whole line is page furniture rather than the document's own words."""
    return bool(_LINE.match(line.strip()) or _LONG_LINE.match(line.strip()))


def starts_teasers(line: str) -> bool:
    """Says whether a line of boilerplate announces a list of links to other pages."""
    return bool(_TEASER_START.match(line))


def has_inline_boilerplate(text: str) -> bool:
    """Says whether a link note such as "(opens in a new tab)" stands in `text`."""
    return bool(_INLINE.search(text))


def without_trailing_boilerplate(text: str) -> str:
    """Returns `text` up to a link note that ends it; a verbatim prefix of `text`."""
    return _TRAILING_INLINE.sub("", text)
