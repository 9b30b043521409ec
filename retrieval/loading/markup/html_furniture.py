"""Tells a page's own words from what stands on every page of a site: menus, notices, teasers."""

import re
from typing import Any

from retrieval.loading.markup.html_text import inline_text, is_hidden

_BY_TAG = {
    "nav": "navigation",
    "footer": "footer of the page",
    "header": "header of the page",
    "aside": "text beside the article",
    "form": "form",
    "dialog": "dialog",
    "noscript": "text for browsers without scripts",
    "select": "form",
    "button": "form",
    "textarea": "form",
}
_BY_ROLE = {
    "navigation": "navigation",
    "banner": "header of the page",
    "contentinfo": "footer of the page",
    "complementary": "text beside the article",
    "search": "form",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "menu": "navigation",
    "menubar": "navigation",
}
_BY_NAME = re.compile(
    r"(?:\A|[-_\s])(?:(?P<sure>nav(?:bar|igation)?|breadcrumbs?|cookies?|consent|gdpr|sharing|"
    r"share-?(?:buttons?|bar|links?|tools?)|social-?(?:links?|share|media|bar)?|newsletter|pagination|"
    r"popup|modal|skip-?link|advert(?:isement)?s?|adsbygoogle|masthead)|"
    r"(?P<maybe>menu|share|related|recommended|promo|sidebar|subscribe|footer|comments?|teasers?|"
    r"banner|more-?(?:news|stories|articles)))(?:\Z|[-_\s])",
    re.IGNORECASE,
)
_NEAR_THE_ARTICLE = ("article", "main")


class Furniture:
    """Says what an element of one page is, if it is no part of its own text.

    Whatever holds a good part of the page's words is never furniture, nor a table, nor the
    heading of the page.
    """

    def __init__(self, body: Any) -> None:
        self._words = max(1, len(inline_text(body).split()))

    def kind_of(self, element: Any) -> str:
        """Returns what an element is, such as `navigation`; "" for a part of the text."""
        if is_hidden(element):
            return "hidden text"
        kind = self._suspected(element)
        if not kind:
            return ""
        words = len(inline_text(element).split())
        if kind != "form" and element.tag != "noscript" and words > 0.4 * self._words:
            return ""
        if element.tag == "form" and words > 0.2 * self._words:
            return ""
        return kind

    def _suspected(self, element: Any) -> str:
        tag, role = element.tag, (element.get("role") or "").lower()
        near = any(parent.tag in _NEAR_THE_ARTICLE for parent in element.iterancestors())
        if tag == "header" or role == "banner":
            # The heading, the author and the date of an article stand in its header.
            return "" if near or element.find(".//h1") is not None else "header of the page"
        if tag in ("footer", "aside") and near and links_share(element) < 0.5:
            return ""
        if kind := _BY_TAG.get(tag) or _BY_ROLE.get(role):
            return kind
        if element.find(".//table") is not None or element.find(".//h1") is not None:
            return ""
        return _by_name(element) or self._list_of_links(element, near=near)

    def _list_of_links(self, element: Any, *, near: bool) -> str:
        if near or element.tag not in ("ul", "ol", "div", "p") or links_share(element) < 0.9:
            return ""
        links = element.findall(".//a")
        words = len(inline_text(element).split())
        short = words <= 4 * len(links)
        return "navigation" if len(links) >= 4 and short and words < 0.3 * self._words else ""


def links_share(element: Any) -> float:
    """Returns which part of the characters of an element stand in links."""
    whole = len(inline_text(element))
    linked = sum(len(inline_text(link)) for link in element.iter("a"))
    return linked / whole if whole else 0.0


def _by_name(element: Any) -> str:
    if element.tag not in ("div", "section", "ul", "ol", "p", "span", "li", "table"):
        return ""
    for name in (element.get("class") or "", element.get("id") or ""):
        found = _BY_NAME.search(name[:300])
        if found and (found["sure"] or links_share(element) >= 0.4):
            return f"{(found['sure'] or found['maybe']).lower()} of the page"
    return ""
