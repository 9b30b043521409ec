import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.delivery.mrkdwn import (
    cut,
    escape,
    escape_markdown,
    markdown_pieces,
    sections_of,
    unescape,
)


@pytest.mark.parametrize(
    "attack", ["<!channel>", "<@U123>", "<https://evil.example|Slack>", "&lt;!here&gt;"]
)
def test_no_text_can_ping_or_link(attack: str) -> None:
    assert "<" not in escape(attack)
    assert ">" not in escape(attack)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("<@U0BOT> What is &lt; 5%?", "What is < 5%?"),
        ("see <https://a.example|this page> in <#C1|mining>", "see this page in #mining"),
        ("<@U1|bot>  hello\nthere", "hello there"),
    ],
)
def test_what_a_person_typed_is_read_back(typed: str, meant: str) -> None:
    assert unescape(typed) == meant


@given(st.text(alphabet="ab &<>\n", max_size=400), st.integers(40, 120))
def test_sections_fit_and_lose_nothing_but_white_space(text: str, limit: int) -> None:
    parts = sections_of(escape(text), limit)
    assert all(0 < len(part) <= limit for part in parts if part.strip())
    assert "".join("".join(parts).split()) == "".join(escape(text).split())
    assert all(part.count("&") == part.count(";") for part in parts)


@given(st.text(alphabet="ab &<>", max_size=200))
def test_a_cut_text_fits_and_breaks_no_entity(text: str) -> None:
    shortened = cut(escape(text), 60)
    assert len(shortened) <= 60
    assert shortened.count("&") == shortened.count(";")


def test_markdown_of_documents_shows_as_it_is() -> None:
    assert escape_markdown("*a* [b](https://e.example) <!here> `c` _d_") == (
        r"\*a\* \[b\](https://e.example) &lt;\!here&gt; \`c\` \_d\_"
    )


def test_streamed_pieces_are_lines_that_make_up_the_whole() -> None:
    text = "First [1]\n\nSecond\nThird"
    pieces = markdown_pieces(text)
    assert pieces == ["First \\[1\\]\n\n", "Second\n", "Third"]
    assert "".join(pieces) == escape_markdown(text)


@pytest.mark.parametrize("ping", ["@channel", "@here", "@Everyone"])
def test_markdown_cannot_ping(ping: str) -> None:
    assert ping not in escape_markdown(f"Tell {ping} now")
    assert escape_markdown("me@example.org") == "me@example.org"
