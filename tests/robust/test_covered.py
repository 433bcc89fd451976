"""Before a caller is verified no page of theirs says what they are verified by, or where they live. Decision 18"""

from __future__ import annotations

from sqlalchemy import update
from starlette.applications import Starlette

from models import Contact, Customer, Order
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, Clock
from tests.robust.everywhere import come_to, straightened
from tests.robust.raw import Ask, send
from tests.scene import busy_monday
from tests.visits import signed_in

KNOWN = {
    "name": "Ana Zebralast", "email": "zebra@hidden.example.com", "phone": "+4930998877", "street": "Zebra Street 77",
    "postal_code": "98989", "city": "Zebratown", "region": "Zebraland",
}  # fmt: skip
TELLING = ("Zebralast", "zebra@", "998877", "Zebra Street", "98989", "Zebratown", "Zebraland")


async def test_no_step_tells_who_an_unverified_caller_is(app: Starlette, desk: Desk, clock: Clock) -> None:
    scene = await busy_monday(desk, clock)
    await straightened(desk)
    async with desk.work(SYSTEM) as work:
        audited = {"audited": True}
        await work.session.execute(
            update(Customer).where(Customer.id == ANA).values(**KNOWN), execution_options=audited
        )
        where = {"ship_name": KNOWN["name"], "ship_address": f"{KNOWN['street']}\n98989 Zebratown"}
        await work.session.execute(update(Order).values(**where), execution_options=audited)
        await audit.record(work, "move Ana")
    steps = await come_to(desk, CORA, scene.order, scene.complaint, {}, verified=False)
    cora = await signed_in(desk, CORA)
    async with desk.look(SYSTEM) as work:
        contacts = [one for one in range(1, 40) if await work.session.get(Contact, one)]
    pages = [
        *steps,
        *(f"/contacts/{one}{end}" for one in contacts for end in ("", "/form")),
        *(f"/intakes/{one}/{end}" for one in {step.split("/")[2] for step in steps} for end in ("details", "moving")),
        f"/orders/{scene.order}", f"/cases/{scene.complaint}", f"/cases/{scene.complaint}/complaint-form",
        f"/customers/{ANA}", "/", "/customers?q=Ana", "/follow-ups",
    ]  # fmt: skip
    told = []
    for page in pages:
        if page.endswith("/read_changes"):
            continue  # what an order becomes is come to by a verified caller alone: `choose_order` sees to it
        answer = await send(app, Ask("GET", page), cora)
        assert answer.status < 500, page
        told += [f"{page}: {word}" for word in TELLING if word in answer.text]
    assert told == []
