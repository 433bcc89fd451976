"""Every script of the desk as a contact that walks it, from the greeting to the goodbye: what is done at each step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.words import CaseKind, CaseStatus, Channel, OrderStatus, Outcome, PaymentMethod
from portal.desk import cases, orders, payments
from portal.desk.work import Desk
from tests.browser.walking import Choose, Find, Hidden, Pick, Press, Select, Step, Tick, Unfold, Write, at
from tests.cast import CEM, CORA
from tests.desk.stories import opened, the_case
from tests.shop import CHAIR, led_to, of_lines
from tests.wizard import known

Prepare = Callable[[Desk], Awaitable[object]]


async def ordered(desk: Desk) -> None:
    """A chair that Ana ordered and has not paid."""
    await known(desk)
    await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))


async def ordered_and_asked(desk: Desk) -> None:
    """A chair that Ana ordered, and a complaint of hers that is open."""
    await ordered(desk)
    await opened(desk)


async def paid_too_much(desk: Desk) -> None:
    """A chair that Ana paid at the terminal, and an order that was made smaller since."""
    await known(desk)
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 2)))
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await payments.charge(
            work, order, method=PaymentMethod.TERMINAL, amount_minor=9980, reference="slip 1"
        )
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        draft = of_lines((CHAIR, 1))
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(
            work, order, draft, fingerprint=agreed, expected_amended=0, reason="One is enough."
        )


async def received(desk: Desk) -> None:
    """Two chairs that Ana ordered and has."""
    await known(desk)
    await led_to(desk, OrderStatus.DELIVERED, of_lines((CHAIR, 2)))


async def asked_of(desk: Desk) -> None:
    """A complaint of Ana's that waits for her answer, and an inquiry of hers."""
    await known(desk)
    case_id = await opened(desk)
    await opened(desk, CaseKind.INQUIRY, Channel.EMAIL, subject="When do you open on Saturday?")
    async with desk.work(CEM) as work:
        await cases.ask_customer(work, await the_case(work, case_id), "Which colour was the kettle?")


@dataclass(frozen=True)
class Situation:
    """A script, what there has to be before, what is done at each step, and what the contact leaves behind."""

    script: str
    prepare: Prepare
    steps: tuple[Step, ...]
    outcome: Outcome
    orders: tuple[int, ...] = ()
    """What each order comes to."""
    cases: tuple[tuple[CaseKind, CaseStatus, int], ...] = ()
    """Kind, status and how often it was handed up."""
    exchanged: tuple[tuple[int, int | None], ...] = ()
    """Of each return, which order it is of and which goes out instead."""
    name: str = ""
    """Where a script is walked in more than one way."""

    def __str__(self) -> str:
        return self.name or self.script


GREET = at("greet", Tick("greeted"))
KNOWN = (GREET, at("who", Find("look", "ana ex", "Ana")))
VERIFIED = (*KNOWN, at("verify", Write("postcode", "10115"), Write("email", "ana@example.com")))
STRONGLY = (
    *KNOWN,
    at(
        "verify",
        Unfold("Another way"),
        Write("dial_reason", "She asks about her money."),
        Press("Show the number"),
    ),
    at("verify", Press("The customer answered there")),
    at("verify"),
)
NEW = (
    GREET,
    at("who", Find("look", "nobody here", "New customer: nobody here")),
    at("who", Write("phone", "030 5550188")),
)


def about(situation: str) -> Step:
    return at("about", Pick("situation", situation))


SUM_UP = at("summary", Tick("understood"))
GOODBYE = at("close", Pick("anything_else", "asked"), Pick("satisfied", "yes"))
CLOSING = (SUM_UP, GOODBYE)

ORDER = (
    *VERIFIED,
    about("order"),
    at("lines", Find("look", "chair", "Chair")),
    at("lines", Write("quantity-1", "2")),
    at("delivery"),
    at("check", Tick("checked")),
    at("read_back", Tick("agreed")),
    at("confirm"),
    at("payment", Pick("method", "transfer"), Write("reference", "T-4711")),
    *CLOSING,
)
ORDER_TO_COMPARE = (
    *VERIFIED,
    about("order"),
    at("lines", Find("look", "CH-2", "Chair")),
    at("lines", Write("quantity-1", "6")),
    at("lines", Tick("wait-1")),
    at("delivery"),
    at("cross_check", Tick("checked")),
    at("check", Tick("checked")),
    at("read_back", Tick("agreed")),
    at("confirm"),
    at("payment", Pick("when", "later")),
    *CLOSING,
)
AMENDMENT = (
    *VERIFIED,
    about("amendment"),
    at("which", Pick("what", "several")),
    at("new_lines", Write("quantity-1", "2")),
    at("new_delivery"),
    at("new_requests", Write("requests", "Wrap it as a present.")),
    at("look_again", Tick("checked")),
    at("read_changes", Tick("wish-1"), Tick("agreed")),
    at("amend", Write("reason", "One more guest.")),
    at("pay_rest", Pick("when", "later")),
    *CLOSING,
)
INQUIRY = (
    *NEW,
    about("inquiry"),
    at("need", Write("need", "Does it come in blue?")),
    at("answer", Write("answer", "In blue and green."), Pick("settled", "resolved")),
    *CLOSING,
)
HEARD = (
    *NEW,
    about("complaint"),
    at("statement", Write("statement", "The kettle leaks.")),
    at("restate", Write("restated", "Your kettle leaks."), Tick("agreed")),
    at("apology", Pick("apology", "given")),
)
COMPLAINT = (
    *HEARD,
    at(
        "options",
        Tick("offer-refund"),
        Tick("offer-goodwill"),
        Write("goodwill", "10"),
        Pick("solved_here", "no"),
    ),
    at("severity", Pick("question-harm", "no"), Pick("question-use", "no")),
    at(
        "escalate",
        Hidden("why"),
        Unfold("What goes with it"),
        Pick("handed_up", "yes"),
        Write("why", "She wants the kitchen paid."),
    ),
    *CLOSING,
)
EXCHANGE = (
    *VERIFIED,
    about("complaint"),
    at("statement", Write("statement", "A leg broke off.")),
    at("restate", Write("restated", "One chair is broken."), Tick("agreed")),
    at("apology", Pick("apology", "given")),
    at("options", Tick("offer-exchange"), Tick("offer-refund"), Choose("outcome", "exchange")),
    at("goods_back", Pick("order", "HR-26-000001-9")),
    at("goods_back", Write("units-1", "1"), Choose("reason", "faulty"), Write("serial", "CH-4711-08")),
    at("replacement"),
    at("replacement_delivery"),
    at("replacement_read_back", Tick("agreed")),
    at("replacement_order"),
    at(
        "settle",
        Pick("settled", "resolved"),
        Write("what_was_done", "A new chair comes."),
        Write("actions", "Ordered a new chair"),
    ),
    *CLOSING,
)
TECHNICAL = (
    *VERIFIED,
    about("complaint"),
    at("statement", Write("statement", "The chair wobbles."), Write("order", "HR-26-000001-9")),
    at("restate", Write("restated", "The chair is not safe."), Tick("agreed")),
    at("apology", Pick("apology", "given")),
    at(
        "options",
        Tick("offer-exchange"),
        Tick("offer-technical_support"),
        Choose("outcome", "technical_support"),
    ),
    at("piece", Tick("none"), Write("reason", "Worn off.")),
    at("technical", Write("trouble", "The chair wobbles since Monday.")),
    at("settle", Pick("settled", "kept"), Select("owner"), Select("due")),
    *CLOSING,
)
SERVICE_REQUEST = (
    *NEW,
    about("service_request"),
    at("request", Write("need", "Mend the tap, please."), Pick("service", "visit")),
    at("particulars", Write("where", "Example Street 1\n10115 Berlin"), Select("slot")),
    at("settle", Pick("settled", "kept"), Select("owner"), Select("due")),
    *CLOSING,
)
SUPPORT = (
    *NEW,
    about("support"),
    at("serial", Tick("none"), Write("reason", "Worn off."), Pick("proof", "none")),
    at("warranty"),
    at("symptoms", Write("need", "It does nothing."), Pick("safe", "yes")),
    at("troubleshoot", Pick("tree", "anything")),
    at("troubleshoot", Pick("answer", "1")),
    at("troubleshoot", Pick("answer", "1")),
    at("settle"),
    *CLOSING,
)
PAYMENT_ISSUE = (
    *STRONGLY,
    about("payment_issue"),
    at("which"),
    at("compare", Write("said", "One chair came, and I paid two.")),
    at("give_back", Write("reason", "The order was made smaller.")),
    at("give_back", Tick("agreed")),
    *CLOSING,
)
OPEN_CASE = (
    *VERIFIED,
    about("open_case"),
    at(
        "which_case",
        Pick("case", "HC-26-000001-9"),
        Unfold("What was last said on HC-26-000001-9"),
        Write("number", "hc 26 000001 9"),
    ),
    at("said", Write("heard", "It was blue.")),
    at("now", Pick("then", "stands")),
    at("stands", Write("told", "The new one is packed and leaves tomorrow.")),
    *CLOSING,
)
DIFFICULT = (
    GREET,
    at("who", Press("Difficult?", keys="Alt+d")),
    at("calm_listen", Tick("listened")),
    at("calm_feeling", Pick("feeling", "angry")),
    at("calm_power", Write("offer", "A call back this afternoon.")),
    at("calm_agree", Write("next", "We call back at four.")),
    at("calm_limit", Pick("ending", "go_on")),
    *NEW[1:],
    *INQUIRY[len(NEW) :],
)
CLOSED = (
    *NEW,
    about("inquiry"),
    at("need", Write("need", "When does it open again?")),
    at("answer", Write("answer", "I find out."), Pick("settled", "follow_up")),
    at(
        "summary",
        Tick("understood"),
        Write("promise-1", "Call back with the day"),
        Select("due-1"),
        Unfold("Somebody else"),
        Write("party-1", "Her brother"),
        Tick("agrees-1"),
    ),
    GOODBYE,
)

SITUATIONS = (
    Situation("order", known, ORDER, Outcome.ORDER_PLACED, (9980,)),
    Situation(
        "order",
        ordered_and_asked,
        ORDER_TO_COMPARE,
        Outcome.ORDER_PLACED,
        (4990, 29940),
        ((CaseKind.COMPLAINT, CaseStatus.OPEN, 0),),
        name="order-to-compare",
    ),
    Situation("amendment", ordered, AMENDMENT, Outcome.ORDER_AMENDED, (9980,)),
    Situation(
        "inquiry", known, INQUIRY, Outcome.RESOLVED, cases=((CaseKind.INQUIRY, CaseStatus.RESOLVED, 0),)
    ),
    Situation(
        "complaint",
        known,
        COMPLAINT,
        Outcome.HANDED_ON,
        cases=((CaseKind.COMPLAINT, CaseStatus.OPEN, 1),),
    ),
    Situation(
        "complaint",
        received,
        EXCHANGE,
        Outcome.RESOLVED,
        (9980, 0),
        ((CaseKind.COMPLAINT, CaseStatus.RESOLVED, 0),),
        ((1, 2),),
        name="complaint-exchange",
    ),
    Situation(
        "complaint",
        received,
        TECHNICAL,
        Outcome.FOLLOW_UP,
        (9980,),
        ((CaseKind.COMPLAINT, CaseStatus.OPEN, 0), (CaseKind.SUPPORT, CaseStatus.OPEN, 0)),
        name="complaint-technical",
    ),
    Situation(
        "service_request",
        known,
        SERVICE_REQUEST,
        Outcome.FOLLOW_UP,
        cases=((CaseKind.SERVICE_REQUEST, CaseStatus.OPEN, 0),),
    ),
    Situation(
        "support", known, SUPPORT, Outcome.RESOLVED, cases=((CaseKind.SUPPORT, CaseStatus.RESOLVED, 0),)
    ),
    Situation(
        "payment_issue",
        paid_too_much,
        PAYMENT_ISSUE,
        Outcome.HANDED_ON,
        (4990,),
        ((CaseKind.PAYMENT_ISSUE, CaseStatus.OPEN, 1),),
    ),
    Situation(
        "open_case",
        asked_of,
        OPEN_CASE,
        Outcome.FOLLOW_UP,
        cases=((CaseKind.COMPLAINT, CaseStatus.OPEN, 0), (CaseKind.INQUIRY, CaseStatus.OPEN, 0)),
    ),
    Situation(
        "difficult", known, DIFFICULT, Outcome.RESOLVED, cases=((CaseKind.INQUIRY, CaseStatus.RESOLVED, 0),)
    ),
    Situation("closing", known, CLOSED, Outcome.FOLLOW_UP, cases=((CaseKind.INQUIRY, CaseStatus.OPEN, 0),)),
)
