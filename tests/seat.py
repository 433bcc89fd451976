"""A person at a browser without a script: opens pages, fills in the forms that are there, follows where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette

from tests.html import Element, Form, forms, read
from tests.visits import ADDRESS, OURS

MOST_REDIRECTS = 10
LINE_END = re.compile(r"\r\n|\r|\n")
"""A browser sends each end of a line as these two signs."""
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


class Seat:
    """One browser with its own cookies; `page` is what it shows."""

    def __init__(self, portal: Starlette | str) -> None:
        """At a portal in this process, or at one that answers at an address."""
        address = portal if isinstance(portal, str) else ADDRESS
        self.client = httpx2.AsyncClient(
            transport=None if isinstance(portal, str) else httpx2.ASGITransport(app=portal),
            base_url=address,
            headers={**OURS, "origin": address},
            timeout=60,
        )
        self.answer: httpx2.Response
        self.page: Element

    async def open(self, address: str) -> Element:
        """Go to an address, and on to wherever it sends the browser."""
        return await self._show(await self.client.get(address))

    async def send(
        self, form: Form, answers: Mapping[str, str | None] | None = None, press: str = ""
    ) -> Element:
        """Fill a form in, press a button, follow."""
        pairs = form.filled(answers or {}, press)
        address = str(self.answer.url.join(form.action)) if form.action else str(self.answer.url)
        if form.method == "GET":
            return await self.open(f"{address}?{urlencode(pairs)}")
        body = urlencode([(name, LINE_END.sub("\r\n", value)) for name, value in pairs])
        return await self._show(await self.client.post(address, content=body, headers=FORM_TYPE))

    async def _show(self, answer: httpx2.Response) -> Element:
        for _ in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                break
            answer = await self.client.get(str(answer.url.join(answer.headers["location"])))
        self.answer, self.page = answer, read(answer.text)
        return self.page

    @property
    def at(self) -> str:
        """The path of the page on the screen."""
        return str(self.answer.url.path)

    @property
    def status(self) -> int:
        return int(self.answer.status_code)

    @property
    def words(self) -> str:
        """What a reader sees of the page's content."""
        return next(self.page.each("main")).text

    def forms(self) -> list[Form]:
        return forms(self.page)

    def form(self, action: str = "", asking: str = "") -> Form:
        """The form that goes to an address ending like this, has this id, or asks for a field of this name."""
        found = [
            one
            for one in self.forms()
            if (asking in one.names if asking else action == one.id or one.action.endswith(action))
        ]
        assert found, f"{self.at} has no form {action}{asking}: {[one.action for one in self.forms()]}"
        return found[0]

    async def sign_in(self, name: str, after: str = "/") -> Element:
        """Sign in at the development identity provider, by pressing the button with this name."""
        await self.open(f"/sign-in?next={after}")
        if self.at.startswith("/dev-idp/"):
            await self.send(self.forms()[0], press=name)
        return self.page

    async def close(self) -> None:
        await self.client.aclose()
