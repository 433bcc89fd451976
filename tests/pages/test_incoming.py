"""A signed message of a social network makes one case, and sent again makes none. S2-12.4"""

import json
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from models import Case, CaseNote
from models.words import CaseKind, Channel
from portal.desk import signing
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, Clock
from tests.visits import Visitor

SECRET = "a secret that a network shares with the desk"
MESSAGE = {
    "id": "417", "network": "Bird site", "handle": "@ana", "text": "Where is\nmy chair?",
    "link": "https://bird.example.com/ana/417",
}  # fmt: skip


@pytest.fixture
async def network(app: Starlette, visitor: Visitor) -> httpx2.AsyncClient:
    """Something outside that sends messages; the desk has the secret."""
    app.state.settings = replace(app.state.settings, social_secret=SECRET)
    return await visitor(None)


async def sent(
    network: httpx2.AsyncClient,
    clock: Clock,
    message: object,
    *,
    late: int = 0,
    secret: str = SECRET,
    body: bytes = b"",
) -> httpx2.Response:
    """Send as a machine does, without an origin."""
    told = json.dumps(message).encode()
    timestamp = str(int(clock.now.timestamp()) - late)
    signed = signing.signature(secret.encode(), timestamp, told)
    headers = {
        "x-handrail-timestamp": timestamp,
        "x-handrail-signature": signed,
        "content-type": "application/json",
    }
    network.headers.pop("origin", None)
    return await network.post("/incoming/social", content=body or told, headers=headers)


async def made(desk: Desk) -> list[tuple[CaseKind, Channel, str, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(Case).order_by(Case.id))
        return [(one.kind, one.channel, one.subject, one.statement) for one in rows]


async def test_a_signed_message_makes_one_case_and_a_replay_makes_none(
    desk: Desk, network: httpx2.AsyncClient, clock: Clock, visitor: Visitor
) -> None:
    first = await sent(network, clock, MESSAGE)
    assert (first.status_code, first.json()) == (201, {"case": "HC-26-000001-9"})
    again = await sent(network, clock, MESSAGE)
    clock.forward(hours=30)
    later = await sent(network, clock, dict(reversed(MESSAGE.items())))
    assert [(one.status_code, one.json()) for one in (again, later)] == [(200, first.json())] * 2
    assert await made(desk) == [
        (CaseKind.INQUIRY, Channel.SOCIAL, "Where is my chair?", "Where is\nmy chair?")
    ]
    async with desk.look(SYSTEM) as work:
        notes = list(await work.session.scalars(select(CaseNote.words)))
    assert notes == ["Came by itself on Bird site from @ana: https://bird.example.com/ana/417"]
    assert "Where is my chair?" in (await (await visitor(CORA)).get("/cases/1")).text
    other = await sent(network, clock, {**MESSAGE, "text": "Another one."})
    elsewhere = await sent(network, clock, {**MESSAGE, "network": "Picture site"})
    assert (other.status_code, elsewhere.status_code, len(await made(desk))) == (409, 201, 2)


async def test_what_is_not_signed_just_now_makes_nothing(
    desk: Desk, app: Starlette, network: httpx2.AsyncClient, clock: Clock
) -> None:
    body = json.dumps(MESSAGE).encode()
    answers = [
        await sent(network, clock, MESSAGE, secret="another secret"),
        await sent(network, clock, MESSAGE, late=301),
        await sent(network, clock, MESSAGE, late=-301),
        await sent(network, clock, MESSAGE, body=body.replace(b"chair", b"money")),
        await network.post("/incoming/social", content=body),
        await network.post(
            "/incoming/social",
            content=body,
            headers={b"x-handrail-timestamp": b"\xb2", b"x-handrail-signature": b"\xe9"},
        ),
    ]
    assert [one.status_code for one in answers] == [401] * 6
    assert (await sent(network, clock, MESSAGE, late=300)).status_code == 201
    app.state.settings = replace(app.state.settings, social_secret="")
    assert (await sent(network, clock, {**MESSAGE, "id": "2"}, secret="")).status_code == 404
    assert len(await made(desk)) == 1


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ([], ["body"]),
        ({**MESSAGE, "text": 7}, ["text"]),
        ({**MESSAGE, "text": " ", "id": "x" * 121}, ["id", "text"]),
        ({**MESSAGE, "handle": "", "network": ""}, ["network", "handle"]),
        ({**MESSAGE, "link": "javascript:alert(1)"}, ["link"]),
        ({**MESSAGE, "network": "x" * 61}, ["network"]),
    ],
)
async def test_what_is_no_message_is_refused_by_field(
    desk: Desk, network: httpx2.AsyncClient, clock: Clock, message: object, fields: list[str]
) -> None:
    refused = await sent(network, clock, message)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, fields)
    assert await made(desk) == []


async def test_a_card_number_in_it_is_not_kept(desk: Desk, network: httpx2.AsyncClient, clock: Clock) -> None:
    text = "Take my 4111 1111 1111 1111, please; order 12345678901234."
    assert (await sent(network, clock, {**MESSAGE, "text": text})).status_code == 201
    ((_, _, subject, statement),) = await made(desk)
    assert subject == statement == "Take my [card number left out], please; order 12345678901234."


def test_a_signature_is_good_for_five_minutes(clock: Clock) -> None:
    now = clock.now
    told = str(int(now.timestamp()))
    signed = signing.signature(b"k", told, b"{}")
    moments = [now + timedelta(seconds=far) for far in (-301, -300, 300, 301)]
    good = [signing.is_signed(b"k", told, b"{}", signed, one) for one in moments]
    assert good == [False, True, True, False]
