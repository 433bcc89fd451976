"""What a preview shows of every kind of step: the facts its template is given in a contact, and all invented. S1-6.2"""

import re

from models import Base
from models.words import Channel
from portal.database import Database
from portal.desk import intake, invented, runs, specimens
from portal.desk.kinds import KINDS
from portal.desk.notices import LANGUAGES
from portal.desk.numbers import read_number
from portal.desk.work import Desk
from tests.cast import CORA, MARA
from tests.house.counting import statements
from tests.kinds import each_kind

READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)", re.IGNORECASE)


def about_customers() -> set[str]:
    """The tables that tell of customers, or of something that is theirs."""
    found = {"customers"}
    more = True
    while more:
        known = set(found)
        for table in Base.metadata.sorted_tables:
            if {key.column.table.name for key in table.foreign_keys} & known:
                found.add(table.name)
        more = found != known
    return found


def test_what_ships_has_a_step_of_every_kind() -> None:
    assert each_kind().keys() == KINDS.keys()


async def test_a_specimen_tells_a_template_what_the_wizard_tells_it(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    async with desk.look(CORA) as work:
        run = await runs.find(work, intake_id)
        told = {
            kind: set(await KINDS[kind].facts(work, run, step)) for kind, (_, step) in each_kind().items()
        }
        shown = {
            kind: set(await KINDS[kind].specimen(work, run, step)) for kind, (_, step) in each_kind().items()
        }
    assert shown == told


async def test_a_specimen_reads_nothing_of_any_customer(desk: Desk) -> None:
    assert {"orders", "contacts", "cases", "payment_entries", "contact_answers"} <= about_customers()
    assert isinstance(desk.database, Database)
    read: dict[str, set[str]] = {}
    with statements(desk.database) as said:
        for kind, (script, step) in each_kind().items():
            before = len(said)
            for channel in Channel:
                for language in LANGUAGES:
                    async with desk.look(MARA) as work:
                        await specimens.specimen(work, script, step, channel, language)
            read[kind] = {table for one in said[before:] for table in READ.findall(one)} & about_customers()
    assert read == {kind: set() for kind in KINDS}


def test_invented_numbers_are_nobodys() -> None:
    told = (invented.ORDER, invented.EARLIER_ORDER, invented.CASE, invented.CONTACT)
    assert [read_number(one) for one in told] == [None] * len(told)
