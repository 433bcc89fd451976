"""Lists for research partners: only who agreed leaves, each file is noted, and who takes it back is recalled. S4-3.4"""

from sqlalchemy import select

from models import Customer, Disclosure
from models.words import ConsentPurpose, DisclosureGround
from portal.desk import consents, customers
from portal.desk.customers import CustomerDetails
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, SAM, Clock
from tests.visits import Visitor

FORM = {"partner": "Institute of Chairs", "reason": "Ask how they sit.", "until": "2026-03-09"}


async def agreeing(desk: Desk, customer: Customer, *purposes: ConsentPurpose) -> None:
    async with desk.work(CORA) as work:
        said = await consents.wordings(work)
        row = await customers.load(work, customer.id)
        for purpose in purposes:
            await consents.agree(work, row, purpose, said[purpose].id)


async def test_only_who_agreed_leaves_and_who_takes_it_back_is_recalled(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S4-3.4, S4-3.3: offers are another consent; after the last day all of it is to be forgotten."""
    async with desk.work(CORA) as work:
        ana = await customers.load(work, ANA)
        bo = await customers.create(work, CustomerDetails(name="=Bo", email="bo@example.com"))
        kim = await customers.create(work, CustomerDetails(name="Kim", email="kim@example.com"))
    await agreeing(desk, ana, ConsentPurpose.RESEARCH)
    await agreeing(desk, bo, ConsentPurpose.RESEARCH, ConsentPurpose.MARKETING)
    await agreeing(desk, kim, ConsentPurpose.MARKETING)
    mara, sam = await visitor(MARA), await visitor(SAM)
    assert [(await sam.get("/research")).status_code, (await sam.post("/research/1/file")).status_code] == [
        403,
        403,
    ]
    for name, wrong in (("partner", ""), ("reason", ""), ("until", "soon"), ("until", "2026-03-01")):
        refused = await mara.post("/research", data={**FORM, name: wrong})
        assert (refused.status_code, f'href="#research-{name}"' in refused.text) == (422, True)
    assert (await mara.post("/research", data=FORM)).headers["location"] == "/research"
    await agreeing(desk, kim, ConsentPurpose.RESEARCH)  # later than the list
    first = (await mara.post("/research/1/file")).text.lstrip("\ufeff").splitlines()
    assert first == [
        "Number,Name,E-mail",
        f"{ana.number},Ana Example,ana@example.com",
        f"{bo.number},'=Bo,bo@example.com",
    ]
    async with desk.work(CORA) as work:
        await consents.withdraw(work, await customers.load(work, ANA), ConsentPurpose.RESEARCH)
    second = (await mara.post("/research/1/file")).text.splitlines()
    assert [line.split(",")[0] for line in second[1:]] == [bo.number]
    assert "1 to be forgotten" in (await mara.get("/research")).text
    assert (await mara.get("/research/1/recall")).text.splitlines()[1:] == [ana.number]
    clock.forward(days=8)
    mara = await visitor(MARA)
    assert (await mara.post("/research/1/file")).status_code == 409
    assert set((await mara.get("/research/1/recall")).text.splitlines()[1:]) == {ana.number, bo.number}
    assert "over since" in (await mara.get("/research")).text
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(Disclosure.recipient, Disclosure.ground, Disclosure.exported).order_by(Disclosure.id)
        )
        assert [tuple(row) for row in rows] == [
            ("Institute of Chairs", DisclosureGround.CONSENT, 2),
            ("Institute of Chairs", DisclosureGround.CONSENT, 1),
        ]
