"""Walking the wizard in a real browser by keyboard alone, or with a mouse and without JavaScript, from one table.

A situation is told once, as what is done at each step; `walk` does it in either manner. Every act knows both: with
keys it comes to its place by Tab alone, as somebody does who cannot use a mouse; without a script it fills the form
in and presses its buttons.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from playwright.async_api import Page, Request, expect

FARTHEST = 60
"""Tabs from the question of a step to anything on it; more is out of reach for somebody on the phone."""
ASKED_FOR = frozenset({"document", "fetch", "xhr"})
"""What a browser asks for to go on; pictures and styles are kept by it."""
SUBMITS = "Enter"
FOCUSED = "document.activeElement"
ARRIVED = """step => location.pathname.endsWith(`/${step}`)
  && document.querySelector('#step:not([data-left])')?.contains(document.activeElement)"""
Look = Callable[[Page, str], Awaitable[None]]


class Keyboard:
    """A keyboard that counts: `press` is a keystroke, `type` is text; and what each Enter asked the server for."""

    def __init__(self, page: Page, look: Look) -> None:
        self.page = page
        self.look = look
        """Called with every page as it is about to be sent, filled in."""
        self.step = ""
        self.keys = 0
        self.letters = 0
        self.requests: list[str] = []
        """Since the last Enter."""
        self.under_way: set[Request] = set()
        page.on("request", self._asked)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def _asked(self, request: Request) -> None:
        if request.resource_type in ASKED_FOR:
            self.requests.append(f"{request.method} {request.url}")
            self.under_way.add(request)

    def _answered(self, request: Request) -> None:
        self.under_way.discard(request)

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        self.letters += len(text)
        await self.page.keyboard.type(text)

    async def submit(self, key: str = SUBMITS) -> None:
        """Press what sends the step. Saving and looking up, which go on by themselves, are let finish and not counted."""
        await self.look(self.page, self.step)
        await self.page.evaluate("document.querySelector('#step').setAttribute('data-left', '')")
        quiet = 0
        while quiet < 3:
            await self.page.evaluate("new Promise(done => setTimeout(done, 10))")
            quiet = 0 if self.under_way else quiet + 1
        self.requests.clear()
        await self.press(key)

    async def to(self, told: str, wanted: str, tab: str = "Tab") -> None:
        """Tab until the script `told`, asked of the focused element, says `wanted`."""
        for _ in range(FARTHEST):
            if await self.page.evaluate(f"wanted => (one => {told})({FOCUSED})", wanted):
                return
            await self.press(tab)
        raise AssertionError(f"Tab does not lead to {wanted} on {self.page.url}")

    async def to_field(self, name: str) -> None:
        await self.to("one.name === wanted", name)

    async def to_words(self, words: str) -> None:
        """Tab to what bears these words, back where it stands before."""
        told = "one.matches('button, summary, a') && one.textContent.includes(wanted)"
        behind = await self.page.evaluate(
            f"""wanted => [...document.querySelectorAll('#step *')].filter(one => {told})
              .every(one => {FOCUSED}.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING)""",
            words,
        )
        await self.to(told, words, "Shift+Tab" if behind else "Tab")

    async def arrived(self, step: str) -> None:
        """Wait until the step is there anew and the focus is in it."""
        await self.page.wait_for_function(ARRIVED, arg=step)
        self.step = step


class Act(Protocol):
    """One thing done at a step; `sends` when the page goes on by it."""

    sends: bool

    async def by_keys(self, key: Keyboard) -> None:
        """Do it with the keyboard alone."""

    async def by_form(self, page: Page) -> None:
        """Do it with the mouse, in a browser without a script."""


@dataclass(frozen=True)
class Write:
    """Type into a field."""

    name: str
    text: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        await key.page.evaluate(f"{FOCUSED}.select()")  # what stood there is typed over
        await key.type(self.text)

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers [name='{self.name}']").fill(self.text)


@dataclass(frozen=True)
class Tick:
    """Tick a box."""

    name: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        await key.press("Space")

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers [name='{self.name}'][type=checkbox]").check()


@dataclass(frozen=True)
class Pick:
    """Choose one of a few by its value."""

    name: str
    value: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        for _ in range(FARTHEST):
            if await key.page.evaluate(f"value => {FOCUSED}.value === value", self.value):
                if not await key.page.evaluate(f"{FOCUSED}.checked"):
                    await key.press("Space")
                return
            await key.press("ArrowDown")
        raise AssertionError(f"No arrow leads to {self.value} of {self.name} on {key.page.url}")

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers [name='{self.name}'][value='{self.value}']").check()


@dataclass(frozen=True)
class Select:
    """Choose the `number`th line of a list; the first is 0 and says that nothing is chosen."""

    name: str
    number: int = 1
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        await key.press(*["ArrowDown"] * self.number)

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers select[name='{self.name}']").select_option(index=self.number)


@dataclass(frozen=True)
class Choose:
    """Choose the line of a list that has this value, by typing how its words begin."""

    name: str
    value: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        words = await key.page.evaluate(
            f"value => [...{FOCUSED}.options].find(one => one.value === value).textContent.trim()", self.value
        )
        await key.type(words)
        assert await key.page.evaluate(f"{FOCUSED}.value") == self.value

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers select[name='{self.name}']").select_option(value=self.value)


@dataclass(frozen=True)
class Unfold:
    """Open what is folded away."""

    words: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_words(self.words)
        await key.press("Enter")

    async def by_form(self, page: Page) -> None:
        await page.locator("summary", has_text=self.words).click()


@dataclass(frozen=True)
class Hidden:
    """See that a field is out of the way, as nothing asks for it yet."""

    name: str
    sends = False

    async def by_keys(self, key: Keyboard) -> None:
        await self.by_form(key.page)

    async def by_form(self, page: Page) -> None:
        await expect(page.locator(f"#answers [name='{self.name}']")).to_be_hidden()


@dataclass(frozen=True)
class Press:
    """Press a button that sends the step; `keys` is its own key."""

    words: str
    keys: str = ""
    sends = True

    async def by_keys(self, key: Keyboard) -> None:
        if not self.keys:
            await key.to_words(self.words)
        await key.submit(self.keys or SUBMITS)

    async def by_form(self, page: Page) -> None:
        await page.locator("#step :is(button, a)", has_text=self.words).first.click()


@dataclass(frozen=True)
class Find:
    """Look something up and take it."""

    name: str
    text: str
    row: str
    sends = True

    async def by_keys(self, key: Keyboard) -> None:
        await key.to_field(self.name)
        await key.type(self.text)
        await key.page.locator("#found .in-row", has_text=self.row).first.wait_for()
        while not await key.page.evaluate(f"row => {FOCUSED}.textContent.includes(row)", self.row):
            await key.press("ArrowDown")
        await key.submit()

    async def by_form(self, page: Page) -> None:
        await page.locator(f"#answers [name='{self.name}']").fill(self.text)
        await page.locator("[data-continue]").click()
        row = page.locator("#found .in-row", has_text=self.row)
        if await row.count():
            await row.first.click()
        elif await page.locator(".in-chosen").count():  # the only one found, shown once more
            await page.locator("[data-continue]").click()


@dataclass(frozen=True)
class Step:
    """A step by its key, and what is done there. Without an act that sends, the step's own button is pressed."""

    key: str
    acts: tuple[Act, ...] = ()

    @property
    def sends(self) -> bool:
        return any(act.sends for act in self.acts)


def at(key: str, *acts: Act) -> Step:
    return Step(key, acts)


async def by_keys(page: Page, steps: tuple[Step, ...], look: Look) -> Keyboard:
    """From the home page to the goodbye with the keyboard alone; each Enter asks for one page."""
    key = Keyboard(page, look)
    await page.keyboard.press("n")
    await page.wait_for_url("**/contacts/new")
    await page.wait_for_function(f"() => {FOCUSED}.name === 'channel'")
    await look(page, "new")
    await key.press(SUBMITS)
    for number, step in enumerate(steps):
        await key.arrived(step.key)
        assert number == 0 or len(key.requests) == 1, (step.key, key.requests)
        for act in step.acts:
            await act.by_keys(key)
        if not step.sends:
            told = await page.locator(".in-enter").text_content() or ""  # the page says which keys send it
            await key.submit(told.strip().replace("Ctrl ", "Control+"))
    await page.wait_for_url(lambda address: address.endswith("/"))
    return key


async def by_form(page: Page, steps: tuple[Step, ...]) -> None:
    """From the home page to the goodbye with a mouse, in a browser without a script."""
    await page.goto(page.url + "contacts/new")
    await page.get_by_role("button", name="Begin contact").click()
    for step in steps:
        await page.wait_for_url(f"**/{step.key}")
        for act in step.acts:
            await act.by_form(page)
        if not step.sends:
            await page.locator("[data-continue]").click()
    await page.wait_for_url(lambda address: address.endswith("/"))
