"""Erasing a customer: nobody finds them in any table, the trail still verifies, what trade needs stays. S3-10.1.1, S2-2.3"""

import pytest
from sqlalchemy import JSON, Enum, LargeBinary, String, Text, cast, func, select, text
from sqlalchemy.exc import DBAPIError

from jobs.seal_audit import seal_audit
from models import (
    AuditEntry,
    Base,
    Case,
    Contact,
    ContactAnswer,
    Customer,
    Erasure,
    Feedback,
    Message,
    PaymentEntry,
    SpecialRequest,
)
from models.base import Words
from models.words import ConsentPurpose, ErasureStatus, MessageStatus
from portal.database import Database
from portal.desk import consents, customers, erasing, merging, search
from portal.desk.customers import CustomerDetails
from portal.desk.erasing.fates import FATES, NAME
from portal.desk.erasing.known import Known
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA, MARA, SAM, Clock
from tests.chats import begun
from tests.desk.erased import TELLING, told_of
from tests.desk.stories import opened
from tests.desk.test_audit_seals import verified
from tests.shop import ordered
from tests.wizard import known

MIA = Actor.person(8, "Mia", ("manager",))
"""A second manager; Ada's place in the cast."""
HOUSE = {
    "announcements", "article_versions", "articles", "attempts", "audit_entries", "audit_seals", "calendar_days",
    "calendars", "caller_tries", "channel_rules", "consent_wordings", "course_plans", "course_questions", "course_reminders",
    "course_tries", "courses", "customer_needs", "feedback_analyses", "idempotency_keys",
    "incoming_messages", "job_slots", "link_checks", "list_prices", "listed_words", "mail_places", "mandates",
    "month_reviews", "number_sequences", "offers", "on_duty", "order_rules", "order_terms", "own_channels",
    "payment_limits", "payment_ways", "people", "shop_orders",
    "policy_versions", "price_lists", "quality_cards",
    "quality_samples", "product_links", "products", "recomputes", "replay_moves", "replays", "research_lists",
    "return_lines", "return_periods", "script_comments", "script_owners", "script_versions", "search_tokens", "serials",
    "service_standards",
    "sessions", "step_counts", "training_records", "verification_methods", "verification_needs", "deadlines",
}  # fmt: skip
"""Tables with texts that tell of no customer, or that erasing sees to by itself: the trail and the words of the search."""
STAYING = {
    "amendments": {"fingerprint"}, "attachments": {"field", "media_type", "step"},
    "cases": {"number", "own_channel", "paused_for", "team"}, "chats": {"key", "language", "number"},
    "contact_answers": {"field", "kind", "script", "step"},
    "contact_steps": {"kind", "step", "team"},
    "contacts": {"language", "network", "number", "own_channel", "team", "verified_by"},
    "customer_merges": {"moved"}, "customers": {"language", "number"}, "disclosures": {"who"}, "erasures": {"counts"},
    "escalations": {"source", "target"}, "feedback": {"once"}, "follow_ups": {"once"},
    "intakes": {"read_back", "script", "script_version", "step"}, "mail_files": {"media_type"}, "mails": {"key"},
    "messages": {"caused_by", "claimed_by", "language", "message_id", "once", "reference", "template"},
    "one_time_codes": {"hashed"}, "order_approvals": {"causes"}, "order_lines": {"description", "sku"},
    "order_papers": {"digest", "media_type"},
    "orders": {"carrier", "currency", "fingerprint", "number", "source", "source_id"},
    "payment_entries": {"currency", "receipt_number"}, "quality_scores": {"marks"},
    "refund_requests": {"currency", "fingerprint"}, "returns": {"number"},
}  # fmt: skip
"""Of the tables that tell of customers, what says nothing of who it was."""


def texts() -> dict[str, set[str]]:
    """Every column that can hold anything, by its table."""
    free = (String, JSON, LargeBinary, Words)
    found = {
        table.name: {
            one.name for one in table.columns if isinstance(one.type, free) and not isinstance(one.type, Enum)
        }
        for table in Base.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


async def found_in(desk: Desk) -> list[str]:
    """Every text of the database that tells of him: `table.column: word`."""
    found = []
    async with desk.look(SYSTEM) as work:
        for name, columns in texts().items():
            table = Base.metadata.tables[name]
            chosen = [
                table.c[one] if isinstance(table.c[one].type, LargeBinary) else cast(table.c[one], Text)
                for one in sorted(columns)
            ]
            for row in await work.session.execute(select(*chosen)):
                for column, value in zip(sorted(columns), row, strict=True):
                    said = str(value).lower()
                    found += [f"{name}.{column}: {word}" for word in TELLING if word in said]
    return sorted(set(found))


async def asked(desk: Desk, customer_id: int = ANA) -> int:
    async with desk.work(MARA) as work:
        customer = await customers.load(work, customer_id)
        return (await erasing.ask(work, customer, customer.number, "Zebralast wrote that he wants it.")).id


async def erased(desk: Desk, erasure_id: int, number: str = "HK-25-000001-1") -> dict[str, int]:
    async with desk.work(MIA) as work:
        return dict(await erasing.erase(work, await erasing.load(work, erasure_id), number))


def test_every_text_there_is_has_its_fate_or_says_nothing_of_a_customer() -> None:
    """A new column makes this fail until somebody has said what becomes of it."""
    there = texts()
    assert set(there) - FATES.keys() == HOUSE & set(there)
    assert {
        name: there[name] - set(fates) for name, fates in FATES.items() if there[name] - set(fates)
    } == STAYING
    assert {f"{name}.{one}" for name in FATES for one in FATES[name]} <= {
        f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
    }


def test_what_is_known_is_found_however_it_is_written() -> None:
    known = Known()
    known.add_name("Ana von Li")
    known.add("ana@example.com")
    known.add_phone("+49 30 998877")
    told = "ANA, Anabel, (030) 99 88 77, +49-30-998877, 19988771, Li, VON, Ana@Example.com"
    assert known.without(told) == "erased, Anabel, erased, erased, 19988771, Li, erased, erased"
    assert Known().without(told) == told


async def test_nobody_finds_an_erased_customer_in_any_table(desk: Desk, clock: Clock) -> None:
    """S3-10.1.1, S2-3.4: every text of every table is read; the seals of the trail hold; S3-6.2.1: the score stays."""
    other = await told_of(desk)
    await seal_audit(desk)
    clock.forward(hours=1)
    before = await found_in(desk)
    assert {one.partition(".")[0] for one in before} >= set(FATES) - {"erasures", "one_time_codes", "intakes"}
    async with desk.look(MARA) as work:
        shown = await erasing.preview(work, await customers.load(work, ANA))
    assert shown.forbids == ()
    erasure_id = await asked(desk)
    counts = await erased(desk, erasure_id)
    assert {name for name, count in shown.rows if counts[name] < count} == set()
    assert set(counts) == {*FATES, "audit_entries"}
    assert await found_in(desk) == []
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Case, other)).subject == "Bo’s lamp"
        customer = await work.session.get_one(Customer, ANA)
        assert (customer.name, customer.email, customer.erased_at) == (NAME, "", clock.now)
        assert list(await work.session.scalars(select(Contact.cues).where(Contact.customer_id == ANA))) == [
            ()
        ]
        scores = await work.session.execute(select(Feedback.score, Feedback.customer_id, Feedback.comment))
        assert [tuple(row) for row in scores] == [(4, None, "erased")]
        wishes = list(await work.session.scalars(select(SpecialRequest.wish)))
        assert wishes == ["In red. erased of erased, erased erased, erased) asks."]
        assert await work.session.scalar(select(func.sum(PaymentEntry.amount_minor))) == 15980
        values = await work.session.scalars(select(ContactAnswer.value).order_by(ContactAnswer.kind))
        assert sorted(value for value in values if value in {"erased", "red"}) == ["erased", "red"]
        row = await work.session.get_one(Erasure, erasure_id)
        assert (row.status, row.counts, row.asked_by_id, row.decided_by_id) == (
            ErasureStatus.DONE, counts, MARA.person_id, MIA.person_id,
        )  # fmt: skip
        assert row.reason == "erased wrote that he wants it."
        waiting = select(Message.id).where(Message.customer_id == ANA, Message.status == MessageStatus.QUEUED)
        assert list(await work.session.scalars(waiting)) == []
        for line in ("Zebralast", "zoltan@hidden.example.com", "998877"):
            assert await search.find(work, line, ("customer", "order")) == []
        found = await search.find(work, "HK-25-000001-1")
        assert [(hit.kind, hit.id) for hit in found] == [("customer", ANA)]
    assert (await verified(desk)).wrong == []
    await seal_audit(desk)
    after = await verified(desk)
    assert (after.wrong, after.waiting, after.rewritten > 10) == ([], 0, True)
    with pytest.raises(WrongMoment, match="erased already"):
        await asked(desk)


async def test_only_erasing_rewrites_what_is_only_added_to_and_forging_is_still_named(desk: Desk) -> None:
    """Decision 28: outside of that transaction the database refuses as before; what was rewritten twice is found."""
    await told_of(desk)
    await erased(desk, await asked(desk))
    await seal_audit(desk)
    database = desk.database
    assert isinstance(database, Database)
    for table, column in (
        ("audit_entries", "reason"), ("case_notes", "words"), ("payment_entries", "note"), ("chat_messages", "words"),
        ("order_notes", "words"), ("order_papers", "name"),
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.writing() as session:
                await session.execute(text(f"UPDATE {table} SET {column} = 'x'"))
    async with database.writing() as session:
        await session.execute(text("UPDATE erasures SET status = 'running'"))
        await session.execute(text("UPDATE audit_entries SET reason = 'x' WHERE deed = 'reveal customer'"))
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text("DELETE FROM audit_entries"))
        await session.rollback()
    assert (await verified(desk)).wrong == []
    async with database.writing() as session:
        await session.execute(text("UPDATE erasures SET status = 'running'"))
        await session.execute(text("UPDATE audit_entries SET reason = 'x' WHERE deed = 'reveal customer'"))
        await session.execute(text("UPDATE erasures SET status = 'done'"))
        await session.commit()
    assert [one.partition(":")[0].split(" ", 2)[2] for one in (await verified(desk)).wrong] == ["was changed"]


async def test_what_forbids_it_is_said_and_it_takes_two(desk: Desk) -> None:
    """S3-10.1.1, S0-5.2: a hold, what is open and what is unpaid; the number is typed; nobody alone."""
    await ordered(desk)
    await opened(desk)
    await known(desk)
    await begun(desk)
    async with desk.work(MARA) as work:
        ana = await customers.load(work, ANA)
        with pytest.raises(NotAccepted) as refused:
            await erasing.hold_back(work, ana, " ")
        assert set(refused.value.fields) == {"hold_reason"}
        await erasing.hold_back(work, ana, "A lawsuit.")
        shown = await erasing.preview(work, ana)
        assert shown.forbids == (
            "HK-25-000001-1 is on hold: nothing of it may be erased.",
            "Chats under way: 1.",
            "Open cases: 1. Solve or cancel them first.",
            "Orders on their way: 1.",
        )
        with pytest.raises(WrongMoment, match="on hold"):
            await erasing.ask(work, ana, ana.number, "He wrote.")
        with pytest.raises(NotAccepted) as refused:
            await erasing.ask(work, ana, "HK-1", "")
        assert set(refused.value.fields) == {"number", "reason"}
        await erasing.release(work, ana)
        bo = await customers.create(work, CustomerDetails(name="Bo", email="bo@example.com"))
    for actor in (CORA, SAM):
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await erasing.preview(work, await customers.load(work, bo.id))
    erasure_id = await asked(desk, bo.id)
    with pytest.raises(WrongMoment, match="asked for already"):
        await asked(desk, bo.id)
    with pytest.raises(WrongMoment, match="You asked for this yourself"):
        async with desk.work(MARA) as work:
            await erasing.erase(work, await erasing.load(work, erasure_id), bo.number)
    with pytest.raises(NotAccepted):
        await erased(desk, erasure_id)
    async with desk.work(MARA) as work:
        await erasing.drop(work, await erasing.load(work, erasure_id))
    with pytest.raises(WrongMoment, match="decided already"):
        await erased(desk, erasure_id, bo.number)
    again = await asked(desk, bo.id)
    case_id = await opened(desk, customer_id=bo.id)
    with pytest.raises(WrongMoment, match="Open cases: 1"):
        await erased(desk, again, bo.number)
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Customer, bo.id)).name == "Bo"
        assert (await work.session.get_one(Case, case_id)).statement != "erased"
        entries = select(func.count()).where(AuditEntry.deed == "erase customer")
        assert await work.session.scalar(entries) == 0


async def test_an_erased_record_is_nobody_s_any_more(desk: Desk) -> None:
    """S3-10.1.1: it is neither changed nor merged, and nobody agrees to anything on it."""
    async with desk.work(CORA) as work:
        kim = await customers.create(work, CustomerDetails(name="Kim", email="kim@example.com"))
    await erased(desk, await asked(desk, kim.id), kim.number)
    async with desk.work(CORA) as work:
        gone = await customers.load(work, kim.id)
        with pytest.raises(WrongMoment, match="erased"):
            await customers.change(work, gone, gone.version, name="Kim")
        with pytest.raises(WrongMoment, match="erased"):
            await consents.agree(work, gone, ConsentPurpose.MARKETING, 1)
    with pytest.raises(WrongMoment, match="erased"):
        async with desk.work(SAM) as work:
            await merging.merge(work, await customers.load(work, ANA), kim.number, "The same.")
