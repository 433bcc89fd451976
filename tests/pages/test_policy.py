"""The pages of the policy: what is in force, writing a draft row by row, its calendars, publishing it. S2-14.1"""

import datetime as dt
import re
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from portal.desk import policy_drafts, policy_versions, recomputing, rulebook
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, FIN, MARA, SAM, Clock
from tests.desk import stories
from tests.house.counting import ask, statements
from tests.policy_pages import (
    CALENDAR,
    DRAFT,
    SHIPPED,
    URGENT,
    keys,
    mara,
    mistakes,
    said_in,
    stored,
    text_of,
)
from tests.visits import Visitor, signed_in

__all__ = ["mara"]


async def test_what_is_in_force_is_told_in_its_order(mara: httpx2.AsyncClient, desk: Desk) -> None:
    """S0-3.3.1, S0-4.3c"""
    await stories.policy_changed(
        desk,
        lambda told: told["targets"].insert(
            0,
            {
                "key": "vip", "to": "answer", "tier": "priority", "channel": "in_person", "counts": "elapsed", "amount": 90,
                "on_missed": [{"do": "notify", "to": "manager", "words": "Look."}, {"do": "severity", "severity": "high"}],
            },
        ),
    )  # fmt: skip
    told = text_of(await mara.get("/policy"))
    assert "In force Version 2, since now, published by Ada. As the story goes." in told
    assert "the first row that holds for a case wins; those below it are not looked at." in told
    assert (
        "1 Answer In person, priority customers 90 minutes 75 % When it is missed: send the manager a notice “Look.”,"
        " set the severity to high – 2 Answer By chat 5 business minutes 75 % as usual S2-12.5"
    ) in told
    assert "Level 1 Complaint Manager 24 hours S0-4.3c" in told
    assert "Desk all other cases Mo-Fr 09:00-17:00 Europe/Berlin – 0 All cases run on Desk." in told
    assert "Draft 2 draft Mara, saved now" in told
    assert "All running clocks follow version 2; done now. No clock had to change." in told


async def test_which_row_would_win_is_told_with_why_those_above_do_not(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    def change(document: dict[str, Any]) -> None:
        document["targets"] = [
            {"key": "vip", "to": "answer", "tier": "priority", "counts": "elapsed", "amount": 10},
            {"key": "urgent", "to": "answer", "severity": "urgent", "counts": "business", "amount": 120},
            {"key": "never", "to": "resolve", "kind": "complaint", "off": True},
            *document["targets"],
        ]

    await stories.policy_changed(desk, change)
    answer = await mara.get("/policy", params={"kind": "complaint", "severity": "urgent"})
    told = text_of(answer)
    assert (
        "Answer Row 2: 2 business hours, warned at 75 % Urgent"
        " Not row 1: it asks for the customer priority, and this is standard."
    ) in told
    assert "Resolve Row 3 switches it off: such a case has no such clock." in told
    assert "Update Row 7: 2 business days, warned at 75 %, by S0-3.4.4 Complaint Resolve" in told
    assert "Not row 1: it asks for the kind order error, and this is complaint." in told
    wrong = await mara.get("/policy", params={"kind": "complaint", "tier": "gold"})
    assert (wrong.status_code, mistakes(wrong)) == (422, [("case-tier", "Choose one of the list.")])
    assert "Which row would win?" in text_of(await mara.get(f"{DRAFT}?kind=complaint"))


async def test_a_row_is_added_above_the_others_changed_moved_and_taken_out(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    form = await mara.get(f"{DRAFT}/rows/new?part=targets")
    assert "It will stand above all others." in text_of(form)
    actions = {
        "on_missed-1-do": "task",
        "on_missed-1-to": "holder",
        "on_missed-1-words": "Call the customer.",
        "on_warning-2-do": "raise",
    }
    added = await mara.post(f"{DRAFT}/rows", data={**URGENT, **actions, "version": "1"})
    key = "answer-complaint-urgent-phone"
    assert (added.status_code, added.headers["location"]) == (303, f"{DRAFT}#row-{key}")
    document, version = await stored(desk)
    row = {
        "key": key, "to": "answer", "kind": "complaint", "severity": "urgent", "channel": "phone", "counts": "business",
        "amount": 20, "warn": 50, "clause": "S3-3.1.1a", "on_warning": [{"do": "raise"}],
        "on_missed": [{"do": "task", "to": "holder", "words": "Call the customer."}],
    }  # fmt: skip
    assert (document["targets"][0], version) == (row, 2)
    shown = text_of(await mara.get(DRAFT))
    assert (
        "Targets Added Answer, complaint, urgent, by phone, as row 1 now: 20 business minutes, warned at 50 %,"
        " by S3-3.1.1a, when it warns: hand the case up,"
        " when it is missed: give the holder a task “Call the customer.”"
    ) in shown
    changed = await mara.post(
        f"{DRAFT}/rows/{key}",
        data={**URGENT, "amount": "2", "counts": "business-hours", "clause": "", "version": "2"},
    )
    assert changed.status_code == 303
    assert (await stored(desk))[0]["targets"][0] == {
        "key": key, "to": "answer", "kind": "complaint", "severity": "urgent", "channel": "phone", "counts": "business",
        "amount": 120, "warn": 50,
    }  # fmt: skip
    again = (await mara.get(f"{DRAFT}/rows/{key}")).text
    assert re.search(r'name="amount"\s+value="2"', again)
    assert '<option value="business-hours" selected>' in again
    moved = await mara.post(
        f"{DRAFT}/order", data={"part": "targets", "key": key, "way": "down", "version": "3"}
    )
    assert (moved.status_code, await keys(desk)) == (303, [SHIPPED[0], key, *SHIPPED[1:]])
    assert "Answer, complaint, urgent, by phone: now row 2 of 8." in text_of(await mara.get(DRAFT))
    part = await mara.post(
        f"{DRAFT}/order",
        data={"part": "targets", "key": key, "way": "up", "version": "4"},
        headers={"hx-request": "true"},
    )
    assert "<html" not in part.text
    assert ("now row 1 of 8." in part.text, await keys(desk)) == (
        True,
        [key, *SHIPPED],
    )
    gone = await mara.post(f"{DRAFT}/rows/{key}/removal", data={"version": "5"})
    assert (gone.status_code, await keys(desk)) == (303, SHIPPED)
    assert "Taken out: Answer, complaint, urgent, by phone." in text_of(await mara.get(DRAFT))
    assert (await mara.get(f"{DRAFT}/rows/{key}")).status_code == 404


async def test_a_level_is_added_and_one_like_it_gets_a_name_of_its_own(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    level = {
        "part": "levels", "kind": "complaint", "level": "2", "to_role": "administrator", "amount": "2",
        "counts": "business-days",
    }  # fmt: skip
    for version in ("1", "2"):
        await mara.post(f"{DRAFT}/rows", data={**level, "version": version})
    off = {**level, "off": "yes", "amount": "", "counts": "", "version": "3"}
    assert (await mara.post(f"{DRAFT}/rows", data=off)).status_code == 303
    names = ["level-2-complaint-3", "level-2-complaint-2", "level-2-complaint"]
    assert (await keys(desk, "levels"))[:3] == names
    assert (await stored(desk))[0]["levels"][0] == {
        "key": names[0], "kind": "complaint", "level": 2, "to_role": "administrator", "off": True,
    }  # fmt: skip


async def test_a_level_says_whether_all_are_told_together_or_one_after_the_other(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    """S2-13.2"""
    level = {"level": "1", "to_role": "supervisor", "amount": "2", "counts": "hours", "telling": "in-turn"}
    sent = {"part": "levels", "kind": "inquiry", **level}
    refused = await mara.post(f"{DRAFT}/rows", data={**sent, "turn_minutes": "soon", "version": "1"})
    told = "Say how many minutes each has before the next one is told."
    assert (refused.status_code, mistakes(refused)) == (422, [("turn_minutes", told)])
    added = await mara.post(f"{DRAFT}/rows", data={**sent, "turn_minutes": "15", "version": "1"})
    assert added.status_code == 303
    row = (await stored(desk))[0]["levels"][0]
    assert (row["to_role"], row["turn_minutes"]) == ("supervisor", 15)
    assert "Supervisor, one after the other, 15 minutes each" in text_of(await mara.get(DRAFT))
    again = {**sent, "telling": "together", "turn_minutes": "15", "version": "2"}
    assert (await mara.post(f"{DRAFT}/rows/{row['key']}", data=again)).status_code == 303
    assert "turn_minutes" not in (await stored(desk))[0]["levels"][0]


async def test_each_refused_field_tells_why_and_what_was_typed_stays(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    wrong = {
        "part": "targets", "to": "escalate", "amount": "soon", "counts": "", "warn": "a lot", "version": "1",
        "on_met-1-do": "notify", "on_met-2-do": "severity", "on_met-3-words": "Hm.", "on_missed-1-do": "explode",
        "clause": "As we like it",
    }  # fmt: skip
    answer = await mara.post(f"{DRAFT}/rows", data=wrong)
    assert (answer.status_code, mistakes(answer)) == (
        422,
        [
            ("on_met-1-to", "Choose for whom."),
            ("on_met-2-severity", "Choose which one."),
            ("on_met-3-do", "Say what shall happen, or take the words away."),
            ("on_missed-1-do", "Choose one of the list."),
            ("counts", "Choose what is counted."),
            ("amount", "Write a whole number."),
            ("warn", "Write a whole number."),
        ],
    )
    assert [f'value="{one}"' in answer.text for one in ("soon", "a lot", "Hm.", "As we like it")] == [
        True
    ] * 4
    late = await mara.post(
        f"{DRAFT}/rows", data={**URGENT, "to": "escalate", "warn": "0", "kind": "x", "amount": "999999999", "version": "1"}
    )  # fmt: skip
    assert (late.status_code, dict(mistakes(late))) == (
        422,
        {
            "to": "Choose one of the list.",
            "kind": "Choose one of the list, or leave it open.",
            "amount": "Between 0 and a year.",
            "warn": "Between 1 and 100 per cent of the time.",
        },
    )
    card = await mara.post(f"{DRAFT}/rows", data={**URGENT, "clause": "4111 1111 1111 1111", "version": "1"})
    assert (card.status_code, [field for field, _ in mistakes(card)]) == (422, ["clause"])
    nothing = await mara.post(f"{DRAFT}/rows", data={"part": "levels", "version": "1"})
    assert [field for field, _ in mistakes(nothing)] == ["level", "counts", "amount"]
    assert (await mara.post(f"{DRAFT}/rows", data={"part": "all", "version": "1"})).status_code == 404
    assert await keys(desk) == SHIPPED


async def test_the_second_to_save_a_row_is_shown_what_stands_there_and_loses_nothing(
    mara: httpx2.AsyncClient, desk: Desk, visitor: Visitor
) -> None:
    ada = await visitor(ADA)
    usual = {"part": "targets", "to": "resolve", "amount": "48", "counts": "hours", "warn": "75"}
    await ada.post(f"{DRAFT}/rows/resolve", data={**usual, "version": "1"})
    late = await mara.post(f"{DRAFT}/rows/resolve", data={**usual, "amount": "36", "version": "1"})
    assert late.status_code == 409
    told = text_of(late)
    assert "Ada changed this draft while you were writing." in told
    assert "The row now says: Resolve, every case: 2 days, warned at 75 %." in told
    assert re.search(r'name="amount"\s+value="36"', late.text)
    assert 'name="version" value="2"' in late.text
    again = await mara.post(f"{DRAFT}/rows/resolve", data={**usual, "amount": "36", "version": "2"})
    assert (again.status_code, (await stored(desk))[0]["targets"][-1]["amount"]) == (303, 36 * 60)
    stale = await mara.post(
        f"{DRAFT}/order", data={"part": "targets", "key": "answer", "way": "up", "version": "1"}
    )
    assert (stale.status_code, "Below is the draft as it stands now" in text_of(stale)) == (409, True)
    new = await mara.post(f"{DRAFT}/rows", data={**URGENT, "version": "1"})
    assert (new.status_code, 'value="S3-3.1.1a"' in new.text) == (409, True)
    await ada.post(f"{DRAFT}/rows/answer/removal", data={"version": "3"})
    gone = await mara.post(f"{DRAFT}/rows/answer", data={**URGENT, "version": "3"})
    assert (gone.status_code, f'action="{DRAFT}/rows"' in gone.text) == (409, True)
    assert await keys(desk) == [one for one in SHIPPED if one != "answer"]


async def test_a_draft_is_published_with_a_note_and_never_changes_again(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    await stories.opened(desk)
    await mara.post(f"{DRAFT}/rows", data={**URGENT, "severity": "", "version": "1"})
    page = await mara.get(DRAFT)
    assert f'href="{DRAFT}/replay"' in page.text
    refused = await mara.post(f"{DRAFT}/publishing", data={"note": " "})
    assert (refused.status_code, mistakes(refused)) == (
        422,
        [("publish-note", "Say what changes and why, for those who look it up later.")],
    )
    long = await mara.post(f"{DRAFT}/publishing", data={"note": "x" * 2001})
    assert (long.status_code, "x" * 2001 in long.text) == (422, True)
    done = await mara.post(f"{DRAFT}/publishing", data={"note": "Complaints by phone are answered sooner."})
    assert (done.status_code, done.headers["location"]) == (303, "/policy")
    told = text_of(await mara.get("/policy"))
    assert "Version 2 is in force. 1 clock followed at once; that is all of them." in told
    assert (
        "All running clocks follow version 2; done now. 1 clock changed: 1 due earlier, 0 later, the furthest by 40 minutes."
        in told
    )
    assert "Complaints by phone are answered sooner." in told
    shown = await mara.get(DRAFT)
    told = text_of(shown)
    assert "It was published and never changes." in told
    assert "What it changed against version 1 Targets Added Answer, complaint, by phone, as row 1" in told
    assert ("/rows/" in shown.text, "/replay" in shown.text) == (False, False)
    before = await stored(desk)
    for path, data in (
        ("rows", URGENT),
        ("rows/resolve", {**URGENT, "part": "targets"}),
        ("rows/resolve/removal", {}),
        ("order", {"part": "targets", "key": "resolve", "way": "up"}),
        ("calendars", {**CALENDAR, "name": "New"}),
        ("calendars/1", {**CALENDAR, "hours": "24/7"}),
        ("calendars/1/days", {"day": "2026-03-04"}),
        ("calendars/1/holidays", {}),
        ("assignments", {"calendar": "1", "team": "North"}),
        ("publishing", {"note": "Again."}),
        ("dropping", {}),
        ("update", {}),
    ):
        answer = await mara.post(f"{DRAFT}/{path}", data={**data, "version": str(before[1])})
        assert answer.status_code == 409, path
    assert (await mara.get(f"{DRAFT}/rows/new")).status_code == 409
    assert "Opens next" in text_of(await mara.get(f"{DRAFT}/calendars/1"))
    assert await stored(desk) == before


async def test_a_draft_that_is_behind_is_brought_up_to_date_first(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    await mara.post(f"{DRAFT}/rows", data={**URGENT, "version": "1"})
    await stories.policy_changed(desk, lambda told: told["targets"][4].update(amount=10))
    shown = text_of(await mara.get(DRAFT))
    assert "Another version came into force meanwhile." in shown
    late = await mara.post(f"{DRAFT}/publishing", data={"note": "Sooner."})
    assert late.status_code == 409
    assert "Bring this draft up to date first." in text_of(late)
    assert "Sooner." in late.text
    done = await mara.post(f"{DRAFT}/update")
    assert done.status_code == 303
    told = text_of(await mara.get(DRAFT))
    assert (
        "The draft is up to date. Both changed: targets. There the draft’s own stays; look through it."
        in told
    )
    assert "Another version came into force meanwhile." not in told
    assert "Changed Acknowledge, every case before: 10 minutes" in told
    assert (await mara.post(f"{DRAFT}/publishing", data={"note": "Sooner."})).status_code == 303


async def test_a_draft_is_dropped(mara: httpx2.AsyncClient) -> None:
    done = await mara.post(f"{DRAFT}/dropping")
    assert (done.status_code, done.headers["location"]) == (303, "/policy")
    assert "Draft 2" not in text_of(await mara.get("/policy"))
    assert (await mara.get(DRAFT)).status_code == 404


async def test_progress_is_asked_for_only_while_clocks_have_to_follow(
    mara: httpx2.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "AT_ONCE", 1)
    for _ in range(3):
        await stories.opened(desk)
    await mara.post(f"{DRAFT}/rows", data={**URGENT, "severity": "", "version": "1"})
    await mara.post(f"{DRAFT}/publishing", data={"note": "Sooner."})
    told = await mara.get("/policy")
    assert "1 clock followed at once; the rest follows in the background." in text_of(told)
    assert "The clocks follow version 2: 1 of 3 cases" in text_of(told)
    asks = 'hx-trigger="every 3s"'
    part = await mara.get("/policy/recompute", headers={"hx-request": "true"})
    assert (asks in told.text, asks in part.text, "<html" in part.text) == (True, True, False)
    async with desk.work(SYSTEM) as work:
        while await recomputing.step(work):
            pass
    part = await mara.get("/policy/recompute", headers={"hx-request": "true"})
    assert (asks in part.text, "All running clocks follow version 2" in said_in(part.text)) == (False, True)
    assert "3 clocks changed: 3 due earlier, 0 later, the furthest by 40 minutes." in said_in(part.text)
    assert "<html" in (await mara.get("/policy/recompute")).text


async def test_who_reads_the_policy_looks_and_who_edits_it_changes(
    mara: httpx2.AsyncClient, visitor: Visitor
) -> None:
    del mara
    found = {}
    for who in (CORA, SAM, MARA, ADA, FIN):
        seat = await visitor(who)
        looked = [(await seat.get(path)).status_code for path in ("/policy", DRAFT, f"{DRAFT}/calendars/1")]
        changed = [
            (await seat.get(f"{DRAFT}/rows/resolve")).status_code,
            (await seat.post("/policy/drafts")).status_code,
        ]
        found[who.name] = (looked, changed)
    assert found == {
        "Cora": ([403] * 3, [403, 403]),
        "Sam": ([200] * 3, [403, 403]),
        "Mara": ([200] * 3, [200, 303]),
        "Ada": ([200] * 3, [200, 303]),
        "Fin": ([403] * 3, [403, 403]),
    }
    sam = await visitor(SAM)
    pages = [(await sam.get(path)).text for path in ("/policy", DRAFT, f"{DRAFT}/calendars/1")]
    assert [re.findall(r'<form[^>]*method="post"[^>]*action="(/policy[^"]*)"', one) for one in pages] == [
        []
    ] * 3
    for way_in, who in (("/scripts", SAM), ("/scripts", ADA), ("/on-duty", ADA)):
        assert 'href="/policy' in (await (await visitor(who)).get(way_in)).text


async def test_no_page_takes_more_statements_with_more_rows(
    mara: httpx2.AsyncClient, app: Starlette, desk: Desk, clock: Clock
) -> None:
    del clock
    secret = await signed_in(desk, MARA)
    pages = ("/policy", "/policy?kind=complaint", DRAFT, f"{DRAFT}/rows/resolve", f"{DRAFT}/calendars/1")

    async def counted() -> list[int]:
        found = []
        for path in pages:
            await ask(app, path, secret)
            with statements(app.state.database) as said:
                assert (await ask(app, path, secret)).status == 200
            found.append(len(said))
        return found

    few = await counted()
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, 2)
        for number in range(30):
            row = {"to": "answer", "kind": "inquiry", "counts": "elapsed", "amount": number}
            await policy_drafts.put_row(work, version, version.version, "targets", row)
            day = dt.date(2026, 4, 1) + dt.timedelta(days=number)
            await policy_drafts.put_day(work, version, version.version, 1, day, "off")
            await rulebook.draft(work)
    assert (await counted(), max(few)) == (few, max(few))
    assert max(few) <= 8
    assert (await mara.get("/policy")).text.count("po-versions") == 1


async def test_a_time_of_the_desk_is_changed_in_a_draft(mara: httpx2.AsyncClient, desk: Desk) -> None:
    """S1-4.7.1: refused beside its field with what was typed; told as a change; nobody else may."""
    told = text_of(await mara.get("/policy"))
    assert "Tick a new or changed order 30 business minutes S1-4.7.1" in told
    address = f"{DRAFT}/times/receive-order"
    form = {"version": "1", "amount": "soon", "counts": "business-hours", "calendar": ""}
    refused = await mara.post(address, data=form)
    assert (refused.status_code, mistakes(refused)) == (
        422, [("time-receive-order-amount", "Write a whole number.")]
    )  # fmt: skip
    assert 'value="soon"' in refused.text
    assert (await mara.post(address, data={**form, "amount": "2"})).status_code == 303
    assert (await stored(desk))[0]["times"] == [{"key": "receive-order", "counts": "business", "amount": 120}]
    told = text_of(await mara.get(DRAFT))
    assert "Tick a new or changed order before: 30 business minutes now: 2 business hours" in told
    stale = await mara.post(address, data={**form, "amount": "3"})
    assert (stale.status_code, 'value="3"' in stale.text) == (409, True)
    assert (await mara.post(f"{DRAFT}/times/resolve", data={**form, "amount": "3"})).status_code == 404
