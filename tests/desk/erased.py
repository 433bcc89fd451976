"""A customer of whom something stands in every table that can tell of one, all of it ended."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from models import (
    AbuseReport,
    Amendment,
    Attachment,
    AvailabilityRequest,
    Case,
    CaseNote,
    Chat,
    ChatMessage,
    ClockEvent,
    Contact,
    ContactAnswer,
    ContactStep,
    ContactTranscript,
    DataRequest,
    Disclosure,
    Escalation,
    Feedback,
    FollowUp,
    HelpCall,
    Improvement,
    Intake,
    Mail,
    MailFile,
    Message,
    OneTimeCode,
    OrderApproval,
    OrderNote,
    OrderPaper,
    Promise,
    QualityCard,
    QualitySample,
    QualityScore,
    RefundRequest,
    Return,
    SpecialRequest,
)
from models.words import (
    ApprovalStatus,
    Audience,
    Availability,
    CaseKind,
    Channel,
    ChatAuthor,
    ChatEnd,
    ChatStatus,
    ClockEventKind,
    DataRequestKind,
    DataRequestStatus,
    DisclosureGround,
    EscalationStatus,
    FeedbackKind,
    FollowUpKind,
    FollowUpStatus,
    ImprovementSource,
    MailKind,
    MailStatus,
    NoteKind,
    OrderStatus,
    PaymentMethod,
    PromiseStatus,
    RefundStatus,
    ReturnStatus,
    Role,
    StepState,
)
from portal.desk import (
    audit,
    customers,
    intake,
    merging,
    orders,
    payments,
    verification,
)
from portal.desk.customers import CustomerDetails
from portal.desk.scripts import composing, versions
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, MARA, SAM
from tests.desk.stories import opened, resolved
from tests.shop import DRAFT, led_to

WHO: dict[str, Any] = {
    "name": "Zoltan Zebralast", "email": "zoltan@hidden.example.com", "phone": "+4930998877", "street": "Zebra Street 77",
    "postal_code": "98989", "city": "Zebratown", "note": "Zoltan likes tea.",
}  # fmt: skip
TELLING = ("zoltan", "zebralast", "998877", "zebra street", "98989", "zebratown", "998 877")
"""What must be found nowhere afterwards, however it is written."""
WORDS = "Zoltan Zebralast of Zebra Street 77, Zebratown (030 998 877, ZOLTAN@hidden.example.com) asks."
"""What somebody wrote about him."""


async def told_of(desk: Desk) -> int:
    """Fill every table with this customer and end all of it; returns the id of a case of somebody else."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        await customers.change(work, ana, ana.version, **WHO)
        twin = await customers.create(work, CustomerDetails(name=WHO["name"], phone=WHO["phone"]))
        bo = await customers.create(work, CustomerDetails(name="Bo", email="bo@example.com"))
    async with desk.work(SAM) as work:
        await merging.merge(work, await customers.load(work, ANA), twin.number, WORDS)
    ship = {"ship_name": WHO["name"], "ship_address": f"{WHO['street']}\n98989 Zebratown", "note": WORDS}
    order_id = await led_to(desk, OrderStatus.DELIVERED, orders.OrderDraft(**{**_fields(DRAFT), **ship}))
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        await payments.charge(
            work, order, method=PaymentMethod.TRANSFER, amount_minor=order.total_minor, reference="Zebralast", note=WORDS
        )  # fmt: skip
    case_id = await opened(
        desk, subject="Zoltan’s kettle", statement=WORDS, order_id=order_id, restated=WORDS
    )
    await opened(desk, CaseKind.INQUIRY, customer_id=bo.id, subject="Bo’s lamp")
    async with desk.work(CORA) as work:
        made = await intake.begin(work, Channel.PHONE)
    await resolved(desk, case_id)
    async with desk.work(SYSTEM) as work:
        row = await work.session.get_one(Intake, made)
        contact = await work.session.get_one(Contact, row.contact_id)
        contact.customer_id, contact.handle, contact.summary = ANA, WHO["phone"], WORDS
        contact.cues, contact.suspect, contact.link = ("upset",), WORDS, "https://example.com/zoltan"
        row.answers = {"greet": {"words": WORDS}}
        row.done = {"greet": {"at": work.now.isoformat(), "by": 1, "said": WORDS}}
        row.case_id = case_id
        await audit.record(work, "fill in contact", contact, reason=WORDS)
    async with desk.work(CORA) as work:
        await verification.reveal(work, await customers.load(work, ANA), WORDS)
        await intake.abandon(work, made, WORDS)
    async with desk.work(SYSTEM) as work:
        await _hang(work, ANA, case_id, order_id, contact.id)
    async with desk.work(SYSTEM) as work:
        for model, status in ((FollowUp, FollowUpStatus.CANCELLED), (Promise, PromiseStatus.KEPT)):
            ended = {"closed_at": work.now} if model is Promise else {"next_at": None}
            await work.session.execute(
                update(model).values(status=status, **ended), execution_options={"audited": True}
            )
        await audit.record(work, "end everything")
    return case_id + 1


def _fields(draft: orders.OrderDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


async def _hang(work: Work, customer_id: int, case_id: int, order_id: int, contact_id: int) -> None:
    """A row with these words in each table that no deed of the story above has filled."""
    now, cora, mara = work.now, CORA.person_id, MARA.person_id
    version = (await composing.in_force(work))["difficult"].id
    line = (await orders.load(work, order_id)).lines[0]
    line.list_price_minor, line.price_reason = line.unit_price_minor, WORDS
    document = {"ship_name": WHO["name"], "lines": [{"sku": "CH-1", "words": WORDS}], "total": 1}
    one: dict[str, Any] = {"order_id": order_id, "case_id": case_id, "contact_id": contact_id}
    number = (await work.session.get_one(Case, case_id)).number
    mail = Mail(
        key="k", kind=MailKind.CONCERN, status=MailStatus.SET_ASIDE, because=WORDS, sender_name=WHO["name"],
        sender_address=WHO["email"].upper(), subject=WORDS, words=WORDS, message_id="<zoltan@example.com>", size=1,
        left_out=WORDS, received_at=now, taken_at=now,
    )  # fmt: skip
    work.session.add_all(
        [
            mail,
            CaseNote(case_id=case_id, kind=NoteKind.NOTE, words=WORDS, written_at=now, happened_why=WORDS),
            ClockEvent(case_id=case_id, kind=ClockEventKind.INBOUND, at=now, reason=WORDS),
            Escalation(
                case_id=case_id, target="asked", to_role=Role.SUPERVISOR, status=EscalationStatus.RESOLVED, reason=WORDS,
                raised_at=now, accepted_at=now, ended_at=now,
            ),
            Feedback(
                kind=FeedbackKind.RESOLUTION, once="x", customer_id=customer_id, case_id=case_id, score=4, comment=WORDS,
                invited_at=now, expires_at=now, answered_at=now,
            ),
            FollowUp(
                kind=FollowUpKind.CALL_BACK, words=WORDS, message=WORDS, owner_id=cora, customer_id=customer_id,
                status=FollowUpStatus.OPEN, result=WORDS, created_at=now, due_at=now, next_at=now,
            ),
            Promise(what=WORDS, owner_id=cora, customer_id=customer_id, made_at=now, due_at=now, result=WORDS),
            HelpCall(
                contact_id=contact_id, called_by_id=cora, called_at=now, words=WORDS, ended_at=now, outcome=WORDS
            ),
            AbuseReport(contact_id=contact_id, reported_by_id=cora, reported_at=now, words=WORDS, review=WORDS),
            OneTimeCode(contact_id=contact_id, hashed="0", sent_to="z••@hidden", sent_at=now, expires_at=now),
            OrderApproval(
                order_id=order_id, causes=("price",), listed_minor=1, status=ApprovalStatus.REFUSED, asked_by_id=cora,
                asked_at=now, decided_at=now, decision=WORDS,
            ),
            SpecialRequest(order_id=order_id, wish=f"In red. {WORDS}", reason=WORDS, created_at=now),
            Amendment(
                order_id=order_id, number=2, before=document, after=document, fingerprint="0", reason=WORDS, made_at=now
            ),
            Improvement(
                words=WORDS, source=ImprovementSource.ERROR, case_id=case_id, raised_by_id=mara, raised_at=now,
                ended_at=now, ended_by_id=mara, dropped_because=WORDS,
            ),
            QualityScore(
                sample=QualitySample(
                    card=QualityCard(number=1, criteria=[], adherence_weight=1, made_at=now),
                    month=now.date(), seed="s", per_person=1, drawn_by_id=mara, drawn_at=now,
                ),
                contact_id=contact_id, person_id=cora, kept=1, due=1, score=1000, remarks=WORDS, scored_by_id=mara,
                scored_at=now, answer=WORDS, answered_at=now,
            ),
            OrderNote(order_id=order_id, words=WORDS, written_by_id=cora, written_at=now),
            AvailabilityRequest(
                product_id=line.product_id, quantity=1, order_line_id=line.id, question=WORDS, remark=WORDS, asked_at=now,
                due_at=now, answer=Availability.YES, units=1, answered_at=now,
            ),
            Return(
                number="HZ-1", order_id=order_id, status=ReturnStatus.CANCELLED, words=WORDS, expected_by=now.date(),
                ended_because=WORDS, announced_at=now, ended_at=now,
            ),
            RefundRequest(
                **one, amount_minor=1, currency="EUR", reason=WORDS, fingerprint="0", status=RefundStatus.REFUSED,
                asked_by_id=cora, asked_at=now, decided_by_id=mara, decided_at=now, decision=WORDS,
            ),
            DataRequest(
                kind=DataRequestKind.ACCESS, customer_id=customer_id, words=WORDS, status=DataRequestStatus.DONE,
                outcome=WORDS, received_on=now.date(), due_on=now.date() + timedelta(days=30), noted_at=now, ended_at=now,
            ),
            Disclosure(
                at=now, who="Mara", recipient="Zebralast & Sons", what=WORDS, customer_id=customer_id,
                ground=DisclosureGround.CONSENT, reason=WORDS,
            ),
            Message(
                once="gathered", template="closing-sheet", audience=Audience.COLLEAGUE, to_name="Sam",
                to_address="sam@example.com", subject="Due", body_text=f"{number}: {WORDS}",
                body_html=WORDS, message_id="<g@example.com>", created_at=now, next_at=now,
            ),
        ]
    )  # fmt: skip
    chat = Chat(
        number="HG-1", key="0" * 64, name=WHO["name"], address=WHO["email"], language="en", subject=WORDS[:120],
        contact_id=contact_id, status=ChatStatus.ENDED, ended_as=ChatEnd.CUSTOMER, opened_at=now, due_at=now, ended_at=now,
    )  # fmt: skip
    work.session.add(chat)
    await work.session.flush()
    work.session.add(ChatMessage(chat_id=chat.id, author=ChatAuthor.CUSTOMER, words=WORDS, written_at=now))
    await work.session.flush()
    answer = {
        "contact_id": contact_id,
        "version_id": version,
        "script": "difficult",
        "step": "calm_agree",
        "ended_at": now,
    }
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (
            Attachment,
            {
                "contact_id": contact_id, "step": "calm_agree", "field": "next", "name": "zoltan.txt",
                "media_type": "text/plain", "size": 1, "digest": "0" * 64, "content": b"zoltan",
                "added_by_id": cora, "added_at": now,
            },
        ),
        (
            ContactTranscript,
            {
                "contact_id": contact_id, "number": 1, "name": "zoltan.vtt", "words": WORDS,
                "added_by_id": cora, "added_at": now,
            },
        ),
        (
            ContactTranscript,
            {
                "contact_id": contact_id, "number": 2, "words": "", "added_by_id": cora, "added_at": now,
                "removed_by_id": cora, "removed_because": WORDS[:300], "removed_at": now,
            },
        ),
        (
            MailFile,
            {
                "mail_id": mail.id, "name": "zoltan.txt", "media_type": "text/plain", "size": 1, "digest": "0",
                "content": b"zoltan",
            },
        ),
        (
            OrderPaper,
            {
                "order_id": order_id, "name": "zoltan.pdf", "whereabouts": "Under Z for Zebralast", "size": 1,
                "media_type": "application/pdf", "digest": "0" * 64, "content": b"zoltan", "added_at": now,
            },
        ),
        (ContactAnswer, {**answer, "field": "words", "kind": "long", "value": WORDS}),
        (ContactAnswer, {**answer, "field": "colour", "kind": "choice", "value": "red"}),
        (
            ContactStep,
            {
                **{name: answer[name] for name in ("contact_id", "version_id", "step", "ended_at")},
                "kind": "ask", "place": 99, "state": StepState.SKIPPED, "required": True, "reason": WORDS,
                "channel": Channel.PHONE,
            },
        ),
    )  # fmt: skip
    for model, values in rows:
        await work.session.execute(insert(model).values(values).execution_options(audited=True))
    await audit.record(work, "hang everything on it", reason=WORDS)
