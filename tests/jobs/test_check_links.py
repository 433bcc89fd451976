"""Links that customers are sent are looked at, over real connections; the dead ones are flagged. S3-3.1.3b"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from jobs.check_links import check_links
from models import LinkCheck, Message
from models.words import LinkKind
from portal import outside
from portal.desk import dead_links, library, product_links, products
from portal.desk.library import Card, Text
from portal.desk.products import ProductDetails
from portal.desk.work import Desk
from tests.cast import CORA, INA, SAM, Clock

ANSWERS = {
    "/there": "200 OK",
    "/gone": "404 Not Found",
    "/broken": "500 Internal Server Error",
    "/members": "403 Forbidden",
    "/moved": "301 Moved Permanently\r\nLocation: /there",
    "/lost": "302 Found\r\nLocation: /gone",
    "/round": "302 Found\r\nLocation: /round",
    "/inside": "302 Found\r\nLocation: file:///etc/hostname",
}
"""What the server says; `/get` is there for whoever asks for the page itself alone."""


@asynccontextmanager
async def shop() -> AsyncIterator[str]:
    """A server on this machine, and its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, path, _ = (await reader.readline()).decode().split()
        said = ANSWERS.get(path) or ("200 OK" if method == "GET" else "405 Method Not Allowed")
        writer.write(f"HTTP/1.1 {said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def anybody(_host: str, _port: int) -> bool:
    return True


async def look(address: str) -> str:
    return await outside.look(address, anybody)


async def test_what_stands_at_an_address() -> None:
    async with shop() as address:
        found = {path: await look(address + path) for path in (*ANSWERS, "/get")}
    assert found == {
        "/there": "", "/members": "", "/moved": "", "/get": "",
        "/gone": "answers 404", "/lost": "answers 404", "/broken": "answers 500",
        "/round": "it sends one on and on", "/inside": "it leads to something that is no page",
    }  # fmt: skip
    assert await look(f"{address}/there") == outside.NO_ANSWER  # the server has gone
    assert await look("http://[broken") == outside.NO_ANSWER


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::1]", "[fd00::1]"]
)
async def test_nothing_in_the_house_is_asked(host: str) -> None:
    """It is taken to be there. The server would answer 404, and no connection is made."""
    async with shop() as address:
        port = address.rpartition(":")[2]
        assert await outside.look(f"http://{host}:{port}/gone") == ""


async def test_a_dead_link_is_flagged_at_the_second_look_and_its_owner_told_once(
    desk: Desk, clock: Clock
) -> None:
    async with shop() as address:
        links = tuple({"title": path, "address": address + path} for path in ("/there", "/gone"))
        async with desk.work(SAM) as work:
            text = Text("en", "Freight abroad", "We send to every country.", links)
            await library.add(work, "freight-abroad", Card(owner_id=SAM.person_id), text)
        product_id = await _product(desk)
        async with desk.work(INA) as work:
            link = await product_links.add(work, product_id, LinkKind.GUIDE, "Guide", f"{address}/broken")
        every = [f"{address}{path}" for path in ("/there", "/gone", "/broken")]
        assert (await check_links(desk, look), await _dead(desk, every)) == (3, {})
        assert await check_links(desk, look) == 0
        clock.forward(hours=1)
        assert (await check_links(desk, look), await _dead(desk, every)) == (2, set(every[1:]))
        clock.forward(days=1)
        ANSWERS["/gone"] = "200 OK"
        assert (await check_links(desk, look), await _dead(desk, every)) == (3, {every[2]})
        async with desk.work(INA) as work:
            await product_links.remove(work, await product_links.load(work, link.id))
        clock.forward(days=1)
        ANSWERS["/gone"] = "404 Not Found"
        assert await check_links(desk, look) == 2
    clock.forward(days=1)
    assert await check_links(desk, look) == 0  # nothing answers: it is our own line
    async with desk.look(SAM) as work:
        told = (
            await work.session.execute(select(Message.template, Message.to_address, Message.body_text))
        ).all()
        kept = set(await work.session.scalars(select(LinkCheck.address)))
    assert sorted((one.template, one.to_address) for one in told) == [
        ("dead-links", "sam@example.com"), ("dead-links", "sam@example.com"),
    ]  # fmt: skip
    bodies = " ".join(one.body_text for one in told)
    assert str((every[1], "answers 404")) in bodies
    assert str((every[2], "answers 500")) in bodies
    assert kept == set(every[:2])


async def _product(desk: Desk) -> int:
    async with desk.work(INA) as work:
        made = await products.create(work, ProductDetails(sku="CHAIR", name="Chair", price_minor=4900))
        await work.session.flush()
        return made.id


async def _dead(desk: Desk, addresses: list[str]) -> object:
    async with desk.look(CORA) as work:
        found = await dead_links.among(work, addresses)
    return set(found) or {}
