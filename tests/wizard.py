"""Walking the wizard as a browser without a script does: read the form, fill it in, post it, follow where it leads."""

import re
from html import unescape

import httpx2
from sqlalchemy import select

from models import Contact, Customer, Intake
from portal.desk import audit, search, verification
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA
from tests.shop import stocked

REVISION = re.compile(r'name="revision"\s+value="(\d+)"')
FINGERPRINT = re.compile(r'name="fingerprint"\s+value="([0-9a-f]+)"')


class Walk:
    """One intake in one browser."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.id = 0
        self.seen: list[str] = []
        """The steps in the order in which they were first come to."""
        self.page: httpx2.Response

    async def begin(self, channel: str = "phone") -> "Walk":
        await self._follow(await self.client.post("/contacts", data={"channel": channel}))
        self.id = int(re.findall(r"/intakes/(\d+)", str(self.page.url))[0])
        return self

    @property
    def at(self) -> str:
        """The key of the step on the screen."""
        return self.page.url.path.rsplit("/", 1)[-1]

    @property
    def revision(self) -> str:
        return str(REVISION.findall(self.page.text)[0])

    @property
    def text(self) -> str:
        """What a reader sees of the page's content, in one line."""
        content = self.page.text[self.page.text.index("<main") : self.page.text.index("</main>")]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())

    async def open(self, step: str) -> "Walk":
        await self._follow(await self.client.get(f"/intakes/{self.id}/{step}"))
        return self

    async def send(self, **answers: str) -> httpx2.Response:
        """Post the form on the screen with these answers, and follow."""
        data = {
            "revision": self.revision,
            **{name.replace("__", "-"): value for name, value in answers.items()},
        }
        await self._follow(await self.client.post(f"/intakes/{self.id}/{self.at}", data=data))
        return self.page

    async def draft(self, **answers: str) -> httpx2.Response:
        """Save what is typed, as the script does after a pause."""
        return await self.client.post(
            f"/intakes/{self.id}/{self.at}/draft",
            data={"revision": self.revision, **answers},
            headers={"hx-request": "true"},
        )

    async def _follow(self, answer: httpx2.Response) -> None:
        while answer.is_redirect:
            answer = await self.client.get(answer.headers["location"])
        self.page = answer
        if self.page.url.path.startswith("/intakes/") and self.at not in self.seen:
            self.seen.append(self.at)


async def known(desk: Desk) -> None:
    """Put the goods on sale and make Ana findable."""
    await stocked(desk)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        await search.index(work, ana)
        await audit.record(work, "index customer", ana)


async def stored(desk: Desk, intake_id: int) -> Intake:
    """The row of an intake as it stands."""
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Intake).where(Intake.id == intake_id))).one()


async def to_about(walk: Walk) -> None:
    """Greet, choose Ana, verify her."""
    await walk.send(greeted="yes")
    await walk.send(choice=str(ANA))
    await walk.send(postcode="10115", email="ana@example.com")


async def called_back(desk: Desk, walk: Walk) -> None:
    """Call Ana back on the number on record, so that she is verified as strongly as money asks."""
    async with desk.work(CORA) as work:
        intake = await work.session.get_one(Intake, walk.id)
        contact = await work.session.get_one(Contact, intake.contact_id)
        await verification.dial(work, contact, "She wants her money back.")
        await verification.call_back(work, contact, reached=True)


async def to_lines(walk: Walk) -> None:
    await to_about(walk)
    await walk.send(situation="order")


async def to_read_back(walk: Walk) -> None:
    """Two chairs, to Ana's address."""
    await to_lines(walk)
    await walk.send(look="CH-1")
    await walk.send(**{"product-1": "1", "quantity-1": "2"})
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1\n10115 Berlin")
    await walk.send(checked="yes")


def fingerprint(walk: Walk) -> str:
    return str(FINGERPRINT.findall(walk.page.text)[0])
