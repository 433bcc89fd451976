"""A portal on a real port beside a certified provider in a process of its own, and a browser between them."""

import asyncio
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
import uvicorn
from sqlalchemy import select

from models import Person
from portal.app import create_app
from portal.desk.permissions import Open
from portal.desk.work import SYSTEM, Desk
from portal.settings import Settings
from portal.web import Page
from tests.harness import databases
from tests.harness.missing import missing
from tests.signin.conftest import who

HERE = Path(__file__).parent
SECRET = "the secret that the tests share with the provider"
LONGEST_START = 30.0  # seconds
STEPS = 12


class Peer:
    """The provider's process. Starting it again keeps its address and changes its keys."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.issuer = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(
        self, *, algorithm: str = "RS256", key_name: str = "one", claims_apart: bool = True
    ) -> None:
        node = shutil.which("node") or missing("Node.js", "apt-get install nodejs npm")
        if not (HERE / "node_modules/oidc-provider").exists():
            missing("The OpenID provider of the tests", "npm ci --prefix tests/interop")
        await self.stop()
        told = {
            "port": int(self.issuer.rpartition(":")[2] or 0),
            "portal": self.portal,
            "secret": SECRET,
            "algorithm": algorithm,
            "keyName": key_name,
            "claimsApart": claims_apart,
        }
        self._process = await asyncio.create_subprocess_exec(
            node,
            str(HERE / "provider.js"),
            json.dumps(told),
            stdout=asyncio.subprocess.PIPE,
            cwd=HERE,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(LONGEST_START):
            while line := (await self._process.stdout.readline()).decode():
                if line.startswith("issuer "):
                    self.issuer = line.split()[1]
                    return
        raise AssertionError("The provider ended before it was ready.")

    async def stop(self) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.communicate()
            self._process = None


class Browser(httpx2.AsyncClient):
    """Follows redirects and fills in the provider's forms, until it is back at the portal."""

    def __init__(self, portal: str) -> None:
        super().__init__(base_url=portal, headers={"sec-fetch-site": "same-origin"}, trust_env=False)
        self.portal = portal

    async def walk(self, answer: httpx2.Response, **typed: str) -> httpx2.Response:
        for _ in range(STEPS):
            if answer.is_redirect:
                answer = await self.get(urljoin(str(answer.url), answer.headers["location"]))
            elif str(answer.url).startswith(self.portal):
                return answer
            else:
                answer = await self.fill_in(answer, typed)
        raise AssertionError(f"Still at {answer.url}")

    async def fill_in(self, page: httpx2.Response, typed: dict[str, str]) -> httpx2.Response:
        found = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert found is not None, page.text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        names = set(re.findall(r'name="([^"]+)"', page.text))
        fields |= {name: value for name, value in typed.items() if name in names}
        return await self.post(urljoin(str(page.url), unescape(found[1])), data=fields)

    async def sign_in(self, who: str = "cora") -> httpx2.Response:
        return await self.walk(await self.get("/sign-in?next=/who"), login=who, password="any will do")

    async def who(self) -> str:
        answer = await self.get("/who")
        return answer.text if answer.status_code == 200 else ""


class Table:
    """Everything of one test: the portal's address, its desk, the provider, and new browsers."""

    def __init__(self, address: str, desk: Desk, peer: Peer) -> None:
        self.address, self.desk, self.peer = address, desk, peer
        self.browsers: list[Browser] = []

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.address))
        return self.browsers[-1]

    async def clear(self) -> None:
        for browser in self.browsers:
            await browser.aclose()

    async def people(self) -> list[tuple[Any, ...]]:
        async with self.desk.look(SYSTEM) as work:
            rows = await work.session.execute(
                select(Person.issuer, Person.subject, Person.name, Person.email, Person.roles)
            )
            return [tuple(row) for row in rows]


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Any]:
    app = create_app(settings)
    app.router.routes.insert(0, Page("/who", who, allow=Open.SIGNED_IN))
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=settings.port, log_level="warning", timeout_graceful_shutdown=1
        )
    )
    running = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield app
    server.should_exit = True
    await running


@pytest.fixture
async def table(run_folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    """The portal signs in at the provider, which starts as the test's `started` marker says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    peer = Peer(address)
    await peer.start(**getattr(request, "param", {}))
    database = databases.fresh("sqlite", run_folder)
    settings = Settings(
        data=tmp_path,
        database=database,
        jobs=False,
        port=port,
        oidc_issuer=peer.issuer,
        oidc_client_secret=SECRET,
    )
    async with served(settings) as app:
        laid = Table(address, app.state.desk, peer)
        yield laid
        await laid.clear()
    await peer.stop()
    databases.discard(database)
