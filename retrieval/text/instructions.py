"""Finds sentences that give orders to a language model, rather than to people.

The patterns are narrow on purpose. Handbooks, contracts and minutes are full of orders to people
("always answer the telephone", "tell the users that the kiln is closed", "new instructions for
operators"), and a list of words can neither know every order to a machine nor be kept from crying
wolf. What holds orders back is the fence around what a model reads and the gate that its statements
pass; what is found here is kept from the model on top of that, and reported. Verbatim answers
have no model to protect: they quote such sentences like any other.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from retrieval.domain.passages import Passage
from retrieval.text.sentences import sentence_spans

WITHHELD = "[…]"
# What no reader sees, and a model may: zero width, directions, tags.
INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
# A machine, and nobody who might work in an office; "monazite" is a mineral here.
_MACHINE = (
    r"(?:(?:ai|virtual|chat) assistants?|ai models?|ai(?: language model)?s?|a\.i\.|chat-?bots?|chat bots?|(?:slack|this|the) bot|"
    r"(?:large )?language models?|llms?|chatgpt|gpt(?:-?\d)?|claude)"
)
_UNDO = r"(?:ignore|disregard|forget|do not obey|don[’']t obey|stop following)"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|initial|original|system|other)"
_ORDERS = r"(?:instructions?|prompts?|rules?|guidelines?|directives?|constraints?|passages?|text|context|orders|messages?)"
_ALL = r"(?:(?:all|any|every|of|the|these|those|everything|your|my|our|completely) ){0,4}"
_TONGUE = r"(?:french|german|spanish|chinese|russian|latin|emoji|uppercase|capitals)"
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?)"
# A space stands for any white space. Nothing here reads on without an end, so that the time for
# a text grows with its length: `(?m:^…)` never crosses the end of a line.
_PATTERNS = (
    # "Ignore all previous instructions", in several languages.
    rf"\b{_UNDO} {_ALL}{_EARLIER} (?:\w{{1,20}} )?{_ORDERS}\b",
    r"\b(?:ignore|disregard|forget|override|bypass) your (?:\w{1,20} )?(?:instructions?|prompts?|rules|guidelines|training|programming|constraints?)\b",
    rf"\b{_UNDO} {_ALL}(?:(?:instructions?|prompts?) )?(?:you were (?:told|given)|(?:said|written) above)\b",
    rf"\b{_UNDO} {_ALL}prompts?\b",
    r"\byour (?:previous |prior |system )?(?:instructions?|prompts?)\b[^.!?\n]{0,40}\b(?:void|cancel+ed|overridden|suspended|superseded|lifted|obsolete)\b",
    r"\b(?:ignorez|oubliez|ne tenez pas compte)\b[^.!?\n]{0,60}\b(?:instructions?|consignes?)\b",
    r"\b(?:ignorieren sie|ignoriere|vergiss|vergessen sie)\b[^.!?\n]{0,60}\b(?:anweisung\w{0,8}|vorgaben?)\b",
    r"\b(?:ignora|ignore|olvida|olvide)\b[^.!?\n]{0,60}\b(?:instrucciones|instruções|istruzioni)\b",
    r"(?:忽略|无视|忘记|不要理会)[^。！？\n]{0,30}(?:指令|指示|提示词?)",
    r"\b(?:игнорируй\w{0,4}|забудь\w{0,4})\b[^.!?\n]{0,60}\bинструкци\w{0,4}",
    # Marks of the formats in which models are given their orders.
    rf"\b(?:new|updated|real|actual|hidden|secret) (?:system (?:instructions?|prompts?)\b|(?:instructions?|prompts?) for (?:the |all |any )?{_MACHINE}\b)",
    r"\bsystem prompts?\b",
    r"(?m:^[^\w\n]*+(?-i:SYSTEM)(?: (?:MESSAGE|NOTE|OVERRIDE))?[\x20\t]{0,4}:)",
    r"(?m:^[^\w\n]*+(?:user|human)[\x20\t]{0,4}:[^\n]{0,300}\n[^\w\n]*+assistant[\x20\t]{0,4}:)",
    r"<!--\s{0,4}(?:assistant|system)\b",
    r"(?m:^[\x20\t>]*+\#{3,6}[\x20\t]{0,4}(?:system|instruction|response|assistant)s?[\x20\t]{0,4}:?[\x20\t]{0,4}$)",
    r"<\|\w{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?|passages?|question|user)>",
    r"(?m:^[^\w\n]*+end of (?:the )?(?:passages?|context)[^\w\n]*+$)",
    # "You are now …", "dear language model", "the chat bot must say …".
    rf"\byou are (?:now |hereby |no longer )?(?:an? |the )?(?:\w{{1,20}} )?{_MACHINE}\b(?! \w{{1,20}}\b)",
    r"\byou are now (?:(?-i:DAN)\b|in (?:citation|developer|debug|admin|god|jailbreak|unrestricted|root) mode\b)",
    r"\byou are now free to (?:say|answer|ignore|reveal|write)\b",
    r"\byou are no longer (?:bound|restricted|limited) by (?:your|any|the) (?:rules|instructions|guidelines|restrictions)\b",
    rf"\b(?:attention|dear|hey|(?:note|memo|message|instructions?) (?:to|for))\W{{1,3}}(?:all |any |every |future |the )?(?:{_MACHINE}|assistants?)\s{{0,2}}[:,]",
    rf"\b(?:{_MACHINE}|assistants?) (?:reading|processing|summari[sz]ing|answering) this\b",
    rf"\b{_MACHINE} (?:must|should|shall|has to|have to|will now) (?:\w{{1,20}} )?(?:reveal|ignore|obey|say|reply|respond)\b",
    r"\bmonazite (?:must|should|shall|has to|will now) (?:\w{1,20} )?(?:reveal|ignore|obey|answer|reply|respond)\b",
    rf"\b(?:pretend (?:to be|you are)|act as) (?:an? |the )?(?:\w{{1,20}} )?{_MACHINE}\b",
    # What to say, and how: "end every answer with …", "reply only in French".
    rf"\b(?:from now on|henceforth)\b[^.!?\n]{{0,20}}\b(?:answer|respond|reply|speak|write)\b[^.!?\n]{{0,10}}\bin {_TONGUE}\b",
    rf"(?m:^[^\w\n]*+(?:translate|answer|respond|reply|speak|write)\b[^.!?\n]{{0,20}}\b(?:what follows|the following|everything|only)\b[^.!?\n]{{0,60}}\bin {_TONGUE}\b)",
    r"\b(?:output|print|say|(?:reply|respond|answer) with) only\s{0,2}[`\"“]",
    rf"\bin your {_REPLY}\b,? (?:write|include|print|add|put|append)\s{{0,2}}[\#*`<!\[]",
    rf"\b(?:begin|start|end|finish) (?:every|each|all)(?: of)?(?: your)? {_REPLY}\b",
    r"\bto (?:any|every|all) questions?\b[^.!?\n]{0,20}\b(?:answer|say|reply|respond) (?:that|with|only)\b",
    r"\b(?:tell|inform|advise|urge) (?:the |all )?(?:readers?|askers?) (?:that [^.!?\n]{0,30}\b(?:should|must)|to) (?:buy|sell|visit|click|download|pay)\b",
    # What only means something to Slack, or to what shows Markdown.
    r"<!(?:channel|here|everyone)\b|\b(?:say|answer|reply|respond)\b[^.!?\n]{0,30}@(?:channel|here|everyone)\b",
    r"!\[[^\]\n]{0,200}\]\(|\bdata:text/html|\bjavascript:",
)  # fmt: skip
_INSTRUCTION = re.compile(
    "|".join(f"(?:{pattern})" for pattern in _PATTERNS).replace(" ", r"\s{1,4}"), re.IGNORECASE
)


def gives_orders(text: str) -> bool:
    """Says whether a text speaks to a language model, or to Slack, rather than to a reader."""
    return next(_orders(text), None) is not None


def _orders(text: str) -> Iterator[tuple[int, int]]:
    """Where orders stand in a text; letters that no reader sees hide none."""
    seen = None
    shown = text
    if INVISIBLE.search(text):
        seen = [at for at, letter in enumerate(text) if not INVISIBLE.match(letter)]
        shown = "".join(text[at] for at in seen)
    for match in _INSTRUCTION.finditer(shown):
        start, end = match.span()
        yield (start, end) if seen is None else (seen[start], seen[end - 1] + 1)


def withhold(text: str) -> str:
    """Returns `text` with each sentence that gives orders replaced by `[…]`.

    Where an order reaches over the end of a sentence, both go.
    """
    return _without(text, _touched(sentence_spans(text), _orders(text)))


@lru_cache(maxsize=4096)
def ordering_spans(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Returns the parts of a passage's text that no chat model is to read, as offsets in it.

    An order taints its whole paragraph: what stands beside it was put there by the same hand.
    """
    blocks: dict[int, list[int]] = {}
    for sentence in passage.sentences:
        places = (sentence.start - passage.start, sentence.end - passage.start)
        blocks.setdefault(sentence.block, []).extend(places)
    whole = (0, len(passage.text))
    spans = [(min(places), max(places)) for places in blocks.values()] or [whole]
    return tuple(_touched(spans, _orders(passage.text)))


def _touched(
    spans: list[tuple[int, int]], orders: Iterator[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Those of the `spans` that an order touches; where it touches none, the order itself."""
    spans.sort()
    starts = [start for start, _ in spans]
    touched: dict[tuple[int, int], None] = {}
    for start, end in orders:
        first = max(0, bisect_right(starts, start) - 1)
        last = bisect_left(starts, end)
        found = [span for span in spans[first:last] if span[1] > start]
        touched |= dict.fromkeys(found or [(start, end)])
    return sorted(touched)


def notice_of(name: str, passages: Iterable[Passage]) -> str:
    """Returns what an indexing run says of a document that holds orders; nothing of any other."""
    count = sum(bool(ordering_spans(passage)) for passage in passages)
    if not count:
        return ""
    told = "1 passage reads" if count == 1 else f"{count:,} passages read"
    return (
        f"{name}: {told} like orders to a language model; "
        "a chat model is not shown those paragraphs, verbatim answers may quote them"
    )


def safe_text(passage: Passage) -> str:
    """Returns the text of a passage with its tainted paragraphs replaced by `[…]`."""
    return _without(passage.text, ordering_spans(passage))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, last = [], 0
    for start, end in spans:
        if start >= last:
            parts += [text[last:start], WITHHELD]
        last = max(last, end)
    kept = "".join([*parts, text[last:]])
    # What was apart may make an order once it stands together.
    return WITHHELD if parts and gives_orders(kept) else kept
