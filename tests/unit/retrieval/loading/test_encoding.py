import pytest

from retrieval.domain.errors import LoadError
from retrieval.loading.encoding import decode
from retrieval.loading.registry import load_document

PRICES = "date,item,unit,remark\n" + "".join(
    f"2024-03-{day:02},PrNd oxide,CNY,价格上涨\n" for day in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PRICES, "gbk"),
        ("Price list\nNd 1\n氧化镨钕 35.2\n", "gb18030"),
        ("Złoża metali ziem rzadkich w Polsce są małe.", "cp1250"),
        ("Žula a břidlice v dole Příbram; těžba skončila.", "cp1250"),
        ("Beylikova sahasında üretim başladı; şirket işleyecek.", "cp1254"),
        ("Die Lagerstätte enthält größere Mengen, 5 € je Kilo.", "cp1252"),
        ("The “rare” earth — it’s 5 kg", "cp1252"),
        ("Sjøen på Røros, Ærlig", "cp1252"),
        ("Müller paid in full for the lot of ore that was sold in the year", "cp1252"),
        ("Добыча редкоземельных металлов выросла.", "cp1251"),
        ("レアアースの生産は増加した。価格は上昇した。", "cp932"),
        ("희토류 생산이 증가했다. 가격이 올랐다.", "cp949"),
        ("稀土的生產量增加了，價格上漲。", "big5"),
        ("Plain text of a Windows program", "utf-16-le"),
        ("Plain text of an old Mac", "utf-16-be"),
        ("With a mark", "utf-32"),
    ],
)
def test_the_encoding_of_a_text_is_told(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert (found.text, found.damaged) == (text, 0)


@pytest.mark.parametrize(
    ("data", "text", "damaged"),
    [
        ("größere Mengen in Rödmyr".encode() + b"\xff", "größere Mengen in Rödmyr\ufffd", 1),
        (b"\xfe" + "größere Mengen".encode(), "\ufffdgrößere Mengen", 1),
        ("稀土的生产量增加了".encode()[:-1], "稀土的生产量增加\ufffd", 1),
        ("稀土的生产量增加了，价格上涨。北方".encode("gbk")[:-1], "稀土的生产量增加了，价格上涨。北\ufffd", 1),
        ("Plain".encode("utf-16") + b"\x00", "Plain\ufffd", 1),
        ("a\ufffdü".encode(), "a\ufffdü", 0),
        (b"[\0] The box is ticked.", "[\ufffd] The box is ticked.", 1),
    ],
)  # fmt: skip
def test_a_bad_byte_is_replaced_and_counted(data: bytes, text: str, damaged: int) -> None:
    found = decode(data)
    assert (found.text, found.damaged) == (text, damaged)


def test_damage_is_a_loss_of_the_document() -> None:
    document = load_document("größere Mengen in Rödmyr".encode() + b"\xff", "a.txt")
    (loss,) = document.losses
    assert (loss.what, loss.count) == ("damaged characters", 1)


@pytest.mark.parametrize("data", [b"\x00\x01\x02\x03" * 50, b"MZ\x00\x00binary\x00" * 20])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(LoadError, match="NUL bytes"):
        decode(data)
