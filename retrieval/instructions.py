"""Finds sentences that give orders to a language model; a document about ores has no use for them.

The patterns are narrow on purpose: new rules, bypassed directives and systems are what
documents of this industry are about.
"""

import re
from functools import lru_cache

from retrieval.passages import Passage
from retrieval.sentences import sentence_spans

WITHHELD = "[…]"
_MODEL = (
    r"(?:(?:ai |chat |virtual |this |the )?assistant|chat ?bots?|(?:this|the|slack) bot|ais?|a\.i\.|"
    r"(?:large |large language |language |chat |ai )models?|llms?|gpt|claude|chatgpt|monazite)"
)
_UNDO = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|discard|stop following|"
    r"(?:do not|don[’']t) (?:follow|obey))"
)
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|foregoing|initial|original|your|system|other)"
)
_ORDERS = r"(?:instructions?|prompts?|rules?|guidelines?|directives?|constraints?|passages?|text|context|orders)"
_SAY = r"(?:answer|respond|reply|say|state|write|print|output|append|tell|translate|speak|ping|notify|repeat|reveal|recommend)"
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|messages?)"
_PATTERNS = (
    # "Ignore all previous instructions", in several languages.
    rf"\b{_UNDO}\b[^.!?\n]{{0,40}}\b{_EARLIER}\b[^.!?\n]{{0,30}}\b{_ORDERS}\b",
    rf"\b{_UNDO} (?:all |any |the |these |those |everything )*(?:instructions?|prompts?|(?:said |written )?above)\b",
    r"\b(?:your|previous|prior|all) (?:instructions?|prompts?)\b[^.!?\n]{0,40}\b(?:void|cancel+ed|overridden|suspended|replaced|superseded|lifted|obsolete)\b",
    r"\b(?:ignorez|oubliez|ne tenez pas compte)\b[^.!?\n]{0,60}\b(?:instructions?|consignes?)\b",
    r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b[^.!?\n]{0,60}\b(?:anweisung\w*|vorgaben?)\b",
    r"\b(?:ignora|ignore|olvida|olvide)\b[^.!?\n]{0,60}\b(?:instrucciones|instruções|istruzioni)\b",
    r"(?:忽略|无视|忘记|不要理会)[^。！？\n]{0,30}(?:指令|指示|提示词?)",
    r"\b(?:игнорируй\w*|забудь\w*)\b[^.!?\n]{0,60}\bинструкци\w*",
    # New orders, and marks of the formats in which models are given theirs.
    r"\b(?:new|updated|real|actual|hidden|secret|additional|special) (?:system )?(?:instructions?|prompts?)\b\s*(?::|for\b)",
    r"\bsystem (?:prompt|message|instruction|override)s?\b",
    r"(?m:^\W*(?:system|assistant)\s*:)",
    r"(?m:^\W*#{2,}\s*(?:system|instruction|response|assistant|user)s?\W*$)",
    r"<\|\w+\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?|passages?|question|user)>",
    r"(?m:^\W*end of (?:the )?(?:passages?|documents?|context|data)\W*$)",
    # "You are now …", "dear language model", "the assistant must say …".
    rf"\byou are (?:now |hereby |no longer )?(?:an? |the |a )?(?:\w+ ){{0,2}}{_MODEL}\b",
    r"\byou are now\b|\byou are no longer (?:in|a|an|the|bound|allowed|required|free)\b",
    r"\b(?:from now on|henceforth)\b[^.!?\n]{0,30}\b(?:you|your|answer|respond|reply)\b",
    rf"\b(?:attention|dear|hey|(?:note|memo|message|instructions?) (?:to|for))\W+(?:all |any |every |future )?(?:\w+ )?{_MODEL}\b",
    rf"\b{_MODEL} (?:reading|processing|summari[sz]ing|answering) this\b",
    rf"\b{_MODEL} (?:must|should|shall|has to|have to|will now|is (?:required|instructed|ordered|told) to)\s+(?:\w+ ){{0,2}}{_SAY}\b",
    rf"\b(?:if|when) you are (?:an? )?{_MODEL}\b",
    rf"\b(?:pretend (?:to be|you|that)|role-?play|act as (?:an? )?{_MODEL})\b",
    # What to say, and how: "always answer …", "end every answer with …", "reply only in French".
    r"\b(?:always|only|never|instead,?) (?:answer|respond|reply|say)\b",
    r"\b(?:answer|respond|reply|say|output|print) (?:only|exactly|always|nothing but)\b",
    r"\bto (?:any|every|all) questions?\b[^.!?\n]{0,40}\b(?:answer|say|reply|respond)\b|\bin your (?:answers?|repl(?:y|ies)|responses?)\b",
    rf"(?m:^\W*{_SAY}\b[^.!?\n]{{0,60}}\bin (?:french|german|spanish|chinese|russian|latin|emoji|uppercase|capitals)\b)",
    rf"\b(?:{_SAY}|begin|start|end|finish|add|include|insert|post|put)\b[^.!?\n]{{0,60}}\b(?:your|every|each|all your) (?:final |next )?{_REPLY}\b",
    r"\b(?:tell|inform|instruct|advise|urge) (?:the )?(?:users?|readers?|askers?|everyone|everybody|anyone) (?:that|to)\b",
    # What only means something to Slack, or to what shows Markdown.
    r"(?:<!|@)(?:channel|here|everyone)\b",
    r"!\[[^\]]*\]\(|\bdata:text/html|\bjavascript:",
)  # fmt: skip
_INSTRUCTION = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def gives_orders(sentence: str) -> bool:
    """Says whether a sentence speaks to a language model, or to Slack, rather than to a reader."""
    return _INSTRUCTION.search(sentence) is not None


def withhold(text: str) -> str:
    """Returns `text` with each sentence that gives orders replaced by `[…]`.

    Where an order reaches over the end of a sentence, the whole text goes.
    """
    if not gives_orders(text):
        return text
    parts, last = [], 0
    for start, end in sentence_spans(text):
        if gives_orders(text[start:end]):
            parts += [text[last:start], WITHHELD]
            last = end
    kept = "".join([*parts, text[last:]])
    return WITHHELD if gives_orders(kept) else kept


@lru_cache(maxsize=4096)
def ordering_spans(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Returns the parts of a passage's text that are not to be trusted, as offsets in it.

    An order taints its whole paragraph: what stands beside it was put there by the same hand.
    """
    if not gives_orders(passage.text):
        return ()
    blocks: dict[int, list[int]] = {}
    for sentence in passage.sentences:
        places = (sentence.start - passage.start, sentence.end - passage.start)
        blocks.setdefault(sentence.block, []).extend(places)
    spans = [(min(places), max(places)) for places in blocks.values()]
    tainted = tuple(span for span in spans if gives_orders(passage.text[slice(*span)]))
    return tainted or ((0, len(passage.text)),)


def safe_text(passage: Passage) -> str:
    """Returns the text of a passage with its tainted paragraphs replaced by `[…]`."""
    text, shift = passage.text, 0
    for start, end in sorted(ordering_spans(passage)):
        text = text[: start + shift] + WITHHELD + text[end + shift :]
        shift += len(WITHHELD) - (end - start)
    return text
