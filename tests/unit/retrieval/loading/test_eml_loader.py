from email.message import EmailMessage

import pytest

from retrieval.domain.documents import Document
from retrieval.loading.registry import load_document


def load(data: bytes) -> Document:
    return load_document(data, "a.eml")


def blocks(document: Document) -> list[tuple[str, str]]:
    """Texts below the headers, each with the part that it stands in."""
    named = ("From:", "To:", "Date:", "Cc:")
    found = [(b.place.part, document.text[b.start : b.end]) for b in document.blocks]
    return [one for one in found[1:] if not one[1].startswith(named) or one[0]]


def mail(subject: str = "Lots of May") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Rut Bell <rut@example.org>"
    message["To"] = "team@example.org"
    message["Date"] = "Tue, 14 May 2024 09:00:00 +0200"
    message["Subject"] = subject
    return message


def test_text_after_an_attachment_is_read() -> None:
    message = mail()
    message.set_content("The first lot leaves on 3 June.")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="lot.pdf")
    second = EmailMessage()
    second.set_content("The second lot leaves on 17 June.")
    message.attach(second)
    document = load(message.as_bytes())
    assert [text for _, text in blocks(document)] == [
        "The first lot leaves on 3 June.",
        "Attached: lot.pdf",
        "The second lot leaves on 17 June.",
    ]
    (loss,) = document.losses
    assert (loss.what, loss.where) == ("attachment", "lot.pdf")


def test_a_forwarded_message_is_read_with_its_own_headers() -> None:
    inner = mail("Assay of the Bodin lot")
    inner.set_content("The assay found 61.5 percent oxide.")
    outer = mail("Fwd: Assay")
    outer.set_content("See below.")
    outer.add_attachment(inner)
    document = load(outer.as_bytes())
    part = "forwarded message Assay of the Bodin lot"
    assert (part, "From: Rut Bell <rut@example.org>") in blocks(document)
    assert (part, "The assay found 61.5 percent oxide.") in blocks(document)
    assert document.losses == ()


@pytest.mark.parametrize(
    "charset", ["x-unknown-9", "utf-8", "us-ascii", "windows-1250", "iso-8859-1"]
)
def test_a_charset_that_is_wrong_or_unknown_costs_nothing(charset: str) -> None:
    head = b"From: a@x.org\nSubject: x\nContent-Type: text/plain; charset=" + charset.encode()
    document = load(head + b"\n\n" + "Größere Mengen Złoto für Köln".encode())
    assert "Größere Mengen Złoto für Köln" in document.text


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>The price of lot 79 is 73 dollars.<br><br>Regards<br>Rut</body></html>",
        "<div>The price of lot 79 is 73 dollars.</div><span>Regards</span> Rut",
        "The price of lot 79 is 73 dollars.<br><br>Regards Rut",
    ],
)
def test_a_mail_of_html_alone_is_read(body: str) -> None:
    head = b"From: a@x.org\nSubject: Lot\nContent-Type: text/html; charset=us-ascii\n\n"
    texts = [text for _, text in blocks(load(head + body.encode()))]
    assert texts == ["The price of lot 79 is 73 dollars.", "Regards Rut"]


def test_html_says_more_than_a_stub_of_plain_text() -> None:
    message = mail()
    message.set_content("View this mail in a browser")
    message.add_alternative(
        "<p>Prices of the month of May</p><table><tr><th>Lot</th><th>Price</th></tr><tr><td>77</td><td>71</td></tr></table>",
        subtype="html",
    )
    assert [text for _, text in blocks(load(message.as_bytes()))] == [
        "Prices of the month of May", "77 — Price: 71",
    ]  # fmt: skip


def test_plain_text_is_not_read_twice() -> None:
    message = mail()
    message.set_content("The price is 71 dollars.")
    message.add_alternative("<p>The price is 71 dollars.</p>", subtype="html")
    assert load(message.as_bytes()).text.count("71 dollars") == 1


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        (
            "Yes.\n\nOn Mon, 13 May 2024, Rut <r@x.org>\nwrote:\n> What is it?\n>\n> Rut\n\nBest, J.\n",
            ["Yes.", "Best, J."], ["What is it?", "Rut"],
        ),
        ("> Is it 5?\n\nNo, it is 6.\n", ["No, it is 6."], ["Is it 5?"]),
        (
            "Yes.\n\n-----Original Message-----\nFrom: Old\nSent: Monday\nTo: All\nSubject: x\n\nOld text.\n",
            ["Yes."], ["Old text."],
        ),
        ("Ja.\n\nAm 13. Mai 2024 schrieb Rut Bell:\n> Wie viel?\n", ["Ja."], ["Wie viel?"]),
        ("Yes.\n\nFrom: Old <o@x.org>\nSent: Monday\nTo: All\nSubject: x\n\nOld text.\n", ["Yes."], ["Old text."]),
    ],
)  # fmt: skip
def test_what_a_mail_quotes_is_kept_and_said_to_be_quoted(
    text: str, own: list[str], quoted: list[str]
) -> None:
    message = mail()
    message.set_content(text)
    found = blocks(load(message.as_bytes()))
    assert [one for one in own if ("", one) not in found] == []
    assert [one for one in quoted if ("quoted from an earlier mail", one) not in found] == []


def test_an_inline_forward_is_said_to_be_forwarded() -> None:
    message = mail()
    message.set_content(
        "See below.\n\n---------- Forwarded message ---------\nFrom: Old\nDate: Mon\n\nIt holds 40 t.\n"
    )
    assert ("forwarded message", "It holds 40 t.") in blocks(load(message.as_bytes()))


def test_a_quotation_in_html_is_said_to_be_quoted() -> None:
    head = b"From: a@x.org\nSubject: Lot\nContent-Type: text/html\n\n"
    body = b"<div>Yes.</div><div class=gmail_quote>On Monday Rut wrote:<blockquote type=cite>Old.</blockquote></div>"
    found = blocks(load(head + body))
    assert found[0] == ("", "Yes.")
    assert found[-1] == ("quoted from an earlier mail", "Old.")


def test_texts_that_stand_in_the_file_know_their_lines() -> None:
    source = b"From: a@x.org\nSubject: Lot\nDate: Tue, 14 May 2024 09:00:00 +0200\n\nFirst text.\n\nSecond\ntext.\n"
    lines = source.decode().splitlines()
    for block in load(source).blocks:
        first, last = block.place.first_line, block.place.last_line
        assert first
        assert last
        words = load(source).text[block.start : block.end]
        assert words in " ".join(lines[first - 1 : last])


def test_a_mail_is_dated_by_its_date_unless_that_is_to_come() -> None:
    source = b"From: a@x.org\nSubject: Lot\nDate: Tue, 14 May %d 09:00:00 +0200\n\nText.\n"
    assert load(source % 2024).date == "2024-05-14"
    assert load(source % 2096).date is None
    assert "Tue, 14 May 2096" in load(source % 2096).text


@pytest.mark.parametrize(
    "head",
    [
        b"From: =?broken?=\nTo: <>\nSubject: =?utf-8?b?!!!?=\nDate: yesterday\n\n",
        b"From: a@x.org\nContent-Type: multipart/mixed\n\n",
        b"From: a@x.org\nContent-Type: text/plain; charset=\"\n\n",
        b"From: a@x.org\nContent-Transfer-Encoding: base64\nContent-Type: text/plain\n\n",
    ],
)  # fmt: skip
def test_a_broken_mail_is_read_as_far_as_it_can_be(head: bytes) -> None:
    assert load(head + b"Some text of it.\n").text
