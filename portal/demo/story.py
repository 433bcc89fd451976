"""What happened at the demo's desk: orders and cases as short lines, told in portal.demo.loading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.words import CaseKind, Channel, FollowUpKind, OrderStatus, ResolutionCode, Severity


class Course(StrEnum):
    """What became of a case."""

    NEW = "new"
    ANSWERED = "answered"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    HANDED_UP = "handed_up"
    ACCEPTED = "accepted"
    LEGAL = "legal"
    REGULATORY = "regulatory"


@dataclass(frozen=True, slots=True)
class CaseStory:
    """One case: when it came in (minutes before now), from whom, about what, and what became of it."""

    ago: int
    kind: CaseKind
    channel: Channel
    customer: int
    course: Course
    subject: str
    statement: str
    done: str = ""
    code: ResolutionCode = ResolutionCode.ANSWERED
    order: int | None = None
    """The place of the order it is about."""
    severity: Severity = Severity.NORMAL
    by: str = "cora"


HOUR, DAY = 60, 24 * 60
_K, _C, _R = CaseKind, Channel, ResolutionCode

CASES = (
    CaseStory(13, _K.INQUIRY, _C.SOCIAL, 26, Course.NEW, "Is the family tent back in stock?",
              "I have been waiting for the big tent since spring. Is it there now?", by="cem"),
    CaseStory(23 * HOUR + 38, _K.COMPLAINT, _C.EMAIL, 2, Course.ANSWERED, "Mug chipped on arrival",
              "The green mug came with a chip in the rim, and the box was open.", order=4),
    CaseStory(2 * DAY, _K.COMPLAINT, _C.PHONE, 17, Course.NEW, "Parcel left in the rain",
              "Your carrier put it on the steps in the pouring rain. Everything was wet.", order=9, by="cem"),
    CaseStory(35, _K.PAYMENT_ISSUE, _C.EMAIL, 21, Course.NEW, "Paid twice by transfer",
              "Ich habe aus Versehen zweimal überwiesen. Bitte eine Zahlung zurück.", order=12),
    CaseStory(3 * DAY, _K.PAYMENT_ISSUE, _C.PHONE, 10, Course.ACCEPTED, "Transfer not found",
              "I paid a week ago and still get asked for the money.", order=7),
    CaseStory(4 * DAY, _K.ORDER_ERROR, _C.PHONE, 1, Course.NEW, "Wrong sleeping bag delivered",
              "Bestellt war der warme Schlafsack, gekommen ist der dünne.", order=14, by="cem"),
    CaseStory(50, _K.ORDER_ERROR, _C.PHONE, 19, Course.NEW, "One lantern missing",
              "There should be two lanterns in the box. There is one.", order=16),
    CaseStory(5 * HOUR, _K.INQUIRY, _C.EMAIL, 35, Course.ANSWERED, "Does the stove burn pine cones?",
              "We have only pine around here. Will the wood stove take cones?"),
    CaseStory(26 * HOUR, _K.SUPPORT, _C.CHAT, 14, Course.WAITING, "Head lamp does not charge",
              "It blinks red and stays dark, whatever cable I take."),
    CaseStory(3 * HOUR, _K.SERVICE_REQUEST, _C.EMAIL, 37, Course.NEW, "Offer for twenty sleeping bags",
              "Wir brauchen zwanzig Schlafsäcke für die Hütte und bitten um ein Angebot.", by="cem"),
    CaseStory(30 * HOUR, _K.COMPLAINT, _C.EMAIL, 29, Course.LEGAL, "Burn from a kettle handle",
              "Der Griff hat sich gelöst, ich habe mich verbrüht. Meine Anwältin meldet sich.",
              severity=Severity.HIGH),
    CaseStory(6 * DAY, _K.COMPLAINT, _C.EMAIL, 12, Course.REGULATORY, "What is stored about me?",
              "I asked for a copy of my data three weeks ago and heard nothing.", by="cem"),
    CaseStory(29 * HOUR, _K.COMPLAINT, _C.PHONE, 38, Course.HANDED_UP, "Third late delivery in a row",
              "My café opens on Friday, and for the third time the pans are not here.", order=20,
              severity=Severity.HIGH),
    CaseStory(7 * HOUR, _K.SUPPORT, _C.PHONE, 8, Course.WAITING, "Zip of the tent is stuck",
              "Der Reißverschluss klemmt seit dem ersten Tag."),
    CaseStory(2 * DAY, _K.INQUIRY, _C.EMAIL, 24, Course.REOPENED, "Invoice with another name",
              "Could the invoice be made out to my husband, please?",
              "Sent a new invoice with the other name.", _R.CORRECTED),
    CaseStory(90, _K.INQUIRY, _C.ONLINE, 6, Course.ANSWERED, "Delivery to an island",
              "Do you deliver to Aegina, and what does it cost?", by="cem"),
    CaseStory(9 * DAY, _K.COMPLAINT, _C.PHONE, 0, Course.RESOLVED, "Pan arrived scratched",
              "There is a long scratch right through the middle of the pan.",
              "Sent a new pan the same day; the customer keeps the old one.", _R.EXCHANGE, order=1),
    CaseStory(11 * DAY, _K.COMPLAINT, _C.EMAIL, 5, Course.RESOLVED, "Nobody called back",
              "I was promised a call on Monday. It is Thursday.",
              "Called, apologised, and answered the question about the mat.", _R.GOODWILL),
    CaseStory(13 * DAY, _K.INQUIRY, _C.EMAIL, 3, Course.RESOLVED, "Spare parts for the stove",
              "Is there a new valve for the folding stove?", "Yes, sent with the next order.", by="cem"),
    CaseStory(5 * DAY, _K.ORDER_ERROR, _C.PHONE, 15, Course.RESOLVED, "Wrong colour of the tarp",
              "I ordered sand, and this one is red.", "Exchanged; the courier took the red one back.",
              _R.EXCHANGE, order=5),
    CaseStory(8 * DAY, _K.PAYMENT_ISSUE, _C.EMAIL, 33, Course.RESOLVED, "Receipt has the wrong amount",
              "Auf der Quittung stehen 5 € zu viel.", "The receipt was right; explained the freight.",
              _R.ANSWERED, order=3),
    CaseStory(15 * DAY, _K.SUPPORT, _C.CHAT, 34, Course.RESOLVED, "Filter runs slowly",
              "It takes five minutes for one bottle.", "Showed how to rinse it backwards.",
              _R.TECHNICAL_SUPPORT, by="cem"),
    CaseStory(18 * DAY, _K.SERVICE_REQUEST, _C.PHONE, 39, Course.RESOLVED, "Delivery before the season",
              "We open on the first. Can everything be here a week before?", "Agreed the day with the carrier."),
    CaseStory(21 * DAY, _K.COMPLAINT, _C.PHONE, 30, Course.RESOLVED, "Rude on the phone",
              "Your colleague hung up on me.", "Listened, apologised, sent a voucher.", _R.GOODWILL),
    CaseStory(4 * DAY, _K.INQUIRY, _C.PHONE, 20, Course.RESOLVED, "Which pack for a week?",
              "We walk from hut to hut for a week. Which pack is right?", "The 45-litre one."),
    CaseStory(25 * HOUR, _K.INQUIRY, _C.EMAIL, 9, Course.RESOLVED, "Care of cast iron",
              "May the pan go into the dishwasher?", "No; sent the care leaflet.", by="cem"),
    CaseStory(6 * DAY, _K.INQUIRY, _C.SOCIAL, 28, Course.CANCELLED, "Test message",
              "Hello? Is this thing on?", "Written by mistake; the customer wants nothing."),
    CaseStory(7 * DAY, _K.SUPPORT, _C.EMAIL, 31, Course.RESOLVED, "Mat loses air",
              "In the morning I lie on the ground.", "Sent a repair kit; it holds.", _R.TECHNICAL_SUPPORT),
    CaseStory(3 * DAY, _K.COMPLAINT, _C.EMAIL, 25, Course.RESOLVED, "Board split after a week",
              "The oak board has a crack along the grain.", "Paid the price back.", _R.REFUND, order=11),
    CaseStory(20, _K.SUPPORT, _C.PHONE, 16, Course.NEW, "Lantern flickers",
              "It flickers on the lowest step. Is that normal?", by="cem"),
)  # fmt: skip

ORDERS: tuple[tuple[OrderStatus, int], ...] = (
    (OrderStatus.DELIVERED, 27),
    (OrderStatus.DISPATCHED, 6),
    (OrderStatus.PREPARED, 6),
    (OrderStatus.HANDED_OVER, 6),
    (OrderStatus.CONFIRMED, 11),
    (OrderStatus.CANCELLED, 4),
)
"""How many orders stand where now; the oldest first."""

WISHES = (
    ("Gift wrap with a card: “For Nora, from all of us”.", True, ""),
    ("Engrave “M + J” on the bottle.", False, "our engraver takes no new work before spring"),
    ("Please deliver after 17:00, the bell does not work.", True, ""),
    ("Cut the tarp to 2.5 m.", False, "a cut tarp loses its seam and its guarantee"),
)
"""Special requests with what was decided; the newest order carries one that nobody has decided yet."""

FEEDBACK = ((5, "Quick and friendly, thank you."), (4, ""), (1, "It took three calls until somebody listened."),
            (5, "Alles bestens!"), (3, "It was all right."), (5, ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class FollowUpStory:
    """One follow-up: made so many minutes ago, due in so many (below zero: overdue), for whom."""

    made_ago: int
    due_in: int
    who: str
    kind: FollowUpKind
    words: str
    customer: int


FOLLOW_UPS = (
    FollowUpStory(
        3 * DAY, -DAY, "cora", FollowUpKind.CALL_BACK, "Call back about the price for ten mugs.", 23
    ),
    FollowUpStory(5 * HOUR, 2 * HOUR, "cora", FollowUpKind.PROMISE, "Say whether the engraver has time.", 0),
    FollowUpStory(4 * HOUR, 25, "cem", FollowUpKind.CALL_BACK, "Call about the delivery day.", 32),
    FollowUpStory(
        DAY, 26 * HOUR, "cem", FollowUpKind.PROMISE, "Send the care leaflet for the oak board.", 13
    ),
)
