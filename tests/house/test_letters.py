"""Every letter in every language: all three parts, everything escaped, nothing missing."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from jinja2 import UndefinedError

from models.words import CaseKind, DeadlineKind, Department, FollowUpKind, OrderStatus, PaymentMethod, Role
from portal.desk.notices import FACTS, LANGUAGES
from portal.desk.tax import RateTotal
from portal.letters import MAIL, Letters

WRITE = Letters()
NAUGHTY = (
    "<script>alert(1)</script>\n<img src=x onerror=alert(2)> & \" ' {{ 7*7 }} ${7*7} =?utf-8?q?x?= عائشة 山田"
)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINE = {
    "description": NAUGHTY,
    "quantity": 2,
    "unit_price_minor": 1250,
    "total_minor": 2500,
    "waiting": 1,
    "waits_until": date(2026, 3, 20),
}
HERE = {"waiting": 0, "waits_until": None}
CASE = ("HC-26-000001-1", NAUGHTY, "https://desk.example.com/cases/1", MONDAY)
GROUP: dict[str, Any] = {
    "kind": CaseKind.ORDER_ERROR,
    "level": 1,
    "to_role": Role.SUPERVISOR,
    "reason": NAUGHTY,
    "deadline": DeadlineKind.ANSWER,
    "ran_out": False,
    "words": NAUGHTY,
    "cases": [CASE],
}
OVER = {**GROUP, "ran_out": True}
FACTS_TOLD: dict[str, Any] = {
    "company": NAUGHTY,
    "address": "https://desk.example.com",
    "name": NAUGHTY,
    "reference": "HR-26-000123-7",
    "link": "https://desk.example.com/cases/1",
    "standing_link": "https://desk.example.com/standing/cases/abc",
    "zone": "Europe/Berlin",
    "lines": [LINE],
    "total_minor": 2500,
    "currency": "EUR",
    "delivery_method": "delivery",
    "ship_name": NAUGHTY,
    "ship_address": NAUGHTY,
    "expected_on": date(2026, 3, 6),
    "before_on": date(2026, 3, 5),
    "requests": [
        {"wish": NAUGHTY, "status": status, "reason": NAUGHTY}
        for status in ("new", "feasible", "not_feasible")
    ],
    "wishes": [NAUGHTY],
    "department": Department.INVENTORY,
    "cancelled": False,
    "told_at": MONDAY,
    "wanted_on": date(2026, 3, 6),
    "wanted_hours": "09:00–12:00",
    "requests_link": "https://desk.example.com/special-requests",
    "wish": NAUGHTY,
    "leads": True,
    "version": 2,
    "freight_minor": 450,
    "old_total_minor": 2400,
    "changes": [NAUGHTY],
    "approved": True,
    "correction": False,
    "old_minor": 2500,
    "another_way": False,
    "new_minor": 0,
    "code": "[sealed:00112233445566778899aa]",
    "receipt_number": "HB-26-000001-1",
    "amount_minor": 2500,
    "balance_minor": 100,
    "method": PaymentMethod.TERMINAL,
    "payment_reference": NAUGHTY,
    "taken_at": MONDAY,
    "kind": CaseKind.COMPLAINT,
    "subject": NAUGHTY,
    "statement": NAUGHTY,
    "answer_by": MONDAY,
    "solve_by": MONDAY,
    "answer": NAUGHTY,
    "question": NAUGHTY,
    "what_was_done": NAUGHTY,
    "status": OrderStatus.DISPATCHED,
    "carrier": NAUGHTY,
    "order_number": NAUGHTY,
    "expected_by": date(2026, 3, 6),
    "exchange": True,
    "tracking": NAUGHTY,
    "reason": NAUGHTY,
    "feedback_link": "https://desk.example.com/feedback/abc",
    "consents_link": "https://desk.example.com/consents/abc",
    "surveys_link": "https://desk.example.com/surveys/abc",
    "expires_at": MONDAY,
    "summary": NAUGHTY,
    "terms": NAUGHTY,
    "promises": [{"words": NAUGHTY, "due_at": MONDAY}, {"words": NAUGHTY, "due_at": None}],
    "count": 3,
    "groups": [{**OVER, "cases": [CASE, CASE]}, GROUP],
    "due_at": MONDAY,
    "words": NAUGHTY,
    "owner": NAUGHTY,
    "links": [{"title": NAUGHTY, "address": "https://example.com/guide"}],
    "title": NAUGHTY,
    "valid_until": date(2026, 3, 6),
    "article_link": "https://desk.example.com/library/returns",
    "page_link": "https://desk.example.com/library/returns?language=en",
    "courses": [(NAUGHTY, MONDAY), ("Listening", MONDAY)],
    "training_link": "https://desk.example.com/training",
    "dead": [(f"https://example.com/{NAUGHTY}", "answers 404"), ("https://example.com/guide", NAUGHTY)],
    "who": NAUGHTY,
    "decision": "approved",
    "causes": ("price", "value"),
    "listed_minor": 3000,
    "approvals_link": "https://desk.example.com/approvals",
    "taxes": [RateTotal(1900, 399), RateTotal(750, 7)],
    "order_total_minor": 2500,
    "channel": "in_person",
    "called_at": MONDAY,
    "opened_at": MONDAY,
    "began_at": MONDAY,
    "closes_at": MONDAY,
    "opens_at": MONDAY,
    "until": MONDAY,
    "clocks": [("HC-26-000001-1", NAUGHTY, DeadlineKind.ANSWER, MONDAY, "https://desk.example.com/cases/1")],
    "follow_ups": [(FollowUpKind.PROMISE, NAUGHTY, NAUGHTY, MONDAY)],
    "help_calls": [(NAUGHTY, MONDAY)],
    "more": True,
}
EVERY_LETTER = [(template, language) for template in FACTS for language in LANGUAGES]
ADDED = {"company", "address", "name", "reference", "link", "standing_link", "zone"}


def told(template: str, **other: Any) -> dict[str, Any]:
    """Exactly what notices.write hands over for this template."""
    return {**{name: FACTS_TOLD[name] for name in FACTS[template] | ADDED}, **other}


def test_every_folder_holds_every_letter() -> None:
    for language in LANGUAGES:
        found = {path.name for path in (MAIL / language).iterdir() if not path.name.startswith("_")}
        assert found == {f"{template}.{part}" for template in FACTS for part in ("txt", "html")}


@pytest.mark.parametrize(("template", "language"), EVERY_LETTER)
def test_all_three_parts_are_there_and_nothing_is_markup(template: str, language: str) -> None:
    letter = WRITE(template, language, told(template))
    assert letter.subject
    assert "\n" not in letter.subject
    assert letter.text.strip()
    assert f'<html lang="{language}">' in letter.html
    tags = {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z]+)", letter.html)}
    assert not tags & {"script", "img", "style", "iframe", "form", "svg"}
    assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", letter.html)
    assert "49" not in letter.html.replace("{{ 7*7 }}", "").replace("${7*7}", "")
    assert "{%" not in letter.text + letter.html


@pytest.mark.parametrize(("template", "language"), EVERY_LETTER)
def test_a_forgotten_fact_fails_loudly(template: str, language: str) -> None:
    for forgotten in FACTS[template] - ({"delivery_method"} if template == "delivery-update" else set()):
        facts = told(template)
        del facts[forgotten]
        with pytest.raises(UndefinedError):
            WRITE(template, language, facts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", OrderStatus)
def test_each_step_of_a_delivery_has_its_words(status: OrderStatus, language: str) -> None:
    """S2-8.6"""
    for method in ("delivery", "pickup"):
        letter = WRITE(
            "delivery-update", language, told("delivery-update", status=status, delivery_method=method)
        )
        assert FACTS_TOLD["reference"] in letter.subject


@pytest.mark.parametrize("kind", [*CaseKind, *FollowUpKind, *Role, *PaymentMethod, *DeadlineKind])
@pytest.mark.parametrize("many", [1, 2])
def test_our_own_words_are_said_without_underscores(kind: str, many: int) -> None:
    case = ("HC-26-000001-1", "Late", "https://desk.example.com/cases/1", None)
    facts = {"count": many, "groups": [{**GROUP, "kind": kind, "reason": "", "cases": [case] * many}]}
    for language in LANGUAGES:
        letter = WRITE("escalation-notice", language, told("escalation-notice", **facts))
        assert "_" not in letter.text


def subjects(template: str, *groups: dict[str, Any]) -> list[str]:
    facts = {"count": sum(len(one["cases"]) for one in groups), "groups": list(groups)}
    return [WRITE(template, language, told(template, **facts)).subject for language in LANGUAGES]


def times(group: dict[str, Any], many: int) -> dict[str, Any]:
    return {**group, "cases": [CASE] * many}


def test_one_case_is_named_and_many_are_counted() -> None:
    one = {**GROUP, "cases": [(CASE[0], "A cracked kettle", *CASE[2:])]}
    assert subjects("escalation-notice", one) == [
        "Escalated to supervisor: HC-26-000001-1 A cracked kettle",
        "Eskaliert an Teamleitung: HC-26-000001-1 A cracked kettle",
    ]
    assert subjects("escalation-notice", times(GROUP, 2), one) == [
        "3 cases are escalated to you",
        "3 Vorgänge sind an Sie eskaliert",
    ]


def test_what_ran_out_is_told_apart_from_what_is_about_to() -> None:
    told_of = {
        many: subjects("deadline-warning", *groups)
        for many, groups in {
            "soon": (GROUP,),
            "over": (OVER,),
            "all soon": (times(GROUP, 2),),
            "all over": (OVER, times(OVER, 2)),
            "one of each": (OVER, GROUP),
            "some of each": (OVER, OVER, times(GROUP, 2)),
        }.items()
    }
    assert told_of == {
        "soon": [
            "Soon due: first answer of HC-26-000001-1",
            "Bald fällig: erste Antwort zu HC-26-000001-1",
        ],
        "over": [
            "Overdue: first answer of HC-26-000001-1",
            "Überfällig: erste Antwort zu HC-26-000001-1",
        ],
        "all soon": ["2 deadlines are about to run out", "2 Fristen laufen bald ab"],
        "all over": ["3 deadlines ran out", "3 Fristen sind abgelaufen"],
        "one of each": [
            "1 deadline ran out, 1 is about to",
            "1 Frist ist abgelaufen, 1 läuft bald ab",
        ],
        "some of each": [
            "2 deadlines ran out, 2 are about to",
            "2 Fristen sind abgelaufen, 2 laufen bald ab",
        ],
    }


def test_a_notice_of_many_reads_as_a_list() -> None:
    kettle = ("HC-26-000001-1", "A cracked kettle", "https://desk.example.com/cases/1", MONDAY)
    parcel = ("HC-26-000002-2", "A late parcel", "https://desk.example.com/cases/2", MONDAY)
    facts = told(
        "deadline-warning",
        company="Fernhill",
        name="Sam",
        link="https://desk.example.com",
        count=3,
        groups=[
            {**OVER, "words": "", "cases": [kettle, parcel]},
            {**GROUP, "words": "", "kind": CaseKind.INQUIRY, "cases": [parcel]},
        ],
    )
    assert WRITE("deadline-warning", "en", facts).text == (
        "Hello Sam,\n\n"
        "Ran out: first answer (order error)\n"
        "- HC-26-000001-1 “A cracked kettle”, due Monday 2 March 2026, 10:30 CET\n"
        "  https://desk.example.com/cases/1\n"
        "- HC-26-000002-2 “A late parcel”, due Monday 2 March 2026, 10:30 CET\n"
        "  https://desk.example.com/cases/2\n\n"
        "About to run out: first answer (inquiry)\n"
        "- HC-26-000002-2 “A late parcel”, due Monday 2 March 2026, 10:30 CET\n"
        "  https://desk.example.com/cases/2\n\n"
        "Open it here:\nhttps://desk.example.com\n\n"
        "Fernhill\nA notice of the order desk to its colleagues. Please do not forward it.\n"
    )


@pytest.mark.parametrize(
    ("language", "waits", "later", "day"),
    [
        (
            "en",
            {"waiting": 2, "waits_until": date(2026, 3, 20)},
            "2 of 3 not in stock, to come later: expected in on Friday, 20 March 2026",
            "Expected on Friday, 6 March 2026.",
        ),
        (
            "en",
            {"waiting": 2, "waits_until": None},
            "2 of 3 not in stock, to come later",
            "Your order is completed as soon as all of it is there; we then tell you the day.",
        ),
        (
            "de",
            {"waiting": 2, "waits_until": date(2026, 3, 20)},
            "2 von 3 nicht vorrätig, kommt später: voraussichtlich am Freitag, 20. März 2026 bei uns",
            "Voraussichtlich am Freitag, 6. März 2026.",
        ),
        (
            "de",
            {"waiting": 2, "waits_until": None},
            "2 von 3 nicht vorrätig, kommt später",
            "Wir stellen die Bestellung fertig, sobald alles da ist, und nennen Ihnen dann den Termin.",
        ),
    ],
)
@pytest.mark.parametrize("template", ["order-confirmation", "order-amended"])
def test_a_confirmation_says_plainly_what_comes_later(
    template: str, language: str, waits: dict[str, Any], later: str, day: str
) -> None:
    """S1-4.2.1a, S1-4.4.1b"""
    line = {"description": "Kettle", "quantity": 3, "unit_price_minor": 2490, "total_minor": 7470, **waits}
    expected = date(2026, 3, 6) if waits["waits_until"] else None
    letter = WRITE(template, language, told(template, lines=[line], expected_on=expected))
    assert [one for one in letter.text.splitlines() if one.startswith("    ")] == [f"    {later}"]
    assert day in letter.text.splitlines()
    plain = " ".join(re.sub(r"<[^>]+>", " ", letter.html).split())
    assert f"Kettle {later}" in plain
    assert day in plain


def test_a_confirmation_reads_like_a_letter() -> None:
    """S0-3.1.2d, S1-4.4.1a, S1-4.4.2a"""
    facts = told(
        "order-confirmation",
        company="Fernhill",
        name="Ana Souza",
        lines=[
            {**HERE, "description": "Kettle", "quantity": 2, "unit_price_minor": 2490, "total_minor": 4980},
            {**HERE, "description": "Tent peg", "quantity": 10, "unit_price_minor": 100, "total_minor": 1000},
        ],
        total_minor=5980,
        taxes=[],
        ship_name="Ana Souza",
        ship_address="Example Street 1\n10115 Berlin",
        requests=[
            {"wish": "Gift wrap", "status": "feasible", "reason": ""},
            {"wish": "Engraving", "status": "not_feasible", "reason": "not on steel"},
            {"wish": "Before noon", "status": "new", "reason": ""},
        ],
        promises=[{"words": "Call before we come", "due_at": MONDAY}],
        terms="Goods stay ours until they are paid.\nWe deliver in the EU.",
    )
    assert WRITE("order-confirmation", "en", facts).text == (
        "Hello Ana Souza,\n\n"
        "Thank you for your order. This is what we noted:\n\n"
        "  2 × Kettle, €24.90: €49.80\n"
        "  10 × Tent peg, €1.00: €10.00\n"
        "  Total: €59.80\n\n"
        "We deliver to:\nAna Souza\nExample Street 1\n10115 Berlin\n\n"
        "You asked for Friday, 6 March 2026, between the hours 09:00–12:00.\n\n"
        "Expected on Friday, 6 March 2026.\n\n"
        "You asked for something special:\n"
        "  - Gift wrap: we will do this\n"
        "  - Engraving: we cannot do this (not on steel)\n"
        "  - Before noon: we are checking this and will tell you\n\n"
        "What we promised:\n"
        "  - Call before we come, by Monday 2 March 2026, 10:30 CET\n\n"
        "The terms of your order:\n\nGoods stay ours until they are paid.\nWe deliver in the EU.\n\n"
        "Is something not right? Reply to this message or call us and name HR-26-000123-7.\n\n"
        "How it stands at any time:\nhttps://desk.example.com/standing/cases/abc\n\n"
        "Fernhill\nThis message was written by our order desk.\n"
        "Reference: HR-26-000123-7. Please keep it in the subject when you reply.\n"
    )


def test_without_a_name_the_greeting_stays_polite() -> None:
    """S3-3.2.2a"""
    for language, greeting in (("en", "Hello,"), ("de", "Guten Tag,")):
        letter = WRITE("case-answer", language, told("case-answer", name=""))
        assert letter.text.splitlines()[0] == greeting


def test_german_readers_read_german_money_and_days() -> None:
    facts = told("payment-receipt", company="Fernhill", name="Ana", payment_reference="", balance_minor=0)
    paid, at = "25,00\xa0€", "Montag, 2. März 2026, 10:30 MEZ"
    assert WRITE("payment-receipt", "de", facts).text.splitlines()[2:6] == [
        f"Vielen Dank. Wir haben {paid} für Ihre Bestellung HR-26-000123-7 erhalten (Kartenterminal), {at}.",
        "",
        "Es ist nichts mehr offen.",
        "",
    ]


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Includes tax 19 %: €3.99", "Includes tax 7.5 %: €0.07"]),
        (
            "de",
            [
                "Enthaltene Steuer 19 %: 3,99\N{NO-BREAK SPACE}€",
                "Enthaltene Steuer 7,5 %: 0,07\N{NO-BREAK SPACE}€",
            ],
        ),
    ],
)
@pytest.mark.parametrize(
    "template", ["order-confirmation", "order-amended", "payment-receipt", "receipt-copy"]
)
def test_tax_is_told_by_rate_and_not_at_all_where_there_is_none(
    template: str, language: str, lines: list[str]
) -> None:
    """S1-4.4.1a"""
    letter = WRITE(template, language, told(template))
    assert [
        line.strip() for line in letter.text.splitlines() if "19 %" in line or ("7" in line and "%" in line)
    ] == lines
    for words in (lines[0].split(":")[0], lines[1].split(":")[0]):
        assert words in " ".join(letter.html.split())
        assert f".{words}" not in letter.html  # each rate is a sentence of its own
    without = WRITE(template, language, told(template, taxes=[]))
    assert ("%" in without.text, "Steuer" in without.html or "tax" in without.html) == (False, False)
