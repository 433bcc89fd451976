"""What Cora types into the wizard on the first day: an order, a known caller, a wrong lid, and a line that breaks."""

from __future__ import annotations

from tests.stories.desk_of_the_day import Step

MAIL = "rosa@example.com"

ORDER: list[Step] = [
    ("greet", {"greeted": "yes"}, ""),
    ("who", {"look": "rosa"}, ""),
    ("who", {}, "New customer"),
    (
        "who",
        {"name": "Rosa Blau", "email": MAIL, "phone": "030 23125 999", "street": "Linden 4", "postal_code": "10115",
         "city": "Berlin", "country": "DE"},
        "",
    ),
    ("about", {"situation": "order"}, ""),
    ("lines", {"look": "KE-1"}, ""),
    ("lines", {"quantity-1": "2"}, ""),
    ("delivery", {"requests": "Please wrap it as a gift"}, ""),
    ("check", {"checked": "yes"}, ""),
    ("read_back", {"line-1": "yes", "wish-1": "yes", "agreed": "yes", "how": "spoken"}, ""),
    ("confirm", {}, "Place order"),
    ("payment", {"when": "now", "method": "terminal", "reference": "T-4711"}, ""),
    ("summary", {"understood": "yes"}, ""),
    ("close", {"anything_else": "asked", "satisfied": "yes", "outcome": "order_placed"}, ""),
]  # fmt: skip


def known(order: str) -> list[Step]:
    """Greet, find the customer by the order's number, verify by two facts."""
    return [
        ("greet", {"greeted": "yes"}, ""),
        ("who", {"look": order}, ""),
        ("who", {}, ""),
        ("verify", {"postcode": "10115", "email": MAIL}, ""),
        ("about", {"situation": "complaint"}, ""),
    ]


def wrong_lid(order: str) -> list[Step]:
    """A mistake in the order, handed on."""
    return [
        (
            "statement",
            {"statement": "One lid is blue. I ordered two red ones.", "case_kind": "order_error", "order": order},
            "",
        ),
        ("restate", {"restated": "One of two lids has the wrong colour.", "agreed": "yes"}, ""),
        ("apology", {"apology": "given"}, ""),
        ("options", {"offer-exchange": "yes", "offer-refund": "yes", "chosen": "A red lid", "solved_here": "no"}, ""),
        ("severity", {"question-harm": "no", "question-use": "no"}, ""),
        ("escalate", {"handed_up": "yes", "why": "There is no red lid here."}, ""),
        ("summary", {"understood": "yes"}, ""),
        ("close", {"anything_else": "asked", "satisfied": "no", "outcome": "handed_on"}, ""),
    ]  # fmt: skip


BROKEN_OFF: list[Step] = [
    ("statement", {"statement": "The kettle whistles at night.", "case_kind": "complaint"}, ""),
    ("restate", {"restated": "The kettle makes a noise when it is off.", "agreed": "yes"}, ""),
]
GONE: list[Step] = [
    ("summary", {"reason": "The line broke.", "understood": None, "summary": "A noise at night."}, ""),
    ("close", {"anything_else": "not_asked", "satisfied": "unknown", "outcome": "lost", "undone": "The line broke."}, ""),
]  # fmt: skip
