"""The numbers, where they stand, and changing them while clocks run. Decisions 2, 8 and 12."""

import datetime as dt

import pytest
from sqlalchemy import select

from models import BusinessCalendar, CalendarDay, ClockEvent, DeadlineRule, EscalationRule
from models.words import CaseKind, DeadlineKind, Role, TargetKind
from portal.desk import calendars, cases, hours, policy, rulebook
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.policy import Level, Limit
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ADA, CORA, MARA, SAM, Clock, berlin
from tests.desk import stories


async def limit_rule(work: Work, kind: CaseKind, deadline: str) -> DeadlineRule:
    found = select(DeadlineRule).where(DeadlineRule.case_kind == kind, DeadlineRule.deadline == deadline)
    return (await work.session.scalars(found)).one()


async def level_rule(work: Work, kind: CaseKind) -> EscalationRule:
    return (await work.session.scalars(select(EscalationRule).where(EscalationRule.case_kind == kind))).one()


async def rule_changed(desk: Desk, **changes: object) -> int:
    """Change how long the first answer to an inquiry may take; return how many clocks changed."""
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        return await rulebook.change_deadline_rule(work, rule, rule.version, **changes)


async def calendar_changed(desk: Desk, **changes: object) -> int:
    async with desk.work(ADA) as work:
        calendar = await the_calendar(work)
        return await rulebook.change_calendar(work, calendar, calendar.version, **changes)


async def with_defaults(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        await policy.ensure_defaults(work)


@pytest.mark.parametrize(
    ("word", "value", "clause"),
    [
        ("acknowledge", "15 minutes", "S3-3.1.1a"),
        ("answer every", "1 business hour", "S0-3.3.1"),
        ("resolve every", "24 hours", "S3-3.2.3"),
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


async def test_defaults_are_written_once_and_edits_stay(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        assert await policy.ensure_defaults(work) == 6 * 3 + 3
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        await rulebook.change_deadline_rule(work, rule, rule.version, amount=30)
    async with desk.work(ADA) as work:
        assert await policy.ensure_defaults(work) == 0
        assert (await limit_rule(work, CaseKind.INQUIRY, "answer")).amount == 30


async def test_rows_are_laid_over_the_defaults(desk: Desk) -> None:
    async with desk.look(SYSTEM) as work:
        shipped = await policy.in_force(work)
    await with_defaults(desk)
    async with desk.look(SYSTEM) as work:
        assert await policy.in_force(work) == shipped
    async with desk.work(MARA) as work:
        limit = await limit_rule(work, CaseKind.COMPLAINT, "answer")
        await rulebook.change_deadline_rule(
            work, limit, limit.version, target_kind=TargetKind.ELAPSED, amount=45, warn_percent=50
        )
        other = await limit_rule(work, CaseKind.INQUIRY, "resolve")
        await rulebook.change_deadline_rule(work, other, other.version, active=False)
        level = await level_rule(work, CaseKind.ORDER_ERROR)
        await rulebook.change_escalation_rule(work, level, level.version, to_role=Role.MANAGER)
    async with desk.look(SYSTEM) as work:
        now = await policy.in_force(work)
    limits, matrix = dict(shipped.limits), dict(shipped.matrix)
    limits[CaseKind.COMPLAINT, DeadlineKind.ANSWER] = Limit(hours.elapsed(minutes=45), 50, "S0-3.3.1")
    del limits[CaseKind.INQUIRY, DeadlineKind.RESOLVE]
    matrix[CaseKind.ORDER_ERROR] = (Level(1, Role.MANAGER, hours.business(hours=2), "S0-4.1c"),)
    assert (now.limits, now.matrix) == (limits, matrix)


async def test_running_clocks_move_with_the_rule_and_facts_stay(desk: Desk, clock: Clock) -> None:
    """Decision 8: running clocks get the new limit, what has run out stays as it did. S2-14.1"""
    await with_defaults(desk)
    old = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=70)  # its hour is over, though no sweep has seen it
    young = await stories.opened(desk, CaseKind.INQUIRY)
    over = await stories.opened(desk, CaseKind.INQUIRY)
    await stories.resolved(desk, over)
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        moved = await rulebook.change_deadline_rule(work, rule, rule.version, amount=120)
    assert moved == 1
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
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "resolve")
        await rulebook.change_deadline_rule(work, rule, rule.version, active=False)
        await rulebook.add_escalation_rule(work, CaseKind.INQUIRY, Role.SUPERVISOR, TargetKind.BUSINESS, 180)
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
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        await rulebook.change_deadline_rule(work, rule, rule.version, amount=120)
    clock.forward(minutes=20)
    async with desk.work(CORA) as work:
        await cases.customer_answered(work, await stories.the_case(work, case_id), "The left one.")
    assert (await stories.clocks(desk, case_id))["answer"] == ("running", berlin("2026-03-02 12:20"))


async def test_the_second_to_save_is_told_and_nothing_is_overwritten(desk: Desk) -> None:
    await with_defaults(desk)
    async with desk.work(ADA) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        read_at = rule.version
        await rulebook.change_deadline_rule(work, rule, read_at, amount=30)
    async with desk.work(MARA) as work:
        with pytest.raises(Conflict) as conflict:
            await rulebook.change_deadline_rule(
                work, await limit_rule(work, CaseKind.INQUIRY, "answer"), read_at, amount=45
            )
    assert (conflict.value.saved_by, conflict.value.yours, conflict.value.theirs) == (
        "Ada",
        {"amount": "45"},
        {"amount": "30"},
    )


async def test_who_may_not_edit_the_policy(desk: Desk) -> None:
    await with_defaults(desk)
    async with desk.work(SAM) as work:
        rule = await limit_rule(work, CaseKind.INQUIRY, "answer")
        with pytest.raises(NotAllowed):
            await rulebook.change_deadline_rule(work, rule, rule.version, amount=30)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": -1}, "amount"),
        ({"warn_percent": 0}, "warn_percent"),
        ({"target_kind": TargetKind.SAME_BUSINESS_DAY}, "amount"),
        ({"case_kind": CaseKind.SUPPORT}, "case_kind"),
    ],
)
async def test_what_a_rule_cannot_be(desk: Desk, changes: dict[str, object], field: str) -> None:
    await with_defaults(desk)
    with pytest.raises(NotAccepted) as refusal:
        await rule_changed(desk, **changes)
    assert set(refusal.value.fields) == {field}


async def the_calendar(work: Work) -> BusinessCalendar:
    return (await calendars.default_calendar(work))[0]


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
    async with desk.work(SYSTEM) as work:
        await policy.ensure_defaults(work)
    async with desk.look(MARA) as work:
        assert policy.edited(await policy.in_force(work)) == []
    async with desk.work(MARA) as work:
        row = await limit_rule(work, CaseKind.COMPLAINT, "answer")
        await rulebook.change_deadline_rule(work, row, row.version, amount=30)
        level = await level_rule(work, CaseKind.COMPLAINT)
        await rulebook.change_escalation_rule(work, level, level.version, active=False)
    async with desk.look(MARA) as work:
        found = [(one.name, one.value) for one in policy.edited(await policy.in_force(work))]
    assert found == [
        ("answer complaint", "30 business minutes, warned at 75 %"),
        ("escalate complaint, level 1", "switched off"),
    ]
