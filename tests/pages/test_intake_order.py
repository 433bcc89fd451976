"""A phone order from greeting to goodbye, in a browser without a script."""

import re

from sqlalchemy import func, select

from models import Contact, Message, Order, PaymentEntry, PaymentWay
from models.words import Channel, ContactStatus, OrderStatus, Outcome
from portal.desk import paying
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM
from tests.shop import CHAIR, LAMP
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, stored, to_lines, to_read_back


async def test_a_phone_order_goes_from_greeting_to_goodbye_without_a_script(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-3.1a, S0-3.1.2a, S1-4.1.2d, S1-4.3.2a, S1-4.3.2b, S2-8.3, S4-2.1a"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    assert "my name is Cora" in walk.text
    await walk.send(greeted="yes")
    await walk.send(look="ana ex")
    assert "Ana E••••" in walk.text
    assert "Example Street" not in walk.page.text
    await walk.send(choice="1")
    await walk.send(postcode="10115")
    assert "1 of 2 match" in walk.text
    await walk.send(email="Ana@Example.com")
    assert "Ana Example verified" in walk.text
    await walk.send(situation="order")
    await walk.send(look="chair")
    assert "€49.90" in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "2"})
    assert "Example Street 1" in walk.page.text
    await walk.send(
        method="delivery", ship_name="Ana Example", ship_address="Example Street 1\r\n10115 Berlin"
    )
    await walk.send(checked="yes")
    assert "2 × Chair, piece at 49.90 EUR each: 99.80 EUR." in walk.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    assert "HR-26-000001-" in walk.text
    await walk.send(when="now", method="transfer", amount="99.80", reference="T-4711")
    assert "99.80 EUR was paid." in walk.text
    promised = {"promise-1": "Call about the colour", "due-1": "2026-03-03T09:00:00+00:00"}
    await walk.send(
        summary="Two chairs.",
        understood="yes",
        **promised,
    )
    await walk.send(anything_else="asked", satisfied="yes", outcome="order_placed")
    assert walk.page.url.path == "/"
    assert walk.seen == (
        [
            "greet",
            "who",
            "verify",
            "about",
            "lines",
            "delivery",
            "check",
            "read_back",
            "confirm",
            "payment",
            "summary",
            "close",
        ]
    )
    async with desk.look(SYSTEM) as work:
        order = (await work.session.scalars(select(Order))).one()
        paid = (await work.session.scalars(select(PaymentEntry.amount_minor))).all()
        contact = await work.session.get_one(Contact, 1)
        written = (await work.session.scalars(select(Message.template).order_by(Message.id))).all()
    assert (order.status, order.total_minor, order.ship_address, order.contact_id) == (
        OrderStatus.CONFIRMED, 9980, "Example Street 1\n10115 Berlin", 1,
    )  # fmt: skip
    assert list(paid) == [9980]
    assert (contact.status, contact.outcome, contact.greeted_at is not None) == (
        ContactStatus.CLOSED,
        Outcome.ORDER_PLACED,
        True,
    )
    assert list(written) == ["order-confirmation", "payment-receipt"]


async def test_the_greeting_cannot_be_passed_unspoken(visitor: Visitor) -> None:
    """S0-3.1.1b, S2-1.1"""
    walk = await Walk(await visitor(CORA)).begin()
    answer = await walk.send()
    assert answer.status_code == 422
    assert "Greet the customer first, then tick this." in walk.text
    assert "<title>Error: " in "".join(walk.page.text.split("\n")).replace("<title>      ", "<title>")


async def test_a_change_after_the_read_back_asks_for_another_one(desk: Desk, visitor: Visitor) -> None:
    """S0-3.1.4, decision 19"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_read_back(walk)
    agreed = fingerprint(walk)
    await walk.send(agreed="yes", how="spoken", fingerprint=agreed)
    assert walk.at == "confirm"
    await walk.open("lines")
    await walk.send(**{"product-1": "1", "quantity-1": "3"})
    await walk.open("confirm")
    assert "This cannot start yet. First: Read back." in walk.text
    answer = await walk.send()
    assert answer.status_code == 409
    await walk.open("read_back")
    assert "That no longer counts: Products changed since." in walk.text
    answer = await walk.send(agreed="yes", how="spoken", fingerprint=agreed)
    assert (answer.status_code, "Something changed while you were reading" in walk.text) == (422, True)
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Order)) == 0


async def test_several_lines_and_each_wish_have_a_yes_of_their_own(desk: Desk, visitor: Visitor) -> None:
    """S0-3.1.2a, S1-4.4.2b: and lose it when something changes; a single line has that to the whole."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_read_back(walk)
    assert "The customer says yes to each" not in walk.text
    await walk.open("lines")
    await walk.send(**{"product-1": "1", "quantity-1": "2", "product-2": "2", "quantity-2": "1"})
    await walk.open("delivery")
    where = {
        "method": "delivery",
        "ship_name": "Ana Example",
        "ship_address": "Example Street 1\n10115 Berlin",
    }
    await walk.send(**where, requests="As a gift")
    await walk.send(checked="yes")
    assert walk.at == "read_back"
    each = {"line-1": "yes", "line-2": "yes", "wish-1": "yes"}
    told = {"agreed": "yes", "how": "spoken", "fingerprint": fingerprint(walk)}
    for missing in each:
        answer = await walk.send(**told, **{name: yes for name, yes in each.items() if name != missing})
        assert (answer.status_code, walk.at) == (422, "read_back")
        assert (
            walk.text.count("Read it, hear the customer’s yes, then tick this.") == 2
        )  # on top, and at the field
        assert f'href="#{missing}"' in walk.page.text
    await walk.send(**told, **each)
    assert walk.at == "confirm"
    await walk.open("lines")
    await walk.send(**{"product-1": "1", "quantity-1": "3", "product-2": "2", "quantity-2": "1"})
    await walk.open("read_back")
    assert re.findall(r'id="(?:line|wish)-\d"[^>]* checked', walk.page.text) == []


async def test_a_double_click_places_one_order(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    client = await visitor(CORA)
    walk = await Walk(client).begin()
    await to_read_back(walk)
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    data = {"revision": walk.revision}
    answers = [await client.post(f"/intakes/{walk.id}/confirm", data=data) for _ in range(3)]
    assert [(one.status_code, one.headers["location"]) for one in answers] == [
        (303, f"/intakes/{walk.id}/payment")
    ] * 3
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Order)) == 1


async def test_nothing_is_paid_before_the_order_is_placed(desk: Desk, visitor: Visitor) -> None:
    """S0-3.5.1a"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    revision = walk.revision
    await walk.open("payment")
    assert "This cannot start yet. First: Place." in walk.text
    answer = await walk.client.post(
        f"/intakes/{walk.id}/payment",
        data={"revision": revision, "when": "now", "method": "cash", "amount": "1"},
    )
    assert answer.status_code == 409
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(PaymentEntry)) == 0


async def test_more_than_is_left_is_refused_at_the_line(desk: Desk, visitor: Visitor) -> None:
    """S1-4.2.1a"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    answer = await walk.send(**{"product-1": "1", "quantity-1": "9"})
    assert (answer.status_code, "Only 5 left of Chair." in walk.text) == (422, True)
    assert (await stored(desk, walk.id)).answers["lines"] == {"product-1": "1", "quantity-1": "9"}


async def test_the_customer_waits_for_what_is_not_there(desk: Desk, visitor: Visitor) -> None:
    """S1-4.2.1a, S1-4.4.1b, S0-3.1.4"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    line = {"product-1": str(CHAIR), "quantity-1": "7"}
    assert (await walk.send(**line)).status_code == 422
    assert "Only 5 left of Chair. Wait, replace it or drop it." in walk.text
    assert "The customer waits for 2 × Chair" in walk.text
    answer = await walk.send(**line, **{"wait-1": "yes", "until-1": "soon"})
    assert (answer.status_code, "Enter a day such as 2026-03-14." in walk.text) == (422, True)
    answer = await walk.send(**line, **{"wait-1": "yes", "until-1": "2026-03-01"})
    assert (answer.status_code, "This day has passed." in walk.text) == (422, True)
    await walk.send(**line, **{"wait-1": "yes", "until-1": "2026-03-20"})
    assert walk.at == "delivery"
    await walk.open("lines")
    assert 'value="2026-03-20"' in walk.page.text
    assert "left of Chair" not in walk.text
    await walk.open("delivery")
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1\n10115 Berlin")
    assert "2 of 7 later, expected in on" in walk.text
    await walk.send(checked="yes")
    assert (
        "2 of them come later: they are not in stock, and expected in on Friday, 20 March 2026." in walk.text
    )
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    async with desk.look(SYSTEM) as work:
        order = (await work.session.scalars(select(Order))).one()
        letter = (await work.session.scalars(select(Message.body_text))).one()
    assert "2 of 7 not in stock, to come later: expected in on Friday, 20 March 2026" in letter
    page = await (await visitor(CORA)).get(f"/orders/{order.id}")
    assert ("waits for goods" in page.text, "Hand over to fulfilment" in page.text) == (True, False)
    listed = await (await visitor(CORA)).get("/orders?show=waiting")
    assert order.number in listed.text


async def test_hours_of_the_day_are_taken_checked_and_shown(desk: Desk, visitor: Visitor) -> None:
    """S1-4.1.2d"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    await walk.send(**{"product-1": str(CHAIR), "quantity-1": "1"})
    pickup = {"method": "pickup", "ship_name": "Ana Example", "wanted_on": "2026-03-12"}
    answer = await walk.send(**pickup, wanted_from="early", wanted_until="12:00")
    assert (answer.status_code, "Enter a time such as 09:00." in walk.text) == (422, True)
    assert 'value="early"' in walk.page.text
    answer = await walk.send(**pickup, wanted_from="16:00", wanted_until="18:00")
    assert (answer.status_code, "We are open 09:00 to 17:00 on this day." in walk.text) == (422, True)
    await walk.send(**pickup, wanted_from="16:00", wanted_until="17:00")
    assert "Thu 12 Mar 2026, 16:00–17:00" in walk.text
    await walk.send(checked="yes")
    assert "Wanted on Thursday, 12 March 2026, between 16:00 and 17:00." in walk.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    cora = await visitor(CORA)
    for page in ("/orders/1", "/orders?show=to-prepare"):
        assert "16:00–17:00" in (await cora.get(page)).text
    async with desk.look(SYSTEM) as work:
        letter = (await work.session.scalars(select(Message.body_text))).one()
    assert "You asked for Thursday, 12 March 2026, between the hours 16:00–17:00." in letter


async def test_a_line_that_waits_and_is_taken_away_leaves_nothing(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    typed = {"product-1": str(CHAIR), "quantity-1": "7", "wait-1": "yes", "until-1": "2026-03-20"}
    await walk.client.post(
        f"/intakes/{walk.id}/lines", data={"revision": walk.revision, **typed, "do": "remove:1"}
    )
    assert (await stored(desk, walk.id)).answers.get("lines", {}) == {}


async def test_a_wrong_code_is_refused_and_each_near_match_is_one_press_away(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.1.2b"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    answer = await walk.send(look="LA-2")
    assert answer.status_code == 422
    assert "No product has the code or name LA-2. Similar: LA-1 Lamp." in walk.text
    assert "No product begins with “LA-2”. These are most like it: Lamp LA-1" in walk.text
    assert 'value="LA-2"' in walk.page.text
    press = {"revision": walk.revision, "look": "LA-2", "do": f"add:{LAMP}"}
    await walk.client.post(f"/intakes/{walk.id}/lines", data=press)
    assert (await stored(desk, walk.id)).answers["lines"] == {"product-1": str(LAMP), "quantity-1": "1"}
    await walk.open("lines")
    answer = await walk.send(look="nothing like it", **{"product-1": str(LAMP), "quantity-1": "1"})
    assert answer.status_code == 422
    assert "No product has the code or name nothing like it." in walk.text
    assert "Similar" not in walk.text
    part = await walk.client.post(
        f"/intakes/{walk.id}/parts/lines", data={"look": "chairman"}, headers={"hx-request": "true"}
    )
    assert (part.status_code, f'value="add:{CHAIR}"' in part.text) == (200, True)


async def test_the_ways_to_pay_are_those_of_the_channel_in_the_customers_words(
    desk: Desk, visitor: Visitor
) -> None:
    """S0-3.5.1b: a manager switches one off while the step is open: gone from the next look, and refused."""
    await known(desk)
    async with desk.work(SYSTEM) as work:
        await paying.ensure_defaults(work)
    cora, mara, sam = await visitor(CORA), await visitor(MARA), await visitor(SAM)
    walk = await Walk(cora).begin()
    await cora.post(f"/intakes/{walk.id}/language", data={"language": "de"})
    await walk.open(walk.at)
    await to_read_back(walk)
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    assert (walk.at, re.findall(r'name="method"\s+value="(\w+)"', walk.page.text)) == (
        "payment",
        ["transfer", "terminal"],
    )
    assert "Karte am Terminal; die Referenz steht auf dem Beleg." in walk.text
    async with desk.look(SYSTEM) as work:
        row = (
            await work.session.scalars(
                select(PaymentWay).where(PaymentWay.channel == Channel.PHONE, PaymentWay.method == "terminal")
            )
        ).one()
    at = f"/admin/payment-ways/edit/{row.id}"
    off = {"words_en": "In the shop.", "words_de": "Im Laden.", "version": "1"}
    assert (await sam.get("/admin/payment-ways/list")).status_code == 200
    assert [(await one.post(at, data=off)).status_code for one in (cora, sam)] == [403, 403]
    mute = await mara.post(at, data={**off, "words_de": ""})
    assert (mute.status_code, "Write it in German." in mute.text, "In the shop." in mute.text) == (
        422,
        True,
        True,
    )
    assert (await mara.post(at, data=off)).status_code == 303
    answer = await walk.send(when="now", method="terminal", amount="10")
    assert (answer.status_code, "This way of paying is not offered." in walk.text) == (422, True)
    await walk.open("payment")
    assert re.findall(r'name="method"\s+value="(\w+)"', walk.page.text) == ["transfer"]
    assert "Im Laden." not in walk.text
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(PaymentEntry)) == 0
        order_id = await work.session.scalar(select(Order.id))
    page = await cora.get(f"/orders/{order_id}")
    assert re.findall(r'name="method"\s+value="(\w+)"', page.text) == ["cash", "transfer", "terminal"]
