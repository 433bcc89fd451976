"""The versions of an order and the queue of refunds, as pages. S1-4.6.2b, S3-4.1.3b"""

from dataclasses import replace

from models.words import CaseKind, Channel, OrderStatus, PaymentMethod
from portal.desk import cases, orders, payments, refunds, ways_back
from portal.desk.work import Desk
from tests.cast import ANA, CORA, FIN, FRED, MARA
from tests.shop import CHAIR, DRAFT, led_to
from tests.visits import Visitor


async def test_an_order_tells_its_versions_and_hides_where_the_customer_lives(
    desk: Desk, visitor: Visitor
) -> None:
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        draft = replace(DRAFT, lines=((CHAIR, 3),), ship_address="Other Lane 2\n10115 Berlin")
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(
            work, order, draft, fingerprint=agreed, expected_amended=0, reason="She moves.", our_error=True
        )
    here = f"/orders/{number}"
    desk_page, stock_page = [(await (await visitor(who)).get(here)).text for who in (CORA, FRED)]
    for page in (desk_page, stock_page):
        assert "Version 2" in page
        assert "2 × 49.90 EUR" in page
        assert "our mistake" in page
        assert "She moves." in page
    assert ["Other Lane 2" in page for page in (desk_page, stock_page)] == [False, True]
    table = (await (await visitor(CORA)).get("/admin/amendments/details/1")).text
    assert ("She moves." in table, "Other Lane" in table) == (True, False)


async def test_a_refund_of_a_restricted_case_is_decided_by_managers_alone(
    desk: Desk, visitor: Visitor
) -> None:
    """S3-5.1.2"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    async with desk.work(CORA) as work:
        order = await orders.load(work, number)
        await payments.charge(work, order, method=PaymentMethod.CASH, amount_minor=1000)
        case = await cases.open_case(
            work,
            cases.NewCase(
                CaseKind.PAYMENT_ISSUE,
                Channel.PHONE,
                "A lawyer asks",
                "My lawyer asks for it.",
                ANA,
                order_id=number,
                legal=True,
            ),
        )
        draft = await ways_back.draft_of(work, order, 1000, "Settled with her lawyer.")
        request = await refunds.ask(
            work,
            order,
            amount_minor=1000,
            reason=draft.reason,
            fingerprint=draft.fingerprint,
            case_id=case.id,
        )
    fin, mara = await visitor(FIN), await visitor(MARA)
    assert "No refund waits for a decision." in (await fin.get("/refunds")).text
    assert (await fin.post(f"/refunds/{request.id}/approval", data={})).status_code == 404
    assert "Settled with her lawyer." in (await mara.get("/refunds")).text
    assert (await mara.post(f"/refunds/{request.id}/approval", data={})).status_code == 303
