"""Money asked back, decided by another, appended to the ledger. S3-4.1.3b, S3-13.2.1, S4-4.5"""

import asyncio

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from models import AuditEntry, CaseNote, Message, Order, PaymentEntry, RefundRequest
from models.words import (
    CaseKind,
    Channel,
    NoteKind,
    OrderStatus,
    PaymentKind,
    PaymentMethod,
    RefundReason,
    RefundStatus,
)
from portal.desk import audit, cases, orders, payments, reconciling, refunds, ways_back
from portal.desk.cards import REFUSAL
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.reconciling import Finding
from portal.desk.ways_back import WayBack
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ANA, CORA, FIN, FRED, SAM
from tests.shop import CHAIR, led_to, of_lines

TERMINAL = PaymentMethod.TERMINAL


async def bought(desk: Desk, *amounts: int) -> int:
    """Two chairs for 99.80, paid at the terminal in these parts; gives the order's id."""
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 2)))
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        for place, amount in enumerate(amounts or (9980,), 1):
            await payments.charge(
                work, order, method=TERMINAL, amount_minor=amount, reference=f"slip {place}"
            )
    return number


async def asked(
    work: Work, number: int, amount: int, *, reason: str = "Charged twice.", **told: object
) -> RefundRequest:
    """Read a refund back and ask for it."""
    order = await orders.load(work, number)
    correction = bool(told.get("correction"))
    way = told.get("way", ways_back.THE_WAY_IT_CAME)
    assert isinstance(way, WayBack)
    draft = await ways_back.draft_of(work, order, amount, reason, correction=correction, way=way)
    given = {"fingerprint": draft.fingerprint, **told}
    return await refunds.ask(work, order, amount_minor=amount, reason=reason, **given)  # type: ignore[arg-type]  # each story gives some


async def test_an_approved_refund_goes_back_the_way_the_money_came(desk: Desk) -> None:
    """S4-4.5"""
    number = await bought(desk, 4990, 4990)
    async with desk.work(CORA) as work:
        case = await cases.open_case(
            work,
            cases.NewCase(
                CaseKind.PAYMENT_ISSUE, Channel.PHONE, "Paid too much", "I paid twice.", ANA, order_id=number
            ),
        )
        request = await asked(work, number, 4990, case_id=case.id)
    async with desk.work(FIN) as work:
        entry = await refunds.approve(work, await refunds.load(work, request.id), "You are right.")
        told = (entry.kind, entry.method, entry.reference, entry.amount_minor, entry.reverses_id)
        assert told == (PaymentKind.REFUND, TERMINAL, "slip 2", -4990, 2)
    async with desk.look(FIN) as work:
        order = await orders.load(work, number)
        assert [one.amount_minor for one in await payments.entries(work, order)] == [4990, 4990, -4990]
        assert await payments.balance(work, order) == 4990
        kept = await refunds.load(work, request.id)
        assert (kept.status, kept.decided_by_id, kept.decision, kept.entry_id) == (
            RefundStatus.APPROVED, FIN.person_id, "You are right.", entry.id,
        )  # fmt: skip
        note = (await work.session.scalars(select(CaseNote).where(CaseNote.kind == NoteKind.ACTION))).one()
        assert (note.case_id, note.words) == (case.id, "A refund was approved: 49.90 EUR.")
        letter = (
            await work.session.scalars(select(Message).where(Message.template == "refund-decided"))
        ).one()
        assert (letter.once, letter.reference) == (f"refund-decided/{request.id}", order.number)
        assert {"old_minor: 9980", "new_minor: 4990"} <= set(letter.body_text.splitlines())
        entry_ = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "approve refund"))
        assert entry_ is not None
        assert entry_.changes[f"payment_entries/{entry.id}"]["amount_minor"] == [None, -4990]


async def test_money_goes_back_another_way_with_a_reason_and_somebody_elses_yes(desk: Desk) -> None:
    """S4-4.5"""
    number = await bought(desk)
    because = "The card was given back to the bank."
    way = ways_back.way_back("returned", "transfer", f" {because}\n")
    assert way == WayBack(RefundReason.RETURNED, PaymentMethod.TRANSFER, because)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        draft = await ways_back.draft_of(work, order, 9980, "It came back.", way=way)
        assert draft.read_aloud()[1] == f"It goes back another way, by transfer: {because}"
        assert draft.fingerprint != (await ways_back.draft_of(work, order, 9980, "It came back.")).fingerprint
        request = await asked(work, number, 9980, reason="It came back.", way=way)
        assert (request.code, request.other_method, request.other_because, request.goodwill) == (
            RefundReason.RETURNED, PaymentMethod.TRANSFER, because, False,
        )  # fmt: skip
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await refunds.approve(work, await work.session.get_one(RefundRequest, request.id))
    async with desk.work(FIN) as work:
        entry = await refunds.approve(work, await refunds.load(work, request.id))
        assert (entry.kind, entry.method, entry.reference, entry.amount_minor, entry.reverses_id) == (
            PaymentKind.REFUND, PaymentMethod.TRANSFER, "", -9980, 1,
        )  # fmt: skip
    async with desk.look(FIN) as work:
        letter = select(Message.body_text).where(Message.template == "refund-decided")
        told = set((await work.session.scalars(letter)).one().splitlines())
    assert {"method: transfer", "payment_reference: ", "another_way: True"} <= told


@pytest.mark.parametrize(
    ("code", "method", "because", "refused"),
    [
        ("because", "", "", {"code": "Choose what it is for."}),
        ("", "cash", " ", {"other_because": "Say why it does not go back the way it came."}),
        ("", "", "No card.", {"other_method": "Choose the way it goes back."}),
        ("", "cheque", "x", {"other_method": "Choose a way of the list, or leave it open."}),
        ("", "cash", "x" * 301, {"other_because": "At most 300 characters."}),
    ],
)
def test_another_way_needs_its_reason_and_a_reason_its_way(
    code: str, method: str, because: str, refused: dict[str, str]
) -> None:
    assert ways_back.way_back("", "", "") == ways_back.THE_WAY_IT_CAME
    with pytest.raises(NotAccepted) as error:
        ways_back.way_back(code, method, because)
    assert error.value.fields == refused


async def test_another_way_is_another_one_and_moves_money(desk: Desk) -> None:
    number = await bought(desk)
    for method, correction, words in (
        (TERMINAL, False, "It came this way: leave this open."),
        (PaymentMethod.CASH, True, "No money goes back where only the ledger is wrong."),
    ):
        way = WayBack(RefundReason.OTHER, method, "x")
        async with desk.work(CORA) as work:
            with pytest.raises(NotAccepted) as refused:
                await asked(work, number, 100, correction=correction, way=way)
        assert refused.value.fields == {"other_method": words}


async def test_a_correction_is_a_further_entry_and_moves_no_money(desk: Desk) -> None:
    """S3-13.2.1b"""
    number = await bought(desk)
    async with desk.work(CORA) as work:
        request = await asked(work, number, 900, reason="The slip says 90.80.", correction=True)
    async with desk.work(SAM) as work:
        await refunds.approve(work, await refunds.load(work, request.id))
    async with desk.look(FIN) as work:
        entries = await payments.entries(work, await orders.load(work, number))
        assert [(one.kind, one.amount_minor, one.reverses_id) for one in entries] == [
            (PaymentKind.CHARGE, 9980, None),
            (PaymentKind.ADJUSTMENT, -900, None),
        ]


async def test_nobody_decides_on_what_they_asked_for(desk: Desk) -> None:
    """S3-4.1.3b"""
    number = await bought(desk)
    async with desk.work(SAM) as work:
        request = await asked(work, number, 100)
    for deed in (refunds.approve, refunds.refuse):
        async with desk.work(SAM) as work:
            with pytest.raises(NotAllowed, match="somebody else has to decide"):
                await deed(work, await refunds.load(work, request.id), "Yes.")
    for actor in (CORA, FRED):
        async with desk.work(actor) as work:
            with pytest.raises(NotAllowed):
                await refunds.approve(work, await work.session.get_one(RefundRequest, request.id))
    async with desk.look(FIN) as work:
        assert [row.request.status for row in (await refunds.queue(work)).rows] == [RefundStatus.ASKED]


async def test_the_database_itself_refuses_the_same_person(desk: Desk) -> None:
    number = await bought(desk)
    async with desk.work(SYSTEM) as work:
        values = {
            "order_id": number,
            "amount_minor": 100,
            "currency": "EUR",
            "reason": "Mine.",
            "goodwill": False,
            "correction": False,
            "fingerprint": "0" * 64,
            "status": RefundStatus.APPROVED,
            "asked_by_id": SAM.person_id,
            "asked_at": work.now,
            "decided_by_id": SAM.person_id,
            "decided_at": work.now,
            "decision": "",
            "version": 1,
        }
        with pytest.raises(IntegrityError, match="decided_by_another"):
            await work.session.execute(insert(RefundRequest).values(values).execution_options(audited=True))
        await work.session.rollback()
        work.session.sync_session.info.clear()


async def test_never_more_than_was_paid(desk: Desk) -> None:
    number = await bought(desk)
    async with desk.work(CORA) as work:
        for amount in (0, -1, 9981, 10**15):
            with pytest.raises(NotAccepted) as refused:
                await asked(work, number, amount)
            assert refused.value.fields == {"amount": "Between 0.01 and 99.80 EUR."}
        await asked(work, number, 9000)
        with pytest.raises(NotAccepted) as refused:
            await asked(work, number, 981)
        assert refused.value.fields == {"amount": "Between 0.01 and 9.80 EUR."}
        await asked(work, number, 980)
        with pytest.raises(NotAccepted) as refused:
            await asked(work, number, 1)
        order = await orders.load(work, number)
        assert refused.value.fields == {"amount": f"Nothing paid on {order.number} is left to give back."}


async def test_refunds_together_never_exceed_what_was_paid_in_a_race(desk: Desk) -> None:
    """S4-4.5, S3-4.1.3b"""
    number = await bought(desk)

    async def ask(by: Actor, amount: int) -> int:
        try:
            async with desk.work(by) as work:
                return (await asked(work, number, amount)).amount_minor
        except NotAccepted:
            return 0

    won = await asyncio.gather(ask(CORA, 6000), ask(SAM, 6000), ask(CORA, 6000), ask(SAM, 6000))
    assert sorted(won) == [0, 0, 0, 6000]
    async with desk.look(FIN) as work:
        assert [row.request.amount_minor for row in (await refunds.queue(work)).rows] == [6000]


async def test_two_who_decide_at_once_pay_once(desk: Desk) -> None:
    number = await bought(desk)
    async with desk.work(CORA) as work:
        request = await asked(work, number, 9980)

    async def decide(by: Actor) -> str:
        try:
            async with desk.work(by) as work:
                await refunds.approve(work, await refunds.load(work, request.id))
        except WrongMoment as refused:
            return refused.message
        return "paid"

    assert sorted(await asyncio.gather(decide(FIN), decide(SAM))) == ["This was already approved.", "paid"]
    async with desk.look(FIN) as work:
        assert sorted(await work.session.scalars(select(PaymentEntry.amount_minor))) == [-9980, 9980]


async def test_what_was_not_read_back_is_not_asked_for(desk: Desk) -> None:
    """Decision 19"""
    number = await bought(desk)
    async with desk.work(CORA) as work:
        draft = await ways_back.draft_of(work, await orders.load(work, number), 100, "Charged twice.")
        assert draft.read_aloud() == [
            f"We ask our accounts to give 1.00 EUR back on {draft.order_number}.",
            "It goes back the way it came: terminal, slip 1.",
            "The reason: Charged twice.",
            "Somebody else decides on it, and we write to you then.",
        ]
        with pytest.raises(WrongMoment, match="no longer what was read back"):
            await asked(work, number, 101, fingerprint=draft.fingerprint)
        with pytest.raises(NotAccepted) as card:
            await asked(work, number, 100, reason="To 4111 1111 1111 1111")
        assert card.value.fields == {"reason": REFUSAL}


async def test_a_refusal_needs_words_and_moves_nothing(desk: Desk) -> None:
    number = await bought(desk)
    async with desk.work(CORA) as work:
        request = await asked(work, number, 100)
    async with desk.work(FIN) as work:
        held = await refunds.load(work, request.id)
        with pytest.raises(NotAccepted):
            await refunds.refuse(work, held, " ")
        await refunds.refuse(work, held, "It was paid once only.")
        with pytest.raises(WrongMoment, match="already refused"):
            await refunds.approve(work, held)
    async with desk.look(FIN) as work:
        assert list(await work.session.scalars(select(PaymentEntry.amount_minor))) == [9980]
        assert [row.decided_by for row in (await refunds.queue(work, decided=True)).rows] == ["Fin"]


async def test_order_ledger_and_receipts_side_by_side(desk: Desk) -> None:
    """S3-13.2.1a"""
    number = await bought(desk, 4990)
    async with desk.look(CORA) as work:
        order = await orders.load(work, number)
        found = await reconciling.compare(work, order)
        assert (found.total_minor, found.paid_minor, found.open_minor, found.likely) == (
            9980, 4990, 4990, Finding.UNDERPAID,
        )  # fmt: skip
        entry = found.movements[0].entry
        found = await reconciling.compare(
            work, order, receipt_number=entry.receipt_number or "", receipt_minor=4900
        )
        assert (
            found.findings[Finding.OTHER_AMOUNT]
            == "The customer’s receipt says 49.00 EUR, the ledger 49.90 EUR."
        )
    async with desk.work(SYSTEM) as work:  # as a bank statement that was taken in twice
        row = PaymentEntry(
            order_id=number,
            kind=PaymentKind.CHARGE,
            method=TERMINAL,
            amount_minor=4990,
            currency="EUR",
            taken_at=work.now,
        )
        third = PaymentEntry(
            order_id=number,
            kind=PaymentKind.CHARGE,
            method=TERMINAL,
            amount_minor=4990,
            currency="EUR",
            taken_at=work.now,
        )
        work.session.add_all([row, third])
        await audit.record(work, "record payment", row)
    async with desk.look(FIN) as work:
        found = await reconciling.compare(work, await work.session.get_one(Order, number))
        assert found.findings == {
            Finding.OVERPAID: "49.90 EUR too much was paid.",
            Finding.CHARGED_TWICE: "49.90 EUR was charged more than once.",
        }
        assert found.likely is Finding.CHARGED_TWICE
        assert [one.marks for one in found.movements] == [
            (),
            ("The same amount was charged before.", "No receipt was written."),
            ("The same amount was charged before.", "No receipt was written."),
        ]
    async with desk.look(FRED) as work:
        with pytest.raises(NotAllowed):
            await reconciling.compare(work, await work.session.get_one(Order, number))


async def test_the_queue_goes_on_where_it_ended(desk: Desk) -> None:
    """Waiting the oldest first, decided the newest first, and each is on one page."""
    number = await bought(desk)
    async with desk.work(CORA) as work:
        made = [(await asked(work, number, 100 + one)).id for one in range(5)]
    for one in made[:3]:
        async with desk.work(SAM) as work:
            await refunds.refuse(work, await refunds.load(work, one), "No.")
    found: dict[bool, list[list[int]]] = {False: [], True: []}
    async with desk.look(FIN) as work:
        for decided, pages in found.items():
            before = "first"
            while before:
                page = await refunds.queue(work, decided=decided, before=before, limit=2)
                pages.append([row.request.id for row in page.rows])
                before = page.older
    assert found == {False: [made[3:]], True: [[made[2], made[1]], [made[0]]]}
