"""A payment issue in the wizard, and its refund at the desk, in browsers without a script. S3-13.2"""

from sqlalchemy import select

from models import Case, CaseNote, Escalation, Message, PaymentEntry, RefundRequest
from models.words import CaseKind, CaseStatus, NoteKind, OrderStatus, PaymentKind, PaymentMethod, Role
from portal.desk import audit, orders, payments, refunds, ways_back
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FIN, FRED, SAM
from tests.shop import CHAIR, led_to, of_lines
from tests.visits import Visitor
from tests.wizard import Walk, called_back, fingerprint, known, to_about

SAID = "You charged my card twice for the chair!"


async def paid_twice(desk: Desk) -> int:
    """One chair, paid at the terminal, and the same slip taken in once more by an import."""
    await known(desk)
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await payments.charge(
            work, order, method=PaymentMethod.TERMINAL, amount_minor=4990, reference="slip 1"
        )
    async with desk.work(SYSTEM) as work:
        again = PaymentEntry(
            order_id=number,
            kind=PaymentKind.CHARGE,
            method=PaymentMethod.TERMINAL,
            amount_minor=4990,
            currency="EUR",
            reference="slip 1",
            taken_at=work.now,
        )
        work.session.add(again)
        await audit.record(work, "record payment", again)
    return number


async def comparing(desk: Desk, visitor: Visitor, number: int) -> Walk:
    """Up to order, ledger and receipts side by side."""
    async with desk.look(CORA) as work:
        chosen = (await orders.load(work, number)).number
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="payment_issue")
    await walk.send(order=chosen)
    assert walk.at == "compare"
    return walk


async def test_what_was_charged_twice_goes_to_accounts_and_back_to_the_customer(
    desk: Desk, visitor: Visitor
) -> None:
    """S3-13.2.1a, S3-13.2.1b, S3-13.2.1c"""
    walk = await comparing(desk, visitor, await paid_twice(desk))
    assert "49.90 EUR too much was paid." in walk.text
    assert "The same amount was charged before." in walk.text
    assert (await walk.send(finding="charged_twice")).status_code == 422
    await walk.send(said=SAID, finding="charged_twice")
    assert (walk.at, 'value="49.90"' in walk.page.text) == ("give_back", True)
    await called_back(desk, walk)
    told = {"amount": "49.90", "reason": "The slip was taken in twice."}
    answer = await walk.send(**told)
    assert (answer.status_code, "It goes back the way it came: terminal, slip 1." in walk.text) == (422, True)
    other = {"code": "charged_wrong", "other_method": "terminal", "other_because": "The bank asked."}
    answer = await walk.send(**told, **other, do="read_back")
    assert (answer.status_code, "It came this way: leave this open." in walk.text) == (422, True)
    assert 'value="The bank asked."' in walk.page.text
    answer = await walk.send(**told, **{**other, "other_because": ""})
    assert (answer.status_code, "Say why it does not go back the way it came." in walk.text) == (422, True)
    await walk.send(**told, **{**other, "other_method": "transfer"})
    assert "It goes back another way, by transfer: The bank asked." in walk.text
    await walk.send(**told)
    stale = fingerprint(walk)
    answer = await walk.send(amount="9.90", reason=told["reason"], agreed="yes", fingerprint=stale)
    assert (answer.status_code, "Read it back as it stands here now" in walk.text) == (422, True)
    await walk.send(**told, agreed="yes")
    await walk.send(**told, agreed="yes", fingerprint=fingerprint(walk))
    assert walk.at == "summary"
    async with desk.look(SYSTEM) as work:
        case = (await work.session.scalars(select(Case))).one()
        raised = (await work.session.scalars(select(Escalation))).one()
        request = (await work.session.scalars(select(RefundRequest))).one()
    assert (case.kind, case.statement, case.held_by_role, case.order_id) == (
        CaseKind.PAYMENT_ISSUE, SAID, Role.FINANCE, request.order_id,
    )  # fmt: skip
    assert (request.case_id, request.amount_minor, request.contact_id) == (case.id, 4990, case.contact_id)
    assert raised.to_role is Role.FINANCE
    assert "49.90 EUR was charged more than once." in raised.reason
    assert "The reason: The slip was taken in twice." in raised.reason

    fin = await visitor(FIN)
    page = (await fin.get("/refunds")).text
    assert "€49.90" in page
    assert "slip 1" in page
    refused = await fin.post(f"/refunds/{request.id}/refusal", data={"words": ""})
    assert (refused.status_code, "Say why not, in words for the customer." in refused.text) == (422, True)
    approved = await fin.post(f"/refunds/{request.id}/approval", data={"words": "You are right."})
    assert (approved.status_code, approved.headers["location"]) == (303, "/refunds")
    assert "No refund waits for a decision." in (await fin.get("/refunds")).text
    assert "approved by Fin" in (await fin.get("/refunds?show=decided")).text
    async with desk.look(SYSTEM) as work:
        amounts = (
            await work.session.scalars(select(PaymentEntry.amount_minor).order_by(PaymentEntry.id))
        ).all()
        letters = select(Message.template).where(Message.template == "refund-decided")
        notes = (
            await work.session.scalars(select(CaseNote.words).where(CaseNote.kind == NoteKind.ACTION))
        ).all()
        assert (amounts, len((await work.session.scalars(letters)).all()), notes) == (
            [4990, 4990, -4990], 1, ["A refund was approved: 49.90 EUR."],
        )  # fmt: skip


async def test_where_everything_fits_it_is_explained_and_settled(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=4990)
    walk = await comparing(desk, visitor, number)
    assert "Order, ledger and receipts fit." in walk.text
    kept = await walk.send(said="Too much!", receipt_amount="48.90", do="compare")
    assert (kept.status_code, walk.at) == (200, "compare")
    assert "The customer’s receipt says 48.90 EUR, the ledger 49.90 EUR." in walk.text
    await walk.send(said="Too much!", finding="right")
    assert walk.at == "settle_payment"
    await walk.send(
        settled="resolved",
        code="answered",
        what_was_done="Explained the receipt.",
        actions="Read the receipt out.",
    )
    assert walk.at == "summary"
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(Case.status))) == [CaseStatus.RESOLVED]


async def test_what_is_still_owed_is_taken(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    number = await led_to(desk, OrderStatus.CONFIRMED, of_lines((CHAIR, 1)))
    walk = await comparing(desk, visitor, number)
    assert "49.90 EUR is still to pay." in walk.text
    await walk.send(said="I got a reminder.", finding="underpaid")
    assert walk.at == "take_rest"
    await walk.send(when="now", method="transfer", amount="49.90", reference="T-4711")
    assert walk.at == "settle_payment"
    await walk.open("summary")
    assert "It is about order HR-26-000001-9. 49.90 EUR was paid." in walk.text


async def test_who_may_decide_and_who_may_not(desk: Desk, visitor: Visitor) -> None:
    number = await paid_twice(desk)
    async with desk.work(SAM) as work:
        order = await orders.load(work, number)
        draft = await ways_back.draft_of(work, order, 4990, "Twice.")
        request = await refunds.ask(
            work, order, amount_minor=4990, reason="Twice.", fingerprint=draft.fingerprint
        )
    sam = await visitor(SAM)
    assert "You asked for this yourself" in (await sam.get("/refunds")).text
    assert (await sam.post(f"/refunds/{request.id}/approval", data={})).status_code == 403
    for actor in (CORA, FRED):
        client = await visitor(actor)
        assert (await client.get("/refunds")).status_code == 403
        assert (await client.post(f"/refunds/{request.id}/approval", data={})).status_code == 403
    fin = await visitor(FIN)
    assert (await fin.post("/refunds/9999/approval", data={})).status_code == 404
    assert (await fin.post(f"/orders/{number}/payments", data={})).status_code == 403
