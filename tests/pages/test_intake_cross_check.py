"""The customer's open cases beside a new order, as the representative sees them."""

from portal.desk.work import Desk
from tests.cast import ANA, CORA
from tests.desk.coming_back import number_of
from tests.desk.stories import opened
from tests.shop import CHAIR, of_lines, ordered
from tests.visits import Visitor
from tests.wizard import Walk, known, to_lines


async def compared(visitor: Visitor) -> Walk:
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    await walk.send(**{"product-1": str(CHAIR), "quantity-1": "1"})
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1\n10115 Berlin")
    return walk


async def test_open_cases_are_shown_also_with_the_first_order_of_a_customer(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.2.2"""
    await known(desk)
    number = await number_of(desk, await opened(desk, subject="A <b>cracked</b> kettle"))
    walk = await compared(visitor)
    assert walk.at == "cross_check"
    assert f"{number} Complaint A <b>cracked</b> kettle answer" in walk.text
    assert "There are no earlier orders to compare with." in walk.text
    await walk.send(checked="yes")
    assert walk.at == "check"


async def test_orders_are_told_with_where_they_went_and_how_many_cases_there_are_besides(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.2.2"""
    await known(desk)
    await ordered(desk, of_lines((CHAIR, 1)))
    walk = await compared(visitor)
    assert "Nothing differs from the last orders." in walk.text
    assert "Example Street 1, 10115 Berlin" in walk.text
    assert "This customer has no open case." in walk.text
    for _ in range(7):
        await opened(desk, customer_id=ANA)
    await walk.open("cross_check")
    assert "and 2 more" in walk.text
    assert walk.text.count("A cracked kettle") == 5


async def test_the_step_does_not_come_where_only_a_restricted_case_is_open(
    desk: Desk, visitor: Visitor
) -> None:
    """S3-5.1.2"""
    await known(desk)
    await opened(desk, legal=True)
    assert (await compared(visitor)).at == "check"
