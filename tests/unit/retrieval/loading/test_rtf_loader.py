import pytest

from retrieval.domain.documents import Document
from retrieval.loading.registry import load_document


def load(body: str, head: str = "{\\rtf1\\ansi\\ansicpg1252\\deff0") -> Document:
    return load_document((head + body + "}").encode("latin-1"), "kiln_notes.rtf")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind.value, document.text[b.start : b.end]) for b in document.blocks]


@pytest.mark.parametrize(
    "run",
    [
        r"{\loch\f0\i0\b0\*\cs7\cf0 The kiln was rebuilt in 2019.}",
        r"{\*\cs7 The kiln was rebuilt in 2019.}",
        r"{\rtlch\ltrch\loch The kiln {\b was} rebuilt in 2019.}",
        "{\\f0\nThe kiln\r\n was rebuilt in 2019.}",
        r"\pard\plain The kiln was {\*\bkmkstart a}rebuilt in 2019.",
        r"The kiln was {\field{\*\fldinst HYPERLINK x}{\fldrslt rebuilt}} in 2019.",
        r"{\object\objemb{\*\objdata 0102}{\result The kiln was rebuilt in 2019.}}",
    ],
)
def test_no_run_is_lost(run: str) -> None:
    assert blocks(load(run + r"\par")) == [("paragraph", "The kiln was rebuilt in 2019.")]


def test_footnotes_and_text_boxes_are_read() -> None:
    document = load(
        r"The kiln{\super\chftn}{\footnote\pard{\super\chftn} It cost 4 million.} stands.\par"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt \pard A text box\par}}}"
    )
    assert [text for _, text in blocks(document)] == [
        "The kiln¹ stands.", "A text box", "Note 1: It cost 4 million.",
    ]  # fmt: skip


def test_rows_of_a_table_are_data() -> None:
    document = load(
        r"Before\par\trowd\cellx1\cellx2\intbl Pit\cell Grade\cell\trowd\row"
        r"\trowd\cellx1\intbl Bykle | north\cell 3.4\par more\cell\row\pard After it.\par"
    )
    assert blocks(document) == [
        ("paragraph", "Before"),
        ("table_row", "Bykle | north — Grade: 3.4 more"),
        ("paragraph", "After it."),
    ]


def test_raised_marks_stay_apart_from_numbers() -> None:
    text = load(r"It sold 12,300{\super 1} t and 5 m\super 2\nosupersub  of land.\par").text
    assert text == "It sold 12,300¹ t and 5 m² of land."


def test_fonts_tell_the_encoding_of_their_letters() -> None:
    head = r"{\rtf1\ansi\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}{\f2\fcharset134 C;}}"
    document = load(
        r"\f0 G\'f6tz {\f1 Z\'b3o\'bfa}\plain  and \'e9 {\f2 \'cf\'a1\'cd\'c1}\par", head
    )
    assert document.text == "Götz Złoża and é 稀土"


def test_pairs_of_surrogates_are_one_character() -> None:
    assert (
        load(r"It was rebuilt \u-10179?\u-8704? in 2019.\par").text == "It was rebuilt 😀 in 2019."
    )


def test_what_is_no_text_of_the_document_is_counted() -> None:
    document = load(
        r"{\header Running head}Text.\par{\deleted gone words}{\*\annotation A comment here}"
        r"{\*\shppict{\pict\pngblip 8950}}{\nonshppict{\pict 00}}"
    )
    assert document.text == "Text."
    assert {loss.what: (loss.count, loss.words) for loss in document.losses} == {
        "header of the pages": (1, 2),
        "deleted or hidden text": (1, 2),
        "comment": (1, 3),
        "image": (1, 0),
    }


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Report on the kiln", "Report on the kiln"), ("Microsoft Word - x.doc", "Kiln notes")],
)
def test_the_title_is_that_of_the_file_unless_it_names_nothing(title: str, expected: str) -> None:
    assert load(r"{\info{\title " + title + r"}{\author R}}The kiln runs.\par").title == expected


@pytest.mark.parametrize(
    "line", ["500 shares", "10 min", "450", "Tags: a, b", "Next meeting Tuesday"]
)
def test_no_line_is_left_out(line: str) -> None:
    assert line in [text for _, text in blocks(load(rf"The kiln runs on gas.\par {line}\par"))]


@pytest.mark.parametrize(
    "body", ["{" * 5_000 + "x" + "}" * 5_000, "}}}} text", r"\'", r"\bin99999999 x"]
)
def test_hostile_groups_do_no_harm(body: str) -> None:
    assert load(r"The kiln runs.\par " + body).text.startswith("The kiln runs.")
