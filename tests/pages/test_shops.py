"""A signed order of a shop is checked as any other and placed once, however often it is sent. S1-4.1.1, S0-0.1"""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from models import AuditEntry, ChannelRule, Customer, Message, Order, OrderNote
from models.words import Channel, OrderStatus
from portal.desk import audit, channels, signing
from portal.desk.work import SYSTEM, Desk, Work
from portal.settings import BadSetting, check, read
from tests.cast import Clock
from tests.desk.test_second_person import limited
from tests.shop import stocked
from tests.visits import Visitor

SECRET, OTHER = "a secret of the web shop that is long enough", "the secret of the market that is long enough"
SOLD: dict[str, Any] = {
    "number": "W-1001", "currency": "EUR", "delivery": "delivery", "ship_address": "Side Street 1\n10115 Berlin",
    "customer": {"id": "417", "name": "Bo Example", "email": "bo@example.com", "language": "de"},
    "lines": [{"sku": "CH-1", "quantity": 2, "price": "49.90"}, {"sku": "AD-1", "quantity": 1, "price": "60.00"}],
}  # fmt: skip


@pytest.fixture
async def shop(app: Starlette, desk: Desk, visitor: Visitor) -> httpx2.AsyncClient:
    """Something outside that sends orders; the desk has goods and the secrets of two shops."""
    await stocked(desk)
    app.state.settings = replace(app.state.settings, shop_secrets=f"webshop={SECRET}\nmarket={OTHER}\n")
    outside = await visitor(None)
    outside.headers.pop("origin", None)
    return outside


async def sent(
    shop: httpx2.AsyncClient,
    clock: Clock,
    sold: object,
    *,
    name: str = "webshop",
    secret: str = SECRET,
    late: int = 0,
) -> tuple[int, dict[str, Any]]:
    """Send as a machine does, without an origin; the status and what is answered."""
    body, timestamp = json.dumps(sold).encode(), str(int(clock.now.timestamp()) - late)
    headers = {
        "x-handrail-shop": name,
        "x-handrail-timestamp": timestamp,
        "x-handrail-signature": signing.signature(secret.encode(), timestamp, body),
        "content-type": "application/json",
    }
    answer = await shop.post("/api/orders", content=body, headers=headers)
    return answer.status_code, answer.json() if answer.headers["content-type"] == "application/json" else {}


async def counted(desk: Desk) -> tuple[int | None, int | None]:
    """Orders, and customers that came from a shop."""
    async with desk.look(SYSTEM) as work:
        return (
            await work.session.scalar(select(func.count()).select_from(Order)),
            await work.session.scalar(select(func.count()).where(Customer.source.is_not(None))),
        )


async def test_an_order_is_placed_once_confirmed_and_names_its_shop(
    desk: Desk, shop: httpx2.AsyncClient, clock: Clock
) -> None:
    status, first = await sent(shop, clock, SOLD)
    number = first["order"]
    assert (status, list(first), str(number)[:13]) == (201, ["order"], "HR-26-000001-")
    clock.forward(hours=30)
    assert await sent(shop, clock, dict(reversed(SOLD.items()))) == (200, first)
    other = await sent(shop, clock, {**SOLD, "note": "Another one."})
    assert other == (409, {"error": "same_number_other_order"})
    assert await counted(desk) == (1, 1)
    async with desk.look(SYSTEM) as work:
        order = (await work.session.scalars(select(Order))).one()
        assert (order.status, order.channel, order.total_minor, order.source) == (
            OrderStatus.CONFIRMED, Channel.ONLINE, 15980, None
        )  # fmt: skip
        letter = (await work.session.scalars(select(Message))).one()
        assert (letter.to_address, letter.template, number in letter.subject) == (
            "bo@example.com", "order-confirmation", True
        )  # fmt: skip
        assert (await work.session.scalars(select(OrderNote.words))).all() == [
            "Came by itself from webshop, where it is W-1001."
        ]
        who = await audit_of(work)
    assert who == [
        ("place order", "webshop (shop)"),
        ("confirm order", "webshop (shop)"),
        ("take in order of a shop", "webshop (shop)"),
    ]
    again = {**SOLD, "number": "W-1002", "customer": {"id": "417", "name": "B. Example"}}
    assert (await sent(shop, clock, again))[0] == 201
    market = await sent(shop, clock, {**SOLD, "lines": SOLD["lines"][1:]}, name="market", secret=OTHER)
    assert (market[0], await counted(desk)) == (
        201,
        (3, 2),
    )  # the same customer of one shop, another of the other


async def audit_of(work: Work) -> list[tuple[str, str]]:
    rows = await work.session.execute(
        select(AuditEntry.deed, AuditEntry.who)
        .where(AuditEntry.subject_kind == "orders")
        .order_by(AuditEntry.id)
    )
    return [(deed, who) for deed, who in rows]


async def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(
    desk: Desk, shop: httpx2.AsyncClient, clock: Clock
) -> None:
    lines = [
        {"sku": "CH-1", "quantity": 0, "price": "49.90"},
        {"sku": "XX-9", "quantity": 1, "price": "1.00"},
        {"sku": "LA-1", "quantity": 3, "price": "19.00"},
    ]
    wrong = {
        **SOLD,
        "lines": lines,
        "ship_address": "",
        "currency": "USD",
        "customer": {"id": "417", "name": "", "email": "bo"},
    }
    async with desk.work(SYSTEM) as work:
        await channels.ensure_defaults(work)
        closed = update(ChannelRule).where(ChannelRule.channel == Channel.ONLINE).values(approved=False)
        await work.session.execute(closed, execution_options={"audited": True})
        await audit.record(work, "close the shop")
    await limited(desk, 10_000)
    status, told = await sent(shop, clock, {**SOLD, "lines": [SOLD["lines"][0], SOLD["lines"][1]]})
    two = "Two people have to agree to an order of this sum: have the customer call or write."
    assert (status, told["fields"]) == (
        422,
        {"channel": "Orders are not taken online at present.", "total": two},
    )
    status, told = await sent(shop, clock, wrong)
    assert (status, told["error"], told["fields"]) == (422, "not_accepted", {
        "channel": "Orders are not taken online at present.",
        "customer.name": "Enter a name. One word is enough.",
        "customer.email": "This is not an e-mail address. An email address must have an @-sign.",
        "currency": "Prices are in EUR.",
        "lines.1.quantity": "A whole number from 1 to 1,000,000.",
        "lines.2.sku": "No product has this code.",
        "lines.3.price": "It costs 20.00 EUR now.",
        "lines.3.quantity": "Only 1 left of Lamp. Wait, replace it or drop it.",
        "ship_address": "Enter where it is to be delivered.",
    })  # fmt: skip
    for body, fields in (
        ([], ["body"]),
        ({**SOLD, "number": 7, "delivery": "drone", "wanted_on": "soon"}, ["number", "delivery", "wanted_on"]),
        ({**SOLD, "customer": 7, "lines": []}, ["customer", "lines"]),
        ({**SOLD, "customer": {"name": "Bo"}, "lines": [7, {"sku": 1, "quantity": True}]},
         ["customer.id", "lines.1", "lines.2.quantity", "lines.2.sku"]),
        ({**SOLD, "note": "\0"}, ["note"]),
    ):  # fmt: skip
        status, told = await sent(shop, clock, body)
        assert (status, list(told["fields"])) == (422, fields)
    assert await counted(desk) == (0, 0)


async def test_what_is_not_signed_by_the_shop_itself_makes_nothing(
    desk: Desk, app: Starlette, shop: httpx2.AsyncClient, clock: Clock
) -> None:
    answers = [
        await sent(shop, clock, SOLD, secret=OTHER),
        await sent(shop, clock, SOLD, name="market"),
        await sent(shop, clock, SOLD, name="bazaar"),
        await sent(shop, clock, SOLD, late=301),
        await sent(shop, clock, SOLD, late=-301),
    ]
    assert answers == [(401, {"error": "invalid_signature"})] * 5
    assert (await shop.post("/api/orders", content=b"{}")).status_code == 401
    large = await shop.post("/api/orders", content=b" " * (app.state.settings.body_limit_kib * 1024 + 1))
    assert large.status_code == 413
    app.state.settings = replace(app.state.settings, shop_secrets="")
    assert (await sent(shop, clock, SOLD))[0] == 404
    assert await counted(desk) == (0, 0)


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (f"webshop={SECRET},webshop={OTHER}", "names a shop twice"),
        (f"Web Shop={SECRET}", "must be name=secret each"),
        ("webshop=short", "the secret of webshop must be at least 32 bytes"),
    ],
)
def test_a_secret_that_cannot_be_stops_the_start(rows: str, wrong: str) -> None:
    with pytest.raises(BadSetting, match=wrong):
        check(read({"HANDRAIL_SHOP_SECRETS": rows}))
