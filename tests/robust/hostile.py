"""A desk on which every text that somebody typed is an attack: to see that it is shown as text everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Enum, String, func, select, update

from models import (
    AuditEntry,
    Base,
    Case,
    CaseNote,
    ClockEvent,
    ConsentWording,
    Customer,
    Feedback,
    Message,
    Order,
    OrderNote,
    OrderPaper,
    PaymentEntry,
    Person,
)
from models.words import CaseStatus, ClockEventKind, ConsentPurpose, NoteKind, PaymentKind, PaymentMethod
from portal.desk import audit, cases, links, orders
from portal.desk.links import Purpose
from portal.desk.work import SYSTEM, Desk, Work
from portal.letters import Letters
from tests.admin_views.story import Day, lived
from tests.cast import ANA, CORA, FRED, Clock
from tests.robust.everywhere import come_to, named, straightened
from tests.robust.hanging import hung_on
from tests.scene import Scene, busy_monday

MARK = "zq7"
EVALUATED = str(7 * 7919)
"""What a template engine would make of the sum in the text."""
LONG = (
    f"{MARK}'\"><{MARK} on{MARK}=1></{MARK}><script>alert(1)</script><img src=x onerror=alert(1)></textarea></title>"
    '</script></style><svg/onload=alert(1)>{{7*7919}}${7*7919}<%=7*7919%><a href="javascript:alert(1)">x</a>&lt;&#39;'
)
MIDDLE = f'{MARK}"><img src=x onerror=alert(1)>'
SHORT = f'"><{MARK} x'
LEFT_OUT = frozenset(
    {
        "number", "currency", "language", "zone", "hours", "once", "message_id", "template", "script",
        "script_version", "step", "kind", "field", "read_back", "fingerprint", "verified_by", "claimed_by",
        "body_text", "body_html", "issuer", "subject_id", "receipt_number", "region", "target", "owner",
        "to_address", "abandoned_because", "closed_because", "paused_for", "digest",
    }
)  # fmt: skip
"""Columns that hold no word of a person, or are only ever written by the desk."""
HOUSE = frozenset({"attempts", "number_sequences", "search_tokens", "idempotency_keys", "sessions"})
ADDED_TO = frozenset(
    {
        "amendments", "article_versions", "audit_entries", "case_notes", "clock_events", "payment_entries",
        "disclosures", "policy_versions", "script_versions", "training_records", "chat_messages", "consent_wordings",
        "order_notes", "order_papers", "payment_limits",
    }
)  # fmt: skip
"""Nobody changes their rows; further ones are added."""
KEYS = frozenset(
    {
        ("job_slots", "name"),
        ("customers", "email"),
        ("people", "email"),
        ("people", "subject"),
        ("orders", "source"),
    }
)
UNIQUE = frozenset({"sku", "source_id", "slug", "phrase"})
NAMED_ONCE = frozenset({("service_standards", "name")})
"""Columns that are unique too, of a name that others have as well."""
ANSWERS = (
    "look", "statement", "restated", "reason", "other", "chosen", "what_was_done", "actions", "why", "concern", "need",
    "answer", "summary", "promise-1", "due-1", "ship_name", "ship_address", "wanted_on", "wanted_from", "wanted_until",
    "note", "requests", "amount", "reference", "order", "name", "organisation", "email", "phone", "street", "city",
    "region", "postal_code", "country",
    "notes", "undone", "quantity-1", "method", "situation", "case_kind", "settled", "code", "how",
)  # fmt: skip
"""Everything that a step of the wizard may have been told."""


def attack(length: int | None) -> str:
    """The longest attack that a column has room for."""
    return next(
        (one for one in (LONG, MIDDLE, SHORT) if length is None or len(one) <= length), SHORT[:length]
    )


@dataclass(frozen=True, slots=True)
class Dressed:
    """What there is to look at."""

    day: Day
    scene: Scene
    steps: list[str]
    """The address of every step of every script."""
    token: str
    """A customer's link."""
    messages: list[int]
    names: dict[str, str]
    """What stands for every other part of an address."""


async def dressed(desk: Desk, clock: Clock) -> Dressed:
    """Let a day happen, then put an attack into every text of it, then let letters be written about it."""
    desk.writer = Letters()
    day = await lived(desk)
    scene = await busy_monday(desk, clock)
    async with desk.work(SYSTEM) as work:
        await _dress(work)
        await _add(work, scene, day)
    await straightened(desk, LONG)
    typed = {**dict.fromkeys(ANSWERS, LONG), "product-1": "1"}
    steps = await come_to(desk, CORA, scene.order, scene.complaint, typed)
    async with desk.work(SYSTEM) as work:
        await hung_on(work, CORA.person_id or 0, LONG)
    async with desk.work(CORA) as work:
        await cases.answer(work, await work.session.get_one(Case, scene.inquiry), LONG)
        await cases.ask_customer(work, await work.session.get_one(Case, scene.inquiry), LONG)
        await orders.cancel(work, await orders.load(work, day.order), LONG)
    async with desk.work(FRED) as work:
        await orders.dispatch(work, await orders.load(work, scene.prepared), carrier=MIDDLE, tracking=MIDDLE)
    async with desk.work(SYSTEM) as work:
        for model in (Customer, Person):  # until now letters had to find their way
            await work.session.execute(update(model).values(email=MIDDLE).execution_options(audited=True))
        await work.session.execute(update(Order).values(source=MIDDLE).execution_options(audited=True))
        await audit.record(work, "dress the addresses")
        asked = await work.session.get_one(Feedback, day.feedback)
        token = links.token(work.terms, Purpose.FEEDBACK, asked.id)
        messages = list(await work.session.scalars(select(Message.id).order_by(Message.id)))
    return Dressed(day, scene, steps, token, messages, await named(desk))


async def _dress(work: Work) -> None:
    for table in Base.metadata.sorted_tables:
        if table.name in HOUSE | ADDED_TO:
            continue
        values: dict[str, Any] = {}
        for column in table.columns:
            if not isinstance(column.type, String) or isinstance(column.type, Enum):
                continue
            if column.name in LEFT_OUT or (table.name, column.name) in KEYS:
                continue
            text = attack(column.type.length)
            once = column.name in UNIQUE or (table.name, column.name) in NAMED_ONCE
            values[column.name] = func.concat(SHORT, table.c.id) if once and "id" in table.columns else text
        if values:
            await work.session.execute(update(table).values(values).execution_options(audited=True))
    await audit.record(work, "dress", reason=LONG)


async def _add(work: Work, scene: Scene, day: Day) -> None:
    order = await work.session.get_one(Order, day.order)
    customer = await work.session.get_one(Customer, ANA)
    work.session.add_all(
        [
            PaymentEntry(
                order_id=scene.order, kind=PaymentKind.CHARGE, method=PaymentMethod.TRANSFER, amount_minor=1,
                currency="EUR", reference=attack(120), note=LONG, receipt_number="HB-25-000009-1", taken_at=work.now,
            ),
            ConsentWording(
                purpose=ConsentPurpose.MARKETING, number=2, words_en=LONG, words_de=LONG, written_at=work.now
            ),
            OrderNote(order_id=scene.order, words=LONG, written_by_id=CORA.person_id, written_at=work.now),
            OrderPaper(
                order_id=scene.order, name=attack(200), whereabouts=attack(300), media_type="image/png", size=1,
                digest="0" * 64, content=b"x", added_by_id=CORA.person_id, added_at=work.now,
            ),
            CaseNote(case_id=scene.complaint, kind=NoteKind.NOTE, words=LONG, written_at=work.now),
            ClockEvent(case_id=scene.complaint, kind=ClockEventKind.PAUSE, at=work.now, reason=attack(300)),
            ClockEvent(case_id=scene.complaint, kind=ClockEventKind.RESUME, at=work.now, reason=attack(300)),
        ]
    )  # fmt: skip
    over = await work.session.get_one(Case, scene.resolved)
    over.status, over.closed_at, over.closed_because = CaseStatus.CLOSED, work.now, LONG
    told = {f"customers/{ANA}": {MIDDLE: [LONG, LONG]}, LONG: {"name": [None, {"x": LONG}]}}
    for thing in (customer, order):
        await audit.record(work, MIDDLE, thing, reason=LONG, changes=told)


async def newest_entry(desk: Desk) -> int:
    async with desk.look(SYSTEM) as work:
        return (
            await work.session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.deed == MIDDLE)) or 0
        )
