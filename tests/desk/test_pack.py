"""The procedures that ship: whole in every language, every step a question with words and known clauses. S1-6.2"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from models.words import Situation
from portal.desk import trees
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import CLOSING, FOLDER, OPENING, pack, text
from portal.desk.scripts.steps import DAYTIMES

CLAUSES = tomllib.loads((FOLDER / "clauses.toml").read_text(encoding="utf-8"))["clauses"]
MINE = ("order", "inquiry", "complaint", "service_request", "support", "open_case")
BEFORE = {
    "order": "S0-3.1.2a S0-3.1.2b S1-4.1.2b S1-4.1.2c S1-4.2.1a S1-4.2.1b S0-3.1.2c S0-3.1.2d S1-4.1.2d S1-4.4.2a"
    " S1-4.2.2 S1-4.3.1 S1-4.3.2a S1-4.3.2b S0-3.1.4 S1-4.4.2b S0-3.1.3 S1-4.4.1a S0-3.6.1 S0-3.5.1a S0-3.5.1b"
    " S0-3.5.2a S0-3.5.3",
    "inquiry": "S0-3.2.2a S0-3.2.2c S0-3.3.1 S2-15.4 S0-3.3.2 S3-5.1.1",
    "complaint": "S0-3.2.2a S0-3.4.1 S0-3.4.3a S3-4.1.1 S2-15.4 S0-3.2.2b S0-3.2.2c S2-9.2 S0-3.4.2a S0-3.4.2b"
    " S3-4.1.2 S3-4.1.3a S3-4.1.3b S3-4.1.3c S3-4.1.3d S3-4.1.4 S3-5.1.1 S3-5.1.2a S3-5.1.2b S2-13.1",
    "service_request": "S2-8.1",
    "open_case": "S2-10.5 S2-2.1 S0-3.3.3 S0-3.2.2c S0-3.3.1 S1-3.1b S3-4.1.4 S3-5.1.1 S2-13.3 S3-5.1.2a S3-5.1.2b",
    "support": "S2-4.1 S2-4.2 S2-4.4 S4-5.1 S4-5.2 S4-5.3 S4-5.4 S4-5.5",
}
"""What each situation has to go on serving, whoever changes its file."""
WORDS = frozenset({"say", "name", "title", "button", "label", "hint", "words", "ask", "help", "solution"})


def said(told: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every text for people in a document, with its place."""
    if isinstance(told, Mapping):
        keys = {"name"} if "label" in told else set()  # the name of a question is no text for people
        for name, one in told.items():
            for_people = name in WORDS - keys and not isinstance(one, list)
            if for_people or (name == "required" and not isinstance(one, bool)):
                yield f"{place}/{name}", one
            else:
                yield from said(one, f"{place}/{name}")
    elif isinstance(told, list):
        for number, one in enumerate(told):
            yield from said(one, f"{place}/{number}")


def channels(words: Mapping[str, str]) -> frozenset[str]:
    """Where something is said; how the time of day is greeted is each language's own."""
    return frozenset({key.split("-")[0] for key in words} - set(DAYTIMES))


@pytest.mark.parametrize("key", sorted(pack()))
def test_every_text_is_there_in_every_language(key: str) -> None:
    lacking = [
        place
        for place, one in said(pack()[key].told)
        if not (isinstance(one, dict) and set(one) == set(LANGUAGES))
    ]
    assert lacking == []


@pytest.mark.parametrize("key", sorted(pack()))
def test_what_is_said_on_a_channel_is_said_there_in_every_language(key: str) -> None:
    """S0-1.2a, S2-12.5"""
    uneven = [
        step["key"]
        for step in pack()[key].told["steps"]
        if len({channels(step["say"][language]) for language in LANGUAGES}) != 1
    ]
    assert uneven == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(pack()))
def test_every_step_asks_one_question_says_something_and_names_known_clauses(key: str, language: str) -> None:
    """S0-2.1b, S2-1.5, S2-3.6, S2-5.3, S2-10.1"""
    steps = pack()[key].in_language(language)
    assert [step.key for step in steps if step.title.count("?") != 1 or not step.title.endswith("?")] == []
    assert [step.key for step in steps if not (step.say.get("any") and step.know and step.clauses)] == []
    cited = {clause for step in steps for clause in (*step.clauses, *(one.clause for one in step.know))}
    assert sorted(cited - {""} - CLAUSES.keys()) == []


@pytest.mark.parametrize("key", MINE)
def test_a_situation_goes_on_serving_its_clauses(key: str) -> None:
    cited = {clause for step in pack()[key].steps for clause in step.clauses}
    assert sorted(set(BEFORE[key].split()) - cited) == []


def test_every_trees_question_can_be_walked_in_every_language() -> None:
    found = [
        words
        for document in pack().values()
        for language in LANGUAGES
        for step in document.in_language(language)
        if step.kind == "troubleshoot"
        for words in trees.problems(step.options)
    ]
    assert found == []


def test_support_begins_with_the_serial_number_then_the_warranty() -> None:
    """S4-5.3, S4-5.5"""
    kinds = [step.kind for step in pack()["support"].steps]
    assert kinds[:4] == ["serial", "warranty", "need", "troubleshoot"]


def test_no_two_languages_are_the_same_sentence() -> None:
    """A copy is no translation: what a file says twice is a name of one word."""
    same = [
        f"{key}{place}"
        for key, document in pack().items()
        for place, one in said(document.told)
        if "say" not in place and one["en"] == one.get("de") and len(re.findall(r"\w+", one["en"])) > 1
    ]
    assert same == []


def test_each_file_is_what_its_document_is_written_as() -> None:
    for key in (OPENING, *map(str, Situation), CLOSING):
        file = FOLDER / f"{key}.toml"
        if file.exists():
            told = text.load(file.read_text(encoding="utf-8"), file.name)
            assert text.load(text.dump(told), file.name) == told
