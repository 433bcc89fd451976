"""The diagram: its boxes and arrows are the script's steps and ways, its list says the same, nothing is inline."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

import pytest

from portal.desk.scripts import pack
from portal.desk.scripts.drawing import Counts, Drawing, Item, diagram
from portal.desk.scripts.ways import Arrow
from tests.desk.scripts_lint.small_house import Document, asks_if, plain, script, step, texts

TREE = {
    "key": "stove",
    "name": "Stove",
    "products": ["*"],
    "nodes": [
        {
            "key": "gas",
            "ask": "Is there gas?",
            "answers": [{"label": "Yes", "to": "ok"}, {"label": "No", "to": "fill"}],
        },
        {
            "key": "fill",
            "solution": "Fill it.",
            "ask": "Better?",
            "answers": [{"label": "Yes", "to": "ok"}, {"label": "No", "to": "gas"}],
        },
        {"key": "ok", "end": "solved"},
    ],
}


def drawn(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg)


def boxes(picture: ET.Element) -> list[str]:
    return [one.attrib["data-step"] for one in picture.iter() if "data-step" in one.attrib]


def lines(picture: ET.Element) -> set[tuple[str, str, str]]:
    return {
        (one.attrib["data-kind"], one.attrib["data-from"], one.attrib["data-to"])
        for one in picture.iter()
        if "data-from" in one.attrib
    }


def written(picture: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in picture.iter() if one.tag.endswith("text")]


def flat(items: Iterable[Item], depth: int = 0) -> list[str]:
    return [line for one in items for line in (f"{'  ' * depth}{one.words}", *flat(one.items, depth + 1))]


@pytest.fixture
def branched() -> Document:
    document = script("complaint")
    step(document, "statement")["next"] = [
        {"to": "settle", "when": [asks_if("statement", "paid", "500", test="at_least")]}
    ]
    document["steps"].insert(2, plain("try", "troubleshoot", options={"trees": [TREE]}))
    step(document, "settle")["next"] = [{"to": "end"}]
    document["steps"].append(plain("thanks", "say"))
    return document


WAYS = [
    ("on", "start", "statement"),
    ("jump", "statement", "settle"),
    ("on", "statement", "photo"),
    ("on", "photo", "try"),
    ("on", "try", "options"),
    ("on", "options", "settle"),
    ("jump", "settle", "end"),
    ("on", "thanks", "end"),
    ("past", "statement", "try"),
]


def test_every_step_is_a_box_and_every_way_an_arrow(branched: Document) -> None:
    made = diagram(branched)
    picture = drawn(made)
    keys = ["statement", "photo", "try", "options", "settle", "thanks"]
    assert boxes(picture) == ["start", *keys, "end"]
    assert [(one.kind, one.source, one.target) for one in made.arrows] == WAYS
    assert lines(picture) == set(WAYS)
    assert made.arrows[1] == Arrow("jump", "statement", "settle", "“What did it cost?” is at least 500")


def test_the_picture_says_what_the_script_says(branched: Document) -> None:
    words = written(drawn(diagram(branched, {"photo": Counts(here=3, left=12)}, language="de")))
    assert {"Zuhören", "Was ist geschehen?", "3 here now", "12 left here", "Immer", "Always"} & set(words) == {
        "Zuhören", "Was ist geschehen?", "3 here now", "12 left here", "Always",
    }  # fmt: skip
    assert words.index("Only if “Wie hat es geklungen?” is “Ein Knall”") >= 0
    assert words.count("Solved") == 2
    assert "as above: Is there gas?" in words


def test_the_same_stands_as_a_list(branched: Document) -> None:
    """S3-16.1.1"""
    assert flat(diagram(branched, {"photo": Counts(3, 12)}).items) == [
        "Listen: What happened? (statement · 2 questions of our own · serves 2 clauses)",
        "  If “What did it cost?” is at least 500, on to Settle",
        "Only if “What did it sound like?” is “A bang”:",
        "  Photo: Is there a photo? (ask · may be skipped). 3 here now. 12 left here in the last 30 days",
        "Try: Is it so? (troubleshoot)",
        "  Stove",
        "    Is there gas?",
        "      Yes: Solved",
        "      No: Fill it. Better?",
        "        Yes: Solved",
        "        No: as above: Is there gas?",
        "Solutions: What can you offer? (options · serves 1 clause)",
        "Settle: Is it solved? (settle · serves 1 clause)",
        "  Always on to the end",
        "Thanks: Is it so? (say)",
    ]


def test_words_are_never_markup_and_nothing_is_inline() -> None:
    document = script("complaint")
    step(document, "photo")["name"] = texts('<script>alert("1")</script>')
    step(document, "photo")["title"] = texts("Is 1 < 2 & “so”?")
    made = diagram(document)
    assert 'alert("1")' in "".join(written(drawn(made)))
    assert not re.search(r"<script|\sstyle=|\son\w+=", made.svg)
    picture = drawn(made)
    assert (picture.attrib["role"], picture.attrib["aria-labelledby"]) == (
        "img",
        "complaint-title complaint-desc",
    )
    ids = [one.attrib["id"] for one in picture.iter() if "id" in one.attrib]
    assert ids == ["complaint-title", "complaint-desc", "complaint-head", "complaint-jump-head"]


def test_boxes_stand_one_below_the_other_within_the_sheet(branched: Document) -> None:
    picture = drawn(diagram(branched))
    _, _, wide, high = map(float, picture.attrib["viewBox"].split())
    place = 0.0
    for one in picture.iter():
        if "data-step" in one.attrib:
            box = one[0].attrib
            top, left = float(box["y"]), float(box["x"])
            assert top >= place
            place = top + float(box["height"])
            assert left >= 0
            assert left + float(box["width"]) <= wide
    assert place <= high


@pytest.mark.parametrize("name", list(pack()))
def test_every_script_that_ships_can_be_drawn(name: str) -> None:
    document = pack()[name].told
    before = tuple(pack()["opening"].told["steps"])
    for language in ("en", "de"):
        made = diagram(document, before=before, language=language)
        assert boxes(drawn(made)) == ["start", *(one["key"] for one in document["steps"]), "end"]
        assert lines(drawn(made)) == {(one.kind, one.source, one.target) for one in made.arrows}
