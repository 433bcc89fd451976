"""The calendars of a draft of the policy: hours, exceptional days, who runs on which. S0-4, decision 12"""

import re

import httpx2
from sqlalchemy import update

from models import Case
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.desk import stories
from tests.policy_pages import CALENDAR, DRAFT, mara, mistakes, stored, text_of

__all__ = ["mara"]


async def test_a_mistake_in_the_hours_is_marked_and_the_next_windows_are_shown(
    mara: httpx2.AsyncClient,
) -> None:
    """Decision 12"""
    address = f"{DRAFT}/calendars/1"
    wrong = await mara.post(
        address, data={**CALENDAR, "hours": "Mo-Fr 09:00-17:00; Sa 10:00-09", "version": "1"}
    )
    marked = re.search(r'<pre class="po-caret"[^>]*>(.*?)</pre>', wrong.text, re.DOTALL)
    assert (wrong.status_code, [field for field, _ in mistakes(wrong)]) == (422, ["calendar-hours"])
    assert marked
    line, caret = marked[1].splitlines()
    assert (line, caret.strip()) == ("Mo-Fr 09:00-17:00; Sa 10:00-09", "^")
    assert len(caret) > len("Mo-Fr 09:00-17:00;")
    assert 'value="Mo-Fr 09:00-17:00; Sa 10:00-09"' in wrong.text
    fields = {"name": "", "zone": "Mars/Crater", "hours": "off", "region": "x" * 30}
    for name, value in fields.items():
        answer = await mara.post(address, data={**CALENDAR, name: value, "version": "1"})
        assert (answer.status_code, [field for field, _ in mistakes(answer)]) == (422, [f"calendar-{name}"])
    saved = await mara.post(
        address, data={**CALENDAR, "hours": "Mo-Fr 09:00-12:00, 13:00-17:30", "version": "1"}
    )
    assert (saved.status_code, saved.headers["location"]) == (303, address)
    shown = await mara.get(address)
    listed = re.search(r'<ol class="po-windows">(.*?)</ol>', shown.text, re.DOTALL)
    assert listed
    windows = [one.strip() for one in re.findall(r"<li>(.*?)</li>", listed[1], re.DOTALL)]
    assert (len(windows), windows[0], windows[1], windows[-1]) == (
        10,
        "Mon 2 Mar 2026, 09:00 to 12:00",
        "Mon 2 Mar 2026, 13:00 to 17:30",
        "Fri 6 Mar 2026, 13:00 to 17:30",
    )
    assert (
        "Changed Desk, opening hours before: Mo-Fr 09:00-17:00 now: Mo-Fr 09:00-12:00, 13:00-17:30"
        in text_of(await mara.get(DRAFT))
    )


async def test_exceptional_days_are_put_in_filled_in_and_taken_out(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    """S2-10.4"""
    days = f"{DRAFT}/calendars/1/days"
    wrong = await mara.post(days, data={"day": "soon", "hours": "off", "name": "Fair", "version": "1"})
    assert (wrong.status_code, mistakes(wrong)) == (422, [("day-day", "Enter a day such as 2026-12-24.")])
    assert 'value="Fair"' in wrong.text
    broken = await mara.post(
        days, data={"day": "2026-03-04", "hours": "09:00-08", "name": "Fair", "version": "1"}
    )
    assert (broken.status_code, [field for field, _ in mistakes(broken)]) == (422, ["day-hours"])
    assert '<pre class="po-caret"' in broken.text
    put = await mara.post(days, data={"day": "2026-03-04", "hours": "off", "name": "Fair", "version": "1"})
    assert put.status_code == 303
    shown = text_of(await mara.get(f"{DRAFT}/calendars/1"))
    assert "2026-03-04 is closed (Fair)." in shown
    assert "Wed 4 Mar 2026: closed (Fair)" in shown
    assert "Tue 3 Mar 2026, 09:00 to 17:00 Thu 5 Mar 2026, 09:00 to 17:00" in shown
    await mara.post(f"{DRAFT}/calendars/1", data={**CALENDAR, "version": "2"})
    filled = await mara.post(f"{DRAFT}/calendars/1/holidays", data={"version": "3"})
    assert filled.status_code == 303
    document = (await stored(desk))[0]["calendars"][0]["days"]
    assert (document["2026-03-04"], document["2028-12-25"]["hours"]) == (
        {"hours": "off", "name": "Fair"},
        "off",
    )
    assert f"{len(document) - 1} holidays are filled in, up to the end of 2028." in text_of(
        await mara.get(f"{DRAFT}/calendars/1")
    )
    nothing = await mara.post(f"{DRAFT}/calendars/1/holidays", data={"version": "4"})
    assert nothing.status_code == 303
    out = await mara.post(f"{days}/removal", data={"day": "2026-03-04", "version": "4"})
    assert (out.status_code, "2026-03-04" in (await stored(desk))[0]["calendars"][0]["days"]) == (303, False)
    stale = await mara.post(days, data={"day": "2026-03-05", "name": "Fair", "version": "1"})
    assert (stale.status_code, 'value="2026-03-05"' in stale.text) == (409, True)


async def test_a_calendar_is_added_and_cases_of_a_country_run_on_it(
    mara: httpx2.AsyncClient, desk: Desk
) -> None:
    """S0-4"""
    paris = {"name": "Paris", "zone": "Europe/Paris", "hours": "Mo-Th 10:00-16:00", "region": ""}
    same = await mara.post(f"{DRAFT}/calendars", data={**paris, "name": "Desk", "version": "1"})
    assert mistakes(same) == [("calendar-name", "Another calendar has this name.")]
    made = await mara.post(f"{DRAFT}/calendars", data={**paris, "version": "1"})
    assert (made.status_code, made.headers["location"]) == (303, f"{DRAFT}/calendars/2")
    nobody = await mara.post(f"{DRAFT}/assignments", data={"calendar": "2", "version": "2"})
    assert (nobody.status_code, [field for field, _ in mistakes(nobody)]) == (422, ["assign-team"])
    nowhere = await mara.post(
        f"{DRAFT}/assignments", data={"calendar": "77", "team": "North", "version": "2"}
    )
    assert (nowhere.status_code, [field for field, _ in mistakes(nowhere)]) == (422, ["assign-calendar"])
    assert 'value="North"' in nowhere.text
    done = await mara.post(
        f"{DRAFT}/assignments", data={"calendar": "2", "country": "FR", "channel": "phone", "version": "2"}
    )
    assert done.status_code == 303
    shown = text_of(await mara.get(DRAFT))
    assert "Cases of by phone, country FR run on Paris." in shown
    assert "Added Paris now: Mo-Th 10:00-16:00 (Europe/Paris)" in shown
    calendar = text_of(await mara.get(f"{DRAFT}/calendars/2"))
    assert "Who runs on it Cases of by phone, country FR" in calendar
    await mara.post(f"{DRAFT}/calendars/2", data={**paris, "default": "yes", "version": "3"})
    assert (await stored(desk))[0]["default_calendar"] == 2
    out = await mara.post(f"{DRAFT}/assignments/removal", data={"place": "0", "version": "4"})
    assert (out.status_code, (await stored(desk))[0]["assignments"]) == (303, [])
    assert (
        await mara.post(f"{DRAFT}/assignments/removal", data={"place": "-1", "version": "5"})
    ).status_code == 404


async def test_a_calendar_is_taken_out_unless_cases_run_on_it(mara: httpx2.AsyncClient, desk: Desk) -> None:
    """S0-4"""
    north = {"name": "North", "zone": "Europe/Oslo", "hours": "Mo-Fr 08:00-16:00", "region": ""}
    await mara.post(f"{DRAFT}/calendars", data={**north, "version": "1"})
    await mara.post(f"{DRAFT}/assignments", data={"calendar": "2", "team": "Nord", "version": "2"})
    for number, why in (
        ("1", "All other cases run on it. Make another calendar that of all other cases first."),
        ("2", "Cases of team Nord run on it. Take that out first, or let them run on another calendar."),
    ):
        shown = await mara.get(f"{DRAFT}/calendars/{number}")
        assert f"Take this calendar out… It cannot be taken out as it stands. {why}" in text_of(shown)
        assert f"{number}/removal" not in shown.text
        refused = await mara.post(f"{DRAFT}/calendars/{number}/removal", data={"version": "3"})
        assert (refused.status_code, mistakes(refused)) == (422, [("removal-calendar", why)])
    await mara.post(f"{DRAFT}/publishing", data={"note": "A desk in the north."})
    for _ in range(2):
        case_id = await stories.opened(desk)
        async with desk.work(SYSTEM) as work:
            await work.session.execute(
                update(Case).where(Case.id == case_id).values(calendar_id=2),
                execution_options={"audited": True},
            )
            await audit.record(work, "move case")
    await mara.post("/policy/drafts")
    draft = "/policy/versions/3"
    await mara.post(f"{draft}/assignments/removal", data={"version": "1", "place": "0"})
    alone = (
        "2 open cases name North as a calendar of their own;"
        " without it they run on what an assignment says, or on that of all other cases."
    )
    asked = await mara.get(f"{draft}/calendars/2")
    assert alone in text_of(asked)
    assert alone not in text_of(await mara.get(f"{draft}/calendars/1"))
    stale = await mara.post(f"{draft}/calendars/2/removal", data={"version": "1"})
    assert (stale.status_code, "changed this draft while you were at it" in text_of(stale)) == (409, True)
    out = await mara.post(f"{draft}/calendars/2/removal", data={"version": "2"})
    assert (out.status_code, out.headers["location"]) == (303, f"{draft}#calendars")
    left = text_of(await mara.get(draft))
    assert f"Taken out: North. What is in force still has it. {alone}" in left
    assert "Removed North before: Mo-Fr 08:00-16:00 (Europe/Oslo)" in left
    assert (await mara.post(f"{draft}/calendars/2/removal", data={"version": "3"})).status_code == 404
    assert alone in text_of(await mara.get(f"{draft}/replay"))
    unsaid = await mara.post(f"{draft}/publishing", data={"note": ""})
    assert (unsaid.status_code, alone in text_of(unsaid)) == (422, True)
    assert (await mara.post(f"{draft}/publishing", data={"note": "No north."})).status_code == 303
    assert f"No clock had to change. {alone}" in text_of(await mara.get("/policy"))
    assert "North (until version 2)" in (await mara.get("/admin/calendars/list")).text
    assert "North" in text_of(await mara.get(f"{DRAFT}/calendars/2"))


async def test_who_runs_on_which_is_put_in_another_order(mara: httpx2.AsyncClient, desk: Desk) -> None:
    for version, team in (("1", "Nord"), ("2", "Sud"), ("3", "West")):
        await mara.post(f"{DRAFT}/assignments", data={"calendar": "1", "team": team, "version": version})
    order = f"{DRAFT}/assignments/order"
    moved = await mara.post(order, data={"version": "4", "place": "0", "way": "down"})
    assert (moved.status_code, moved.headers["location"]) == (303, f"{DRAFT}#runs")
    shown = await mara.get(DRAFT)
    assert "Cases of team West: now place 2 of 3." in text_of(shown)
    assert re.findall(r'aria-label="Move (up|down): cases of team (\w+)"', shown.text) == [
        (way, team) for team in ("Sud", "West", "Nord") for way in ("up", "down")
    ]
    part = await mara.post(
        order, data={"version": "5", "place": "2", "way": "up"}, headers={"HX-Request": "true"}
    )
    assert (part.status_code, "<main" in part.text) == (200, False)
    assert "Cases of team Nord: now place 2 of 3." in part.text
    assert [one["team"] for one in (await stored(desk))[0]["assignments"]] == ["Sud", "Nord", "West"]
    stale = await mara.post(order, data={"version": "5", "place": "0", "way": "down"})
    assert stale.status_code == 409
    for wrong in ({"place": "9", "way": "up"}, {"place": "x", "way": "up"}, {"place": "0", "way": "left"}):
        assert (await mara.post(order, data={"version": "6", **wrong})).status_code == 404
