"""Where contacts are and where they left: counted on the rows, in two statements however many there are."""

from datetime import datetime, timedelta

import pytest

from models import Contact, Intake
from models.words import Channel, ContactStatus, Outcome, Situation
from portal.database import Database
from portal.desk import audit
from portal.desk.errors import NotAllowed
from portal.desk.scripts import drawing
from portal.desk.scripts.drawing import Counts
from portal.desk.work import CUSTOMER, SYSTEM, Desk, Work
from tests.admin_views.counting import statements
from tests.cast import CORA, INA

DAY = timedelta(days=1)


async def taken(work: Work, number: int, script: str, step: str, began: datetime, ended: str = "") -> None:
    """A contact at a step; `ended` is empty, `closed` or `abandoned`."""
    contact = Contact(
        number=f"HC-{number}",
        taken_by_id=CORA.person_id,
        channel=Channel.PHONE,
        situation=None if script == "opening" else Situation(script),
        status=ContactStatus(ended or "open"),
        outcome=Outcome.RESOLVED if ended == "closed" else None,
        abandoned_because="The line went dead." if ended == "abandoned" else "",
        started_at=began,
        closed_at=began if ended else None,
    )
    work.session.add(contact)
    await work.session.flush()
    work.session.add(
        Intake(
            contact_id=contact.id,
            held_by_id=CORA.person_id,
            script=script,
            script_version="1",
            step=step,
            started_at=began,
            saved_at=began,
            finished_at=began if ended else None,
        )
    )
    await audit.record(work, "take contact", contact)


async def test_a_diagram_counts_who_is_here_and_who_left_lately(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        now = work.now
        await taken(work, 1, "complaint", "statement", now)
        await taken(work, 2, "complaint", "statement", now - 40 * DAY)  # still open: still here
        await taken(work, 3, "complaint", "statement", now - DAY, "abandoned")
        await taken(work, 4, "complaint", "close", now - 2 * DAY, "closed")
        await taken(work, 5, "complaint", "close", now - 31 * DAY, "closed")  # too long ago
        await taken(work, 6, "order", "close", now - DAY, "closed")
        await taken(work, 7, "order", "who", now)
        await taken(work, 8, "opening", "who", now - DAY, "abandoned")
    async with desk.look(INA) as work:
        complaint = await drawing.counts(work, "complaint")
        opening = await drawing.counts(work, "opening")
        closing = await drawing.counts(work, "closing")
    assert complaint == {"statement": Counts(here=2, left=1), "close": Counts(here=0, left=1)}
    assert opening["who"] == Counts(here=1, left=1)
    assert closing["close"] == Counts(here=0, left=2)


async def test_counting_takes_two_statements(desk: Desk) -> None:
    database = desk.database
    assert isinstance(database, Database)
    for number in range(2):
        async with desk.work(SYSTEM) as work:
            for more in range(10 * number + 1):
                await taken(work, 100 * number + more, "complaint", "statement", work.now)
        with statements(database) as counted:
            async with desk.look(INA) as work:
                await drawing.counts(work, "complaint")
        assert counted.times == 2


async def test_a_customer_sees_no_counts(desk: Desk) -> None:
    async with desk.look(CUSTOMER) as work:
        with pytest.raises(NotAllowed):
            await drawing.counts(work, "complaint")
