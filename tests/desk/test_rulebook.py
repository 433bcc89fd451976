"""The numbers, where they stand, and changing them while clocks run. Decisions 2, 8 and 12."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from models import BusinessCalendar, CalendarDay, ClockEvent
from models.words import CaseKind, Channel, DeadlineKind, Role, Severity, Tier
from portal.desk import cases, hours, matrix, policy, policy_drafts, policy_telling, policy_versions, rulebook
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.matrix import Classified
from portal.desk.policy import Level, Limit
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ADA, CORA, MARA, SAM, Clock, berlin
from tests.desk import stories

INQUIRY_ANSWER = {"to": "answer", "kind": "inquiry", "counts": "business", "amount": 60, "clause": "S0-3.3.1"}


def answers_within(amount: int, **told: Any) -> stories.Change:
    """Let the first answer to an inquiry take so many business minutes."""

    def change(document: dict[str, Any]) -> None:
        document["targets"].insert(0, {"key": "own", **INQUIRY_ANSWER, "amount": amount, **told})

    return change


async def calendar_changed(desk: Desk, **changes: object) -> int:
    async with desk.work(ADA) as work:
        calendar = await the_calendar(work)
        return await rulebook.change_calendar(work, calendar, calendar.version, **changes)


async def with_defaults(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)


@pytest.mark.parametrize(
    ("word", "value", "clause"),
    [
        ("acknowledge", "15 minutes", "S3-3.1.1a"),
        ("answer every", "1 business hour", "S0-3.3.1"),
        ("resolve every", "24 hours", "S3-3.2.3"),
        ("answer chat", "5 business minutes", "S2-12.5"),
        ("answer urgent", "1 hour", "S2-14.2"),
        ("resolve urgent", "4 hours", "S2-14.2"),
        ("order error", "2 business hours", "S0-4.1c"),
        ("payment issue", "the same business day", "S0-4.2c"),
        ("escalate complaint", "24 hours", "S0-4.3c"),
    ],
)
def test_each_number_of_the_procedures_stands_once_with_its_clause(
    word: str, value: str, clause: str
) -> None:
    """S0-3.3.1, S0-4.1c, S0-4.2c, S0-4.3c"""
    (rule,) = policy.rules(word)
    assert (rule.value, rule.clause) == (value, clause)
    file, _, line = rule.place.partition(":")
    with (policy.ROOT / file).open(encoding="utf-8") as source:
        assert clause in source.readlines()[int(line) - 1]


async def test_defaults_are_published_once_and_edits_stay(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        assert await rulebook.ensure_defaults(work) == 1
    await stories.policy_changed(desk, answers_within(30))
    async with desk.work(ADA) as work:
        assert await rulebook.ensure_defaults(work) == 0
        limits = (await policy_versions.in_force(work)).limits_of(Classified(CaseKind.INQUIRY))
    assert limits[DeadlineKind.ANSWER] == Limit(hours.business(minutes=30), 75, "S0-3.3.1", "own")


async def test_a_fresh_desk_has_less_time_for_a_chat_and_for_what_is_urgent(desk: Desk, clock: Clock) -> None:
    """S2-12.5, S2-14.2: on a Friday before closing; the urgent one is due on Saturday all the same."""
    await with_defaults(desk)
    clock.at("2026-03-06 16:58")
    due = {}
    for channel, severity in (
        (Channel.PHONE, Severity.NORMAL),
        (Channel.CHAT, Severity.NORMAL),
        (Channel.EMAIL, Severity.URGENT),
        (Channel.CHAT, Severity.URGENT),
    ):
        case_id = await stories.opened(desk, CaseKind.INQUIRY, channel=channel, severity=severity)
        clocks = await stories.clocks(desk, case_id)
        due[channel.value, severity.value] = clocks["answer"][1], clocks["resolve"][1]
    assert due == {
        ("phone", "normal"): (berlin("2026-03-09 09:58"), berlin("2026-03-07 16:58")),
        ("chat", "normal"): (berlin("2026-03-09 09:03"), berlin("2026-03-07 16:58")),
        ("email", "urgent"): (berlin("2026-03-06 17:58"), berlin("2026-03-06 20:58")),
        ("chat", "urgent"): (berlin("2026-03-09 09:03"), berlin("2026-03-06 20:58")),
    }


async def test_a_desk_that_has_a_policy_keeps_it_as_it_is(desk: Desk) -> None:
    """What ships newly comes to fresh desks alone: a policy in force is its house's own."""
    await with_defaults(desk)

    def change(document: dict[str, Any]) -> None:
        document["targets"] = [
            one for one in document["targets"] if one["key"] not in {"chat-answer", "urgent-answer"}
        ]

    await stories.policy_changed(desk, change)
    async with desk.work(SYSTEM) as work:
        assert await rulebook.ensure_defaults(work) == 0
        kept = await policy_versions.in_force(work)
    assert [row.key for row in kept.targets] == [
        "urgent-solve", "complaint-update", "acknowledge", "answer", "resolve"
    ]  # fmt: skip


async def test_the_first_row_that_holds_wins(desk: Desk) -> None:
    async with desk.look(SYSTEM) as work:
        shipped = await policy_versions.in_force(work)
    await with_defaults(desk)
    async with desk.look(SYSTEM) as work:
        written = await policy_versions.in_force(work)
    assert (written.targets, written.levels, written.calendars) == (
        shipped.targets,
        shipped.levels,
        shipped.calendars,
    )

    def change(document: dict[str, Any]) -> None:
        document["targets"] = [
            {"key": "vip", "to": "answer", "tier": "priority", "counts": "elapsed", "amount": 10, "warn": 50},
            {"key": "urgent", "to": "answer", "severity": "urgent", "counts": "elapsed", "amount": 20},
            {"key": "never", "to": "resolve", "kind": "inquiry", "off": True},
            *document["targets"],
        ]
        document["levels"][0]["to_role"] = "manager"

    await stories.policy_changed(desk, change)
    async with desk.look(SYSTEM) as work:
        now = await policy_versions.in_force(work)

    def answer(**told: Any) -> tuple[str, int]:
        limit = now.limits_of(Classified(CaseKind.COMPLAINT, **told))[DeadlineKind.ANSWER]
        return limit.row, limit.target.amount // 60

    assert answer() == ("answer", 60)
    assert answer(severity=Severity.URGENT) == ("urgent", 20)
    assert answer(severity=Severity.URGENT, tier=Tier.PRIORITY) == ("vip", 10)
    tried = now.why(Classified(CaseKind.COMPLAINT, severity=Severity.URGENT), DeadlineKind.ANSWER)
    assert [(one.row.key, one.failed) for one in tried] == [("vip", "tier"), ("urgent", "")]
    assert DeadlineKind.RESOLVE not in now.limits_of(Classified(CaseKind.INQUIRY))
    assert now.levels_of(Classified(CaseKind.ORDER_ERROR)) == (
        Level(1, Role.MANAGER, hours.business(hours=2), "S0-4.1c", "level-1-order-error"),
    )


async def test_running_clocks_move_with_the_rule_and_facts_stay(desk: Desk, clock: Clock) -> None:
    """Decision 8: running clocks get the new limit, what has run out stays as it did. S2-14.1"""
    await with_defaults(desk)
    old = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=70)  # its hour is over, though no sweep has seen it
    young = await stories.opened(desk, CaseKind.INQUIRY)
    over = await stories.opened(desk, CaseKind.INQUIRY)
    await stories.resolved(desk, over)
    assert (await stories.policy_changed(desk, answers_within(120))).clocks == 1
    assert (await stories.clocks(desk, old))["answer"] == ("running", berlin("2026-03-02 11:00"))
    assert (await stories.clocks(desk, young))["answer"] == ("running", berlin("2026-03-02 13:10"))
    assert (await stories.clocks(desk, over))["answer"] == ("met", berlin("2026-03-02 12:10"))
    async with desk.look(SYSTEM) as work:
        facts = await work.session.execute(
            select(ClockEvent.case_id, ClockEvent.kind, ClockEvent.at).order_by(ClockEvent.id)
        )
        told = [tuple(row) for row in facts]
    assert told == [
        (old, "start", berlin("2026-03-02 10:00")),
        (young, "start", berlin("2026-03-02 11:10")),
        (over, "start", berlin("2026-03-02 11:10")),
        (over, "stop", berlin("2026-03-02 11:10")),
        (young, "policy_changed", berlin("2026-03-02 11:10")),
    ]


async def test_a_target_out_of_force_stops_its_clocks_and_a_new_one_starts_them(desk: Desk) -> None:
    await with_defaults(desk)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)

    def change(document: dict[str, Any]) -> None:
        document["targets"].insert(0, {"key": "off", "to": "resolve", "kind": "inquiry", "off": True})
        stories.add_level(document, "inquiry", 1, "supervisor", "business", 180)

    await stories.policy_changed(desk, change)
    assert await stories.clocks(desk, case_id) == {
        "acknowledge": ("met", berlin("2026-03-02 10:15")),
        "answer": ("running", berlin("2026-03-02 11:00")),
        "resolve": ("stopped", berlin("2026-03-03 10:00")),
        "escalate 1": ("running", berlin("2026-03-02 13:00")),
    }


async def test_a_paused_case_keeps_its_pause_through_a_change(desk: Desk, clock: Clock) -> None:
    await with_defaults(desk)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=10)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await stories.the_case(work, case_id), "Which one?")
    await stories.policy_changed(desk, answers_within(120))
    clock.forward(minutes=20)
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "The left one.")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-02 12:20"))


async def test_the_second_to_save_is_told_and_nothing_is_overwritten(desk: Desk) -> None:
    await with_defaults(desk)
    told = {"key": "own", **INQUIRY_ANSWER}
    async with desk.work(ADA) as work:
        version = await rulebook.draft(work)
        read_at = version.version
        await policy_drafts.put_row(work, version, read_at, "targets", told)
        version_id = version.id
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, version_id)
        with pytest.raises(Conflict) as conflict:
            await policy_drafts.put_row(work, version, read_at, "targets", {**told, "key": "other"})
    assert conflict.value.saved_by == "Ada"


async def test_of_two_drafts_the_second_is_brought_up_to_date_first(desk: Desk) -> None:
    """Nothing that came into force meanwhile is taken back unseen; what both changed is named."""
    await with_defaults(desk)
    async with desk.work(MARA) as work:
        mine = await rulebook.draft(work)
        await policy_drafts.put_row(work, mine, mine.version, "targets", {"key": "own", **INQUIRY_ANSWER})
        draft_id = mine.id
    async with desk.work(ADA) as work:
        await rulebook.set_calendar_day(work, await the_calendar(work), dt.date(2026, 3, 4), "off", "Fair")
    async with desk.work(MARA) as work:
        mine = await policy_versions.load(work, draft_id)
        with pytest.raises(WrongMoment):
            await rulebook.publish(work, mine, "Quicker answers.")
        assert await rulebook.bring_up_to_date(work, mine) == []
        await rulebook.publish(work, mine, "Quicker answers.")
    async with desk.look(SYSTEM) as work:
        now = await policy_versions.in_force(work)
    assert now.number == 3
    assert "own" in now.rows
    assert now.calendar().days == {dt.date(2026, 3, 4): ("off", "Fair")}


async def test_who_may_not_edit_the_policy(desk: Desk) -> None:
    await with_defaults(desk)
    async with desk.work(SAM) as work:
        with pytest.raises(NotAllowed):
            await rulebook.draft(work)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": -1}, "amount"),
        ({"amount": 10**9}, "amount"),
        ({"warn": 101}, "warn"),
        ({"counts": "same_business_day"}, "amount"),
        ({"counts": "moons"}, "counts"),
        ({"kind": "wish"}, "kind"),
        ({"to": "escalate"}, "to"),
        ({"key": "x" * 61}, "key"),
        ({"warn": 0}, "warn"),
        ({"key": "resolve"}, "key"),
        ({"clause": "S" * 61}, "clause"),
        ({"on_missed": [{"do": "shout"}]}, "on_missed"),
        ({"on_warning": [{"do": "notify", "to": "nobody"}]}, "on_warning"),
    ],
)
async def test_what_a_row_cannot_be(desk: Desk, changes: dict[str, object], field: str) -> None:
    await with_defaults(desk)
    async with desk.work(ADA) as work:
        version = await rulebook.draft(work)
        with pytest.raises(NotAccepted) as refusal:
            await policy_drafts.put_row(
                work, version, version.version, "targets", {"key": "own", **INQUIRY_ANSWER, **changes}
            )
    assert set(refusal.value.fields) == ({"targets.7.key"} & set(refusal.value.fields) or {field})


async def the_calendar(work: Work) -> BusinessCalendar:
    return (await work.session.scalars(select(BusinessCalendar).where(BusinessCalendar.is_default))).one()


async def test_new_hours_move_what_is_counted_in_them(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-02 16:30")
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    before = await stories.clocks(desk, case_id)
    assert before["answer"] == ("running", berlin("2026-03-03 09:30"))
    async with desk.work(ADA) as work:
        calendar = await the_calendar(work)
        assert (
            await rulebook.change_calendar(work, calendar, calendar.version, hours="Mo-Fr 09:00-18:00") == 1
        )
    assert await stories.clocks(desk, case_id) == before | {"answer": ("running", berlin("2026-03-02 17:30"))}


async def test_a_holiday_moves_the_due_time_and_taking_it_back_moves_it_back(
    desk: Desk, clock: Clock
) -> None:
    """S0-4.2c with a half day."""
    clock.at("2026-03-03 18:00")
    case_id = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    due = []
    for hours_text in ("off", "09:00-12:00", None):
        async with desk.work(ADA) as work:
            calendar, day = await the_calendar(work), dt.date(2026, 3, 4)
            if hours_text:
                await rulebook.set_calendar_day(work, calendar, day, hours_text, "Company day")
            else:
                await rulebook.remove_calendar_day(work, calendar, day)
        due.append((await stories.clocks(desk, case_id))["escalate 1"][1])
    assert due == [berlin("2026-03-05 17:00"), berlin("2026-03-04 12:00"), berlin("2026-03-04 17:00")]


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"hours": "Mo-Fr 17:00-09:00-"}, "hours", "^"),
        ({"hours": "Mo-Su off"}, "hours", "never open"),
        ({"hours": "Mo-Fr 09:00-13:00,12:00-17:00"}, "hours", "overlap"),
        ({"hours": "Mo-Fr 09:00-17:00; PH off"}, "hours", "holidays"),
        ({"zone": "Europe/Nowhere"}, "zone", "no time zone"),
    ],
)
async def test_what_no_calendar_says(desk: Desk, changes: dict[str, object], field: str, word: str) -> None:
    """Decision 12."""
    with pytest.raises(NotAccepted) as refusal:
        await calendar_changed(desk, **changes)
    assert list(refusal.value.fields) == [field]
    assert word in refusal.value.fields[field]


async def test_there_is_always_one_default_calendar(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        first = await the_calendar(work)
        with pytest.raises(WrongMoment):
            await rulebook.change_calendar(work, first, first.version, is_default=False)
    async with desk.work(ADA) as work:
        second = await rulebook.add_calendar(work, "Weekend", "Europe/Berlin", "Sa-Su 10:00-14:00")
        await rulebook.change_calendar(work, second, second.version, is_default=True)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-07 11:00"))
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(select(BusinessCalendar.name).where(BusinessCalendar.is_default))
        assert [row.name for row in rows] == ["Weekend"]


async def test_holidays_of_the_region_are_filled_in_and_what_was_written_stays(desk: Desk) -> None:
    """S2-10.4."""
    async with desk.work(ADA) as work:
        calendar = await the_calendar(work)
        await rulebook.change_calendar(work, calendar, calendar.version, region="DE-BE")
        await rulebook.set_calendar_day(
            work, calendar, dt.date(2026, 5, 1), "09:00-12:00", "Open all the same"
        )
    async with desk.work(SYSTEM) as work:
        added = await rulebook.fill_all_holidays(work)
        assert await rulebook.fill_all_holidays(work) == 0
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(CalendarDay.day, CalendarDay.hours)
            .where(CalendarDay.day < dt.date(2026, 7, 1))
            .order_by(CalendarDay.day)
        )
        told = [f"{row.day} {row.hours}" for row in rows]
    assert told == [
        "2026-01-01 off",
        "2026-03-08 off",
        "2026-04-03 off",
        "2026-04-06 off",
        "2026-05-01 09:00-12:00",
        "2026-05-14 off",
        "2026-05-25 off",
    ]
    assert added > 20


async def test_an_unknown_region_is_refused(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        calendar = await the_calendar(work)
        await rulebook.change_calendar(work, calendar, calendar.version, region="XX-YY")
        with pytest.raises(NotAccepted) as refusal:
            await rulebook.fill_holidays(work, calendar, [2026])
    assert set(refusal.value.fields) == {"region"}


async def test_what_managers_changed_is_listed_beside_the_defaults(desk: Desk) -> None:
    await with_defaults(desk)
    async with desk.look(MARA) as work:
        assert policy_versions.edited(await policy_versions.in_force(work)) == []

    def change(document: dict[str, Any]) -> None:
        document["targets"].insert(0, {"key": "own", **INQUIRY_ANSWER, "kind": "complaint", "amount": 30})
        document["levels"][2]["off"] = True

    await stories.policy_changed(desk, change)
    async with desk.look(MARA) as work:
        found = [
            (one.name, one.value) for one in policy_versions.edited(await policy_versions.in_force(work))
        ]
    assert found == [
        ("answer complaint", "30 business minutes, warned at 75 %"),
        ("escalate complaint, level 1", "switched off"),
    ]


def test_a_row_below_one_that_takes_all_its_cases_is_never_reached() -> None:
    def target(key: str, **told: str) -> dict[str, Any]:
        return {"key": key, "to": "answer", "counts": "elapsed", "amount": 1, **told}

    rows = [
        target("urgent", severity="urgent"),
        target("urgent-complaint", severity="urgent", kind="complaint"),
        target("complaint", kind="complaint"),
        target("all"),
        target("by-phone", channel="phone"),
        {**target("other"), "to": "resolve"},
    ]
    found = matrix.read({"targets": rows}).targets
    assert policy_telling.never_reached(found) == {"urgent-complaint": 1, "by-phone": 4}
