"""A portal that signs in at the provider of the tests, and browsers to try it with."""

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from models import Person, SignInSession
from portal.app import create_app
from portal.desk.permissions import Open
from portal.desk.work import SYSTEM, Desk
from portal.relying_party import RelyingParty
from portal.settings import Settings
from portal.web import Page, Visit
from tests.cast import Clock, clock
from tests.harness import databases
from tests.signin.provider import ISSUER, SECRET, Provider

__all__ = ["clock"]

HOME = "http://127.0.0.1:8000"


async def who(visit: Visit) -> PlainTextResponse:
    """A page of the tests alone: name and roles of who asks."""
    return PlainTextResponse(", ".join([visit.person.name, *visit.person.roles]))


class Portal:
    """The portal under test: its application, its desk and its provider."""

    def __init__(self, settings: Settings, clock: Clock, provider: Provider | None = None) -> None:
        self.app: Starlette = create_app(settings, clock=clock)
        self.desk: Desk = self.app.state.desk
        self.app.router.routes.insert(0, Page("/who", who, allow=Open.SIGNED_IN))
        if provider is not None:
            self.app.state.signin = RelyingParty(settings, self.desk, provider.app)

    def browser(self, *, address: str = "127.0.0.1") -> "Browser":
        return Browser(self.app, address)

    async def people(self) -> list[tuple[str, str, tuple[str, ...]]]:
        async with self.desk.look(SYSTEM) as work:
            rows = await work.session.execute(
                select(Person.subject, Person.name, Person.roles).order_by(Person.id)
            )
            return [(row.subject, row.name, row.roles) for row in rows]

    async def open_sessions(self) -> int:
        async with self.desk.look(SYSTEM) as work:
            rows = await work.session.scalars(select(SignInSession).where(SignInSession.ended_at.is_(None)))
            return len(rows.all())


class Browser(httpx2.AsyncClient):
    """A browser that follows no redirect by itself and says where its requests come from."""

    def __init__(self, app: Starlette, address: str = "127.0.0.1") -> None:
        super().__init__(
            transport=httpx2.ASGITransport(app=app, client=(address, 50000)),
            base_url=HOME,
            headers={"sec-fetch-site": "same-origin"},
        )

    @property
    def secret(self) -> str | None:
        return self.cookies.get("handrail")

    async def begin(self, after: str = "/") -> str:
        """Ask to sign in; the address at the provider."""
        answer = await self.get("/sign-in", params={"next": after})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def who(self) -> str:
        """Who the portal thinks is asking; empty when it wants them to sign in."""
        answer = await self.get("/who")
        if answer.status_code != 200:
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fwho")
            return ""
        return answer.text

    async def come_back(self, **answer: Any) -> httpx2.Response:
        return await self.get("/sign-in/callback", params=answer)

    async def sign_in(self, provider: Provider, after: str = "/", **who: Any) -> httpx2.Response:
        return await self.come_back(**provider.code(await self.begin(after), **who))


def heading(answer: httpx2.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return unescape(found.group(1).strip()) if found else ""


def settings_for(database: str, tmp_path: Path, **more: Any) -> Settings:
    real = {"oidc_issuer": ISSUER, "oidc_client_secret": SECRET, "jobs": False}
    return Settings(data=tmp_path, database=database, **{**real, **more})


@pytest.fixture
def provider(clock: Clock) -> Iterator[Provider]:
    made = Provider(clock)
    yield made
    assert made.faults == []


@pytest.fixture
async def portal(database: str, tmp_path: Path, clock: Clock, provider: Provider) -> AsyncIterator[Portal]:
    """The portal on both databases."""
    opened = Portal(settings_for(database, tmp_path), clock, provider)
    yield opened
    await opened.app.state.database.close()


@pytest.fixture
async def small_portal(
    run_folder: Path, tmp_path: Path, clock: Clock, provider: Provider
) -> AsyncIterator[Portal]:
    """The portal on SQLite, where the database has no say in the matter."""
    database = databases.fresh("sqlite", run_folder)
    opened = Portal(settings_for(database, tmp_path), clock, provider)
    yield opened
    await opened.app.state.database.close()
    databases.discard(database)
