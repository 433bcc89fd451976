"""Every kind of answer: what it takes, what it says about the rest, what it keeps, how it reads and what it counts as."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.desk.fields import FIELDS, PLAIN, Counted, Terms, problems_of_options, spoken_options
from portal.desk.scripts import FIELD_KINDS, Choice, Field

COLOURS = (Choice("red", "Red"), Choice("green", "Green"), Choice("dark blue", "Dark blue"))
EUROS = Terms(currency="EUR", country="DE", today=date(2026, 3, 2), zone="Europe/Berlin")
YEN = Terms(currency="JPY")


def asked(kind: str, *, required: str = "", **options: Any) -> Field:
    choices = COLOURS if FIELDS[kind].has_choices else ()
    return Field("it", kind, "I agree to the terms", required=required, choices=choices, options=options)


RIGHT = [
    # kind, options, given, kept, shown
    ("text", {}, "  two\nwords ", "two words", "two words"),
    ("long", {}, "one\r\ntwo", "one\ntwo", "one\ntwo"),
    ("number", {}, "007", "7", "7"),
    ("number", {}, "\u0661\u0662", "12", "12"),
    ("number", {"places": 2, "unit": "km"}, "12,50", "12.5", "12.5 km"),
    ("number", {"min": -5}, "\N{MINUS SIGN}5", "-5", "-5"),
    ("money", {}, "12.5", "12.50", "12.50 EUR"),
    ("money", {}, "\u0661\u0662,\u0665\u0660 EUR", "12.50", "12.50 EUR"),
    ("date", {}, "2026-03-14", "2026-03-14", "Saturday, 14 March 2026"),
    ("date", {"min": "today"}, "2026-03-02", "2026-03-02", "Monday, 2 March 2026"),
    (
        "slot",
        {},
        "2026-03-02T10:30:00+01:00",
        "2026-03-02T09:30:00+00:00",
        "Monday, 2 March 2026, 10:30",
    ),
    ("choice", {}, "red", "red", "Red"),
    ("choices", {}, "dark blue\nred\nred", "red\ndark blue", "Red, Dark blue"),
    ("yes_no", {}, "No", "no", "No"),
    ("tick", {}, "yes", "yes", "Yes: “I agree to the terms”"),
    ("announcement", {}, "DE-3", "DE-3", "DE-3"),
    ("scale", {}, "5", "5", "5 of 5"),
    ("scale", {"min": 0, "max": 10, "high": "very likely"}, "\u0661\u0660", "10", "10 of 10 (very likely)"),
    ("phone", {}, "030 901820", "+4930901820", "+4930901820"),
    ("email", {}, " ana@example.com", "ana@example.com", "ana@example.com"),
    ("address", {}, " Street 1 \n\n10115 Berlin", "Street 1\n10115 Berlin", "Street 1\n10115 Berlin"),
    ("product", {}, "ch-1", "ch-1", "ch-1"),
    ("order", {}, "hr 26 000001 9", "HR-26-000001-9", "HR-26-000001-9"),
    ("serial", {}, " sn-00 12/ab ", "SN-0012/AB", "SN-0012/AB"),
    ("file", {}, "7 a picture.png", "7 a picture.png", "a picture.png"),
]

WRONG = [
    ("text", {}, "x" * 301, "At most 300 characters; these are 301."),
    ("text", {"min": 3}, "ab", "At least 3 characters; these are 2."),
    ("long", {"max": 5}, "sixsix", "At most 5 characters; these are 6."),
    ("long", {}, "x" * 10_001, "At most 10000 characters; these are 10001."),
    ("number", {}, "1.5", "Enter a whole number."),
    ("number", {}, "a dozen", "Enter a whole number."),
    ("number", {}, "9" * 16, "Enter a whole number."),
    (
        "number",
        {"places": 2},
        "1.234",
        "Enter a number with at most 2 places behind the point, such as 12.5.",
    ),
    ("number", {"places": 1}, "1.", "Enter a number with at most 1 places behind the point, such as 12.5."),
    ("number", {"max": 10, "unit": "km"}, "11", "At most 10 km."),
    ("number", {"min": 1}, "0", "At least 1."),
    ("money", {}, "12.505", "Enter an amount such as 12.50 EUR."),
    ("money", {}, "-3", "Enter an amount such as 12.50 EUR."),
    ("money", {"max": 50}, "50.01", "At most 50 EUR."),
    ("date", {}, "14.3.2026", "Enter a day such as 2026-03-14."),
    ("date", {}, "2026-02-30", "Enter a day such as 2026-03-14."),
    ("date", {"min": "today"}, "2026-03-01", "Not before 2026-03-02."),
    ("date", {"max": "2026-12-31"}, "2027-01-01", "Not after 2026-12-31."),
    ("slot", {}, "tomorrow", "Choose one of the open times offered."),
    ("slot", {}, "2026-03-02T10:30:00", "Choose one of the open times offered."),
    ("choice", {}, "blue", "Choose one of the answers offered."),
    ("choices", {}, "red\nblue", "Choose among the answers offered."),
    ("choices", {"min": 2}, "red", "Choose at least 2."),
    ("choices", {"max": 1}, "red\ngreen", "Choose at most 1."),
    ("yes_no", {}, "perhaps", "Answer yes or no."),
    ("tick", {}, "on", "Tick it, or leave it open."),
    ("scale", {}, "0", "Choose a number from 1 to 5."),
    ("scale", {"min": 0, "max": 10}, "11", "Choose a number from 0 to 10."),
    ("phone", {}, "12", "Enter a phone number with its country, such as +49 30 901820."),
    ("email", {}, "ana at example.com", "Enter an e-mail address such as ana@example.com."),
    ("address", {}, "Berlin", "Enter the address in 2 to 10 lines: street, then town."),
    ("product", {}, "x" * 61, "Enter a product code."),
    (
        "order",
        {},
        "HR-26-000001-7",
        "That is no order number. It reads like HR-26-000001-9, and its last digit checks the others.",
    ),
    (
        "order",
        {},
        "HC-26-000001-9",
        "That is no order number. It reads like HR-26-000001-9, and its last digit checks the others.",
    ),
    ("serial", {}, "sn#1234", "A serial number has letters, digits, dashes, dots and slashes only."),
    ("serial", {}, "abc", "A serial number here has 4 to 40 signs; these are 3."),
    ("file", {}, "a picture.png", "Choose a file."),
    ("file", {}, "7 a.png\n8 b.png", "At most 1 file."),
]


@pytest.mark.parametrize(("kind", "options", "value", "kept", "shown"), RIGHT)
def test_what_is_right_is_kept_in_one_text(
    kind: str, options: dict[str, Any], value: str, kept: str, shown: str
) -> None:
    question = asked(kind, **options)
    assert FIELDS[kind].problem(question, value, EUROS) == ""
    assert FIELDS[kind].kept(question, [value], EUROS) == kept
    assert FIELDS[kind].shown(question, kept, EUROS) == shown


@pytest.mark.parametrize(("kind", "options", "value", "words"), WRONG)
def test_what_is_wrong_is_told_in_a_sentence(
    kind: str, options: dict[str, Any], value: str, words: str
) -> None:
    assert FIELDS[kind].problem(asked(kind, **options), value, EUROS) == words


@pytest.mark.parametrize("kind", [one for one in FIELDS if one != "announcement"])
def test_an_empty_answer_is_refused_in_the_authors_words_or_not_at_all(kind: str) -> None:
    assert FIELDS[kind].problem(asked(kind, required="Ask for it."), " ", EUROS) == "Ask for it."
    assert FIELDS[kind].problem(asked(kind), "", EUROS) == ""
    assert FIELDS[kind].kept(asked(kind), [""], EUROS) == ""


@pytest.mark.parametrize(
    ("owed", "given", "words"),
    [
        ("", "", ""),
        ("", "DE-1", ""),
        ("DE-3", "DE-3", ""),
        ("DE-3", "", "Say it."),
        (
            "DE-3",
            "any-2",
            "The words are others by now, for the customer’s country. Say these, then tick it.",
        ),
    ],
)
def test_what_has_to_be_said_is_asked_for_where_there_is_some(owed: str, given: str, words: str) -> None:
    """S3-10.2.1"""
    terms = Terms(announced=owed)
    assert FIELDS["announcement"].problem(asked("announcement", required="Say it."), given, terms) == words


def test_every_kind_a_script_may_name_is_there() -> None:
    assert set(FIELDS) == FIELD_KINDS


def test_an_amount_has_the_places_of_its_currency() -> None:
    yen = asked("money")
    assert FIELDS["money"].problem(yen, "12.50", YEN) == "Enter an amount such as 1250 JPY."
    assert FIELDS["money"].recorded(yen, FIELDS["money"].kept(yen, ["1250"], YEN), YEN) == "1250 JPY"


@pytest.mark.parametrize(
    ("kind", "options", "value", "counted"),
    [
        ("number", {"places": 1}, "2.5", Counted(number=2500)),
        ("money", {}, "12.50", Counted(number=1250)),
        ("scale", {}, "4", Counted(number=4)),
        ("yes_no", {}, "yes", Counted(number=1)),
        ("yes_no", {}, "no", Counted(number=0)),
        ("tick", {}, "yes", Counted(number=1)),
        ("date", {}, "2026-03-14", Counted(day=date(2026, 3, 14))),
        ("slot", {}, "2026-03-02T23:30:00+00:00", Counted(day=date(2026, 3, 2))),
        ("text", {}, "12", Counted()),
    ],
)
def test_what_counts_is_counted(kind: str, options: dict[str, Any], value: str, counted: Counted) -> None:
    assert FIELDS[kind].counted(asked(kind, **options), value, EUROS) == counted


def test_the_evidence_keeps_the_words_that_were_ticked() -> None:
    recorded = FIELDS["tick"].recorded(asked("tick"), "yes", EUROS)
    assert recorded == "yes\nI agree to the terms"
    changed = Field("it", "tick", "Something else")
    assert FIELDS["tick"].shown(changed, recorded, EUROS) == "Yes: “I agree to the terms”"


@pytest.mark.parametrize("kind", FIELDS)
@given(values=st.lists(st.text(max_size=60), max_size=4))
def test_any_text_has_a_verdict_and_is_kept_the_same_twice(kind: str, values: list[str]) -> None:
    question = asked(kind)
    kept = FIELDS[kind].kept(question, values, PLAIN)
    assert FIELDS[kind].kept(question, [kept], PLAIN) == kept
    for value in (*values, kept):
        assert isinstance(FIELDS[kind].problem(question, value, PLAIN), str)
        assert isinstance(FIELDS[kind].shown(question, value, PLAIN), str)
        assert isinstance(FIELDS[kind].counted(question, value, PLAIN), Counted)


@pytest.mark.parametrize("kind", FIELDS)
@given(value=st.from_regex("[-+]?[0-9\u0660-\u0669]{0,18}[.,: TZ/-]?[0-9]{0,6}", fullmatch=True))
def test_what_is_right_stays_right_once_it_is_kept(kind: str, value: str) -> None:
    question = asked(kind)
    if FIELDS[kind].problem(question, value, EUROS) == "":
        assert FIELDS[kind].problem(question, FIELDS[kind].kept(question, [value], EUROS), EUROS) == ""


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("poem", {}, ["There is no kind of answer called poem."]),
        ("text", {"pattern": ".*"}, ["Short text has no option pattern."]),
        ("text", {"min": 5, "max": 2}, ["“At least” is more than “at most”."]),
        ("number", {"places": 9}, ["Places behind the point: between 0 and 3."]),
        ("number", {"places": True}, ["Places behind the point: a whole number is needed."]),
        ("number", {"min": "few"}, ["At least: a number is needed."]),
        ("number", {"unit": {"en": "hours", "de": " "}}, ["Unit: a text is needed."]),
        ("date", {"min": "soon"}, ["Not before: a day such as 2026-03-14 is needed, or today."]),
        ("scale", {"min": 5, "max": 5}, ["The lowest has to be below the highest."]),
        ("phone", {"country": "Atlantis"}, ["There is no country called Atlantis."]),
        ("file", {"accept": ["video"]}, ["Takes: some of image, pdf, text."]),
        ("file", {"accept": ["pdf"], "max": 3}, []),
        ("scale", {"min": 0, "max": 10, "low": {"en": "bad", "de": "schlecht"}}, []),
    ],
)
def test_an_author_is_told_what_is_wrong_with_options(
    kind: str, options: dict[str, Any], words: list[str]
) -> None:
    assert problems_of_options(kind, options) == words


def test_what_is_said_in_words_may_be_told_by_language() -> None:
    assert spoken_options("scale") == {"low", "high"}
    assert spoken_options("poem") == frozenset()
