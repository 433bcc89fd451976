"""Fifteen contacts of the last weeks as Cora and Cem took them: nearly all by the script, some with a step left out."""

from __future__ import annotations

from models.words import Channel, ResolutionCode
from portal.demo.story import DAY, HOUR
from portal.demo.taking import (
    ContactStory,
    Known,
    Stop,
    at,
    case_solved,
    given_up,
    guide_opened,
    help_given,
    help_wanted,
    left_out,
    plan_contact,
    pressed,
    sent_off,
    tasks_done,
)
from portal.demo.timeline import Story
from portal.desk import orders

YES = "yes"
GREET = at("greet", greeted=YES, recording=YES)
WROTE = at("greet", greeted=YES)
KNOWN = at("who", choice=Known.CUSTOMER)
VERIFIED = (KNOWN, at("verify", postcode=Known.POSTCODE, email=Known.EMAIL))
OPENED = (GREET, *VERIFIED)
UNASKED = (
    WROTE,
    KNOWN,
    left_out("verify", "A question about the goods alone: nothing of the account is opened."),
)
STRONGLY = (
    GREET,
    KNOWN,
    pressed("verify", "dial", dial_reason="It is about money."),
    pressed("verify", "reached"),
    at("verify"),
)


def about(situation: str) -> Stop:
    return at("about", situation=situation)


def ended(
    outcome: str, summary: str, satisfied: str = "yes", promise: str = "", undone: str = ""
) -> tuple[Stop, ...]:
    """Sum up, with a promise or without, and say goodbye."""
    told = {"promise-1": promise, "due-1": Known.SLOT} if promise else {}
    left = {"undone": undone} if undone else {}
    return (
        at("summary", told, summary=summary, understood=YES),
        at("close", left, anything_else="asked", satisfied=satisfied, outcome=outcome),
    )


def ordered(lines: dict[str, str], *payment: Stop) -> tuple[Stop, ...]:
    """An order, read back and placed."""
    products = [name for name in lines if name.startswith("product-")]
    each = {name.replace("product", "line"): YES for name in products} if len(products) > 1 else {}
    return (
        *OPENED,
        about("order"),
        at("lines", lines),
        at("delivery", method="delivery", ship_name=Known.NAME, ship_address=Known.ADDRESS),
        at("cross_check", checked=YES),
        at("check", checked=YES),
        at("read_back", each, agreed=YES, how="spoken", fingerprint=Known.READ),
        at("confirm"),
        *payment,
    )


def complained(statement: str, restated: str, **options: str) -> tuple[Stop, ...]:
    """A complaint, heard and given its choice."""
    return (
        about("complaint"),
        at("statement", statement=statement, case_kind="complaint"),
        at("restate", restated=restated, agreed=YES),
        at("apology", apology="given"),
        at("options", {f"offer-{name}": YES for name in ("refund", "exchange")}, **options),
    )


def solved(code: str, done: str, *actions: str) -> Stop:
    """Solve the case here and now."""
    return at(
        "settle", settled="resolved", code=code, what_was_done=done, actions="\n".join(actions or (done,))
    )


PAID_LATER = at("payment", when="later")
_P, _E, _C, _I = Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.IN_PERSON
_R = ResolutionCode

CONTACTS = (
    ContactStory(24 * DAY, "cora", _P, 19, (
        *ordered({"product-1": "PEG-10", "quantity-1": "2", "product-2": "MUG-EN", "quantity-2": "4"}, PAID_LATER),
        *ended("order_placed", "Two sets of pegs and four mugs are on their way.",
               promise="Write as soon as the parcel has left."),
    ), later=(
        (HOUR, "cora", sent_off(orders.hand_over)),
        (1.1 * HOUR, "cora", tasks_done("Wrote that the parcel leaves today.")),
        (3 * HOUR, "fred", sent_off(orders.prepare)),
        (22 * HOUR, "fred", sent_off(orders.dispatch, carrier="Fernpost", tracking="FP9015500190")),
        (70 * HOUR, "fred", sent_off(orders.deliver)),
    )),
    ContactStory(19 * DAY, "cem", _P, 30, (
        *OPENED,
        *complained("The pan came with a crack in the handle, and I have guests on Saturday.",
                    "You need a whole pan before Saturday.", outcome="exchange", solved_here=YES),
        left_out("goods_back", "A pan with a crack is not worth its freight: it may be thrown away."),
        solved("exchange", "A new pan leaves today.", "Looked at the picture", "Sent a new pan"),
        *ended("resolved", "A new pan arrives before Saturday; the old one may be thrown away."),
    )),
    ContactStory(16 * DAY, "cora", _E, 15, (
        *UNASKED,
        about("inquiry"),
        at("need", need="How long does a parcel to Uppsala take?", topic="delivery"),
        at("answer", answer="Four to six working days.", settled="resolved"),
        *ended("resolved", "A parcel to Uppsala takes four to six working days."),
    )),
    ContactStory(13 * DAY, "cem", _P, 33, (
        *OPENED,
        about("service_request"),
        at("request", need="Could somebody show us how the big tents go up?", service="visit"),
        at("particulars", where=Known.ADDRESS, slot=Known.SLOT, access="Ring at the kitchen, mind the dog."),
        at("settle", settled="kept", owner=Known.ME, due=Known.SLOT, next="Agree the day of the visit."),
        *ended("follow_up", "We come by and show how the tents go up.", promise="Call with the day of the visit."),
    ), later=(
        (DAY, "cem", tasks_done("Called: it was a day too late, but the visit is agreed.", kept=False)),
        (5 * DAY, "cem", case_solved(_R.ANSWERED, "Showed six people how the tents go up.")),
    )),
    ContactStory(12 * DAY, "cora", _P, 31, (
        *OPENED,
        about("support"),
        at("serial", serial="MS-25-20818"),
        at("warranty"),
        at("symptoms", need="The mat is flat in the morning.", how_often="always", safe=YES),
        at("troubleshoot", answer="1"),
        at("troubleshoot", answer="1"),
        at("troubleshoot", answer="1"),
        at("settle"),
        *ended("resolved", "The hole is patched and the mat holds."),
    )),
    ContactStory(8 * DAY, "cora", _C, 5, (
        WROTE,
        *VERIFIED,
        about("complaint"),
        at("statement", statement="This is the third time I ask. Does anybody read this at all?"),
        guide_opened("restate"),
        at("calm_listen", listened=YES),
        at("calm_feeling", feeling="let_down"),
        help_wanted("She asks for whoever is in charge."),
        help_given("sam", "Wrote two lines; she is calmer now."),
        at("calm_power", offer="A voucher for the next order", goodwill="10.00"),
        at("calm_agree", next="One answer today, from one person."),
        left_out("calm_limit", "Angry, never abusive."),
        at("restate", restated="You asked three times and nobody answered.", agreed=YES),
        at("apology", apology="given"),
        at("options", {"offer-goodwill": YES, "offer-corrected": YES}, goodwill="10.00",
           outcome="goodwill", solved_here=YES),
        solved("goodwill", "Answered the question and sent a voucher of 10 EUR."),
        *ended("resolved", "The question is answered and a voucher is on its way.",
               promise="Ask on Monday whether the voucher came."),
    ), later=((HOUR, "cora", tasks_done("The voucher came; she thanked us.")),)),
    ContactStory(6 * DAY, "cem", _P, 24, (
        *OPENED,
        about("inquiry"),
        given_up("The caller had to catch a train and calls again."),
    )),
    ContactStory(5 * DAY, "cora", _I, 0, (
        WROTE,
        *VERIFIED,
        about("support"),
        at("serial", serial="GS-24-10077"),
        at("warranty"),
        at("symptoms", need="It smells of gas as soon as the cartridge is on.", how_often="always", safe="no"),
        at("troubleshoot", answer="1"),
        at("severity", {"question-safe": YES, "question-use": "no"}),
        at("escalate"),
        *ended("handed_on", "Nobody uses the stove any more; it stays here.",
               promise="Call about the exchange."),
    ), later=(
        (HOUR, "cora", tasks_done("Called: the new stove leaves today.")),
        (3 * HOUR, "sam", case_solved(_R.EXCHANGE, "Sent a new stove; the old one went to the workshop.")),
    )),
    ContactStory(2 * DAY, "cem", _P, 29, (
        GREET,
        left_out("who", "The caller does not want to say a name."),
        *complained("Your driver parks on the pavement every single time.",
                    "The driver blocks the pavement.", solved_here="no"),
        at("severity", {"question-harm": "no", "question-use": YES}),
        at("escalate", handed_up="owner", owner=Known.ME, due=Known.SLOT, next="Speak with the carrier."),
        *ended("follow_up", "We speak with the carrier about the pavement.", satisfied="unknown"),
    ), later=(
        (5 * HOUR, "cem", tasks_done("Spoke with the carrier.")),
        (5.1 * HOUR, "cem", case_solved(_R.CORRECTED, "The carrier stops in the yard from now on.")),
    )),
    ContactStory(28 * HOUR, "cora", _P, 34, (
        *OPENED,
        about("inquiry"),
        at("need", need="Does the filter take the taste of chlorine away?", topic="product"),
        at("answer", answer="I ask the maker.", settled="follow_up"),
        *ended("follow_up", "We ask the maker and come back.", satisfied="unknown",
               promise="Call with what the maker says."),
    ), later=(
        (HOUR, "cora", tasks_done("Called: a little, not all of it.")),
        (1.1 * HOUR, "cora", case_solved(_R.ANSWERED, "It takes some of the taste away, not all of it.")),
    )),
    ContactStory(150, "cem", _P, 0, (
        *STRONGLY,
        about("payment_issue"),
        at("which", order=Known.ORDER),
        at("compare", said="My receipt says five euros less than you took.", finding="other_amount"),
        at("give_back", amount="5.00", reason="The receipt says 5 EUR less.", agreed=YES, fingerprint=Known.READ),
        *ended("handed_on", "Accounts look at it and write with the old and the new amount."),
    ), order=4),
    ContactStory(100, "cora", _P, 21, (
        *OPENED,
        about("complaint"),
        at("statement", statement="Der Deckel der Kanne schließt nicht, und niemand ruft zurück."),
        *ended("lost", "The lid of the pot does not close.", satisfied="unknown",
               undone="The line broke while she spoke; nobody answers there."),
    ), later=((40, "cora", case_solved(_R.EXCHANGE, "Reached her in the end; a new lid leaves today.")),)),
    ContactStory(62, "cem", _P, 3, (
        *OPENED,
        about("support"),
        at("serial", none=YES, reason="The plate has worn off.", product="KETTLE-1", proof="none"),
        at("warranty"),
        at("symptoms", need="The whistle stays silent.", how_often="sometimes", safe=YES),
        left_out("troubleshoot", "The customer has no time to try anything now."),
        at("severity", {"question-safe": "no", "question-use": YES}),
        at("escalate", handed_up="owner", owner=Known.ME, due=Known.SLOT, next="Go through the kettle together."),
        *ended("follow_up", "We call again and go through it together.",
               promise="Call again and go through it."),
    )),
    ContactStory(52, "cora", _E, 9, (
        *UNASKED,
        about("inquiry"),
        at("need", need="Which oil is right for the oak board?", topic="product"),
        at("answer", answer="Any oil that hardens, such as linseed; never olive oil.", settled="resolved"),
        *ended("resolved", "Linseed oil, twice a year."),
    )),
    ContactStory(42, "cora", _P, 3, (
        *OPENED,
        about("open_case"),
        at("which_case", case=Known.CASE),
        at("said", heard="I have found the plate: it was inside the lid. Does that help you?"),
        at("now", then="stands"),
        at("stands", told="It does. Cem has the number of the plate now and calls as agreed."),
        *ended("follow_up", "We have the number of the plate and call as agreed."),
    )),
    ContactStory(34, "cem", _P, 12, (
        *ordered({"product-1": "BOTTLE-1", "quantity-1": "2"}, PAID_LATER),
        *ended("order_placed", "Two bottles, paid by transfer.", promise="Write as soon as they have left."),
    )),
)  # fmt: skip


def plan_contacts(story: Story) -> None:
    """Plan every contact and what was done about it afterwards."""
    for told in CONTACTS:
        plan_contact(story, told)
