import pytest

from bot.answering.abstention.requirements import unmet


@pytest.mark.parametrize(
    ("question", "answer", "lacks"),
    [
        ("What is the price of lutetium oxide?", "Quantity: 12 tonnes a year.", ("money",)),
        ("What is the price of lutetium oxide?", "Lutetium oxide costs 640 dollars.", ()),
        ("氧化镥的价格是多少？", "每公斤4200元。", ()),
        ("What is a basket price?", "What the oxides of a mine would earn together.", ()),
        ("How deep is the Leirvik pit?", "The pit reached the second bench.", ("length",)),
        ("How deep is the Leirvik pit?", "The pit is 85 metres deep.", ()),
        ("Who owns the Halden refinery?", "In November it spoke of Halden.", ("somebody",)),
        ("Who owns the Halden refinery?", "The Halden refinery is Nordfjell's.", ()),
        ("Who signs a purchase?", "It is signed by the head of purchasing.", ()),
        ("What is the boiling point of cerium?", "It is a metal.", ("temperature",)),
        ("What colour are the drums?", "Drums are steel, 200 litres.", ("colour",)),
        ("包头产业园的面积有多大？", "现有企业86家。", ("area",)),
        ("How many trucks does Wirra own?", "It may take 0.8 gigalitres.", ("what is counted",)),
        ("How many employees did it have?", "449 people worked for the company.", ()),
        ("How many trucks does Wirra own?", "Its trucks are old.", ("number",)),
        ("How does flotation work?", "Bubbles lift the ore.", ()),
        ("What was the reason for the price fall?", "Quotas were lifted.", ()),
        ("What drove the price of neodymium?", "Export quotas did.", ()),
        ("Who may drive the truck?", "Anybody with a licence.", ()),
        ("Who signs the papers?", "The shift supervisor signs them.", ()),
        ("How often are samples taken?", "Samples are taken daily.", ()),
        ("How many tonnes did it make?", "It made 2,310 t.", ()),
        ("How much of it is sold?", "Most of it is.", ()),
        ("Which area is off limits?", "The kiln hall.", ()),
        ("How high is the grade?", "It is 3.4 percent.", ()),
    ],
)
def test_an_answer_shows_what_was_asked_for(
    question: str, answer: str, lacks: tuple[str, ...]
) -> None:
    assert unmet(question, answer) == lacks
