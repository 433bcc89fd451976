"""The page that says who would be told, and the rota behind it. S0-4"""

import re
from html import unescape

import httpx2
import pytest

from models import OnDuty, Person
from portal.desk import audit, duty
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, CORA, FIN, MARA, SAM, ZONE, Clock
from tests.visits import Visitor

FORM = {
    "role": "supervisor",
    "person_id": str(SAM.person_id),
    "hours": "Mo-Fr 08:00-14:00",
    "zone": ZONE,
    "valid_from": "2026-03-01",
    "valid_until": "",
    "note": "Early",
}


def text_of(answer: httpx2.Response) -> str:
    """What a reader sees of the page's content, in one line."""
    content = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split()).replace(" .", ".").replace(" ,", ",")


async def kept(desk: Desk) -> list[tuple[str, str, str, int]]:
    """Every entry of the rota: whose, when, how long, in which version."""
    async with desk.look(SAM) as work:
        found = await duty.entries(work, work.now)
        return [
            (one.person.name, one.hours, one.valid_until.isoformat() if one.valid_until else "", one.version)
            for one in found
        ]


async def test_an_empty_rota_says_that_everybody_is_told_and_what_to_do(visitor: Visitor) -> None:
    told = text_of(await (await visitor(MARA)).get("/on-duty?kind=order_error"))
    assert (
        "Level 1, supervisor Handed up now: No rota is written, so everybody of the role is told: Sam."
        in told
    )
    assert (
        "By itself after 2 business hours (procedure S0-4.1c): a case opened now goes up today 12:00." in told
    )
    assert (
        "By e-mail. Quiet hours: none. If nobody accepts it, level 2 hears of it only when somebody hands it up."
    ) in told
    assert "Level 2, manager" in told
    assert "By hand alone: no clock leads to it (procedure S2-13.1)." in told
    assert "Nobody stands above this level." in told
    assert (
        "Nobody is on the rota. Until somebody is, everybody who holds a role is told, day and night." in told
    )
    assert "Finding" not in told


async def test_somebody_is_put_on_duty_changed_and_taken_off(desk: Desk, visitor: Visitor) -> None:
    mara = await visitor(MARA)
    made = await mara.post("/on-duty", data=FORM)
    assert (made.status_code, made.headers["location"]) == (303, "/on-duty")
    shown = await mara.get("/on-duty?kind=order_error")
    told = text_of(shown)
    assert "Handed up now: On duty: Sam." in told
    assert "Mo-Fr 08:00-14:00, Europe/Berlin; from Sun 1 Mar 2026 until further notice; Early" in told
    assert "Sam: Mon 2 Mar 2026, 08:00 to 14:00; Tue 3 Mar 2026, 08:00 to 14:00;" in told
    assert (shown.text.count('class="od-shift"'), shown.text.count('class="od-now"')) == (5, 1)
    evening = text_of(await mara.get("/on-duty?kind=order_error&at=2026-03-02T20:00"))
    assert "Handed up at this moment: Nobody on duty So everybody of the role is told: Sam." in evening
    changed = await mara.post("/on-duty/1", data={**FORM, "hours": "Mo-Fr 09:00-15:00", "version": "1"})
    assert (changed.status_code, await kept(desk)) == (303, [("Sam", "Mo-Fr 09:00-15:00", "", 2)])
    ended = await mara.post("/on-duty/1/end", data={"last_day": "2026-03-02", "version": "2"})
    assert (ended.status_code, await kept(desk)) == (303, [("Sam", "Mo-Fr 09:00-15:00", "2026-03-02", 3)])


async def test_a_mistake_in_the_shifts_is_marked_where_it_is(desk: Desk, visitor: Visitor) -> None:
    mara = await visitor(MARA)
    answer = await mara.post("/on-duty", data={**FORM, "hours": "Mo-Fr 08:00-14:00; Xx 09:00-10:00"})
    marked = re.search(r'<pre class="od-caret"[^>]*>(.*?)</pre>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert marked
    assert marked[1] == "Mo-Fr 08:00-14:00; Xx 09:00-10:00\n" + " " * 19 + "^"
    assert 'value="Mo-Fr 08:00-14:00; Xx 09:00-10:00"' in answer.text
    nothing = await mara.post("/on-duty", data={})
    assert nothing.status_code == 422
    assert [re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<li><a href="#.*?</a>', nothing.text)] == [
        "Choose a role.",
        "Choose a colleague.",
        "Enter a day such as 2026-03-14.",
    ]
    assert await kept(desk) == []


async def test_the_second_of_two_who_change_is_shown_what_the_first_one_saved(
    desk: Desk, visitor: Visitor
) -> None:
    mara, ada = await visitor(MARA), await visitor(ADA)
    await mara.post("/on-duty", data=FORM)
    await ada.post("/on-duty/1", data={**FORM, "hours": "Mo-Fr 07:00-13:00", "version": "1"})
    late = await mara.post("/on-duty/1", data={**FORM, "hours": "Mo-Fr 10:00-16:00", "version": "1"})
    assert late.status_code == 409
    assert "Hours: Mo-Fr 07:00-13:00" in text_of(late)
    assert 'value="Mo-Fr 10:00-16:00"' in late.text
    assert await kept(desk) == [("Sam", "Mo-Fr 07:00-13:00", "", 2)]
    again = await mara.post("/on-duty/1", data={**FORM, "hours": "Mo-Fr 10:00-16:00", "version": "2"})
    assert (again.status_code, await kept(desk)) == (303, [("Sam", "Mo-Fr 10:00-16:00", "", 3)])


@pytest.mark.parametrize("at", ["now", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "2026-02-30T10:00"])
async def test_a_moment_that_is_none_is_refused_in_words(visitor: Visitor, at: str) -> None:
    answer = await (await visitor(SAM)).get("/on-duty", params={"at": at, "kind": "none"})
    assert answer.status_code == 422
    assert "Enter a moment such as 2026-03-14T09:30." in text_of(answer)
    assert "Choose a kind of case." in text_of(answer)


async def test_who_reads_the_policy_reads_the_rota_and_who_edits_it_edits(
    desk: Desk, visitor: Visitor
) -> None:
    async with desk.work(MARA) as work:
        work.session.add(
            OnDuty(
                role="supervisor", person_id=SAM.person_id, hours="24/7", zone=ZONE, valid_from=work.now.date()
            )
        )  # fmt: skip
        await audit.record(work, "put on duty")
    found = {}
    for who in (CORA, SAM, MARA, ADA, FIN):
        seat = await visitor(who)
        found[who.name] = [
            (await seat.get(path)).status_code for path in ("/on-duty", "/on-duty/new", "/on-duty/1")
        ]
    assert found == {
        "Cora": [403, 403, 403],
        "Sam": [200, 403, 403],
        "Mara": [200, 200, 200],
        "Ada": [200, 200, 200],
        "Fin": [403, 403, 403],
    }
    sam = await visitor(SAM)
    assert "/on-duty/1" not in (await sam.get("/on-duty")).text
    assert 'href="/on-duty"' in (await sam.get("/escalations")).text
    assert (await (await visitor(MARA)).get("/on-duty/77")).status_code == 404


@pytest.mark.parametrize("who", [MARA, ADA], ids=lambda who: who.name)
async def test_a_role_with_nobody_is_told_at_once(desk: Desk, visitor: Visitor, who: Actor) -> None:
    """S0-4.2c: payment issues go to finance, and there is nobody."""
    seat = await visitor(who)
    tile = "of the escalation matrix that nobody holds"
    assert tile not in text_of(await seat.get("/"))
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, FIN.person_id)).active = False
        await audit.record(work, "let Fin go")
    assert f"1 role {tile}" in text_of(await seat.get("/"))
    told = text_of(await seat.get("/on-duty?kind=payment_issue"))
    assert "Finding The escalation matrix calls finance, and nobody holds this role." in told
    assert "Handed up now: Nobody Nobody holds the role finance, so the managers are told: Mara." in told


async def test_the_table_of_the_rota_makes_and_changes_by_the_same_deeds(
    desk: Desk, visitor: Visitor
) -> None:
    mara, sam = await visitor(MARA), await visitor(SAM)
    form = {**FORM, "person": FORM["person_id"]}
    assert (await sam.post("/admin/on-duty/create", data=form)).status_code == 403
    refused = await mara.post("/admin/on-duty/create", data={**form, "person": str(CORA.person_id)})
    assert (refused.status_code, "Cora is no supervisor" in refused.text) == (422, True)
    made = await mara.post("/admin/on-duty/create", data=form)
    assert (made.status_code, await kept(desk)) == (303, [("Sam", "Mo-Fr 08:00-14:00", "", 1)])
    assert "Who would be told?" in (await sam.get(made.headers["location"])).text
    at = made.headers["location"].replace("details", "edit")
    assert 'value="3"' in (await mara.get(at)).text
    changed = await mara.post(at, data={**form, "hours": "Sa 10:00-12:00", "version": "1"})
    assert (changed.status_code, await kept(desk)) == (303, [("Sam", "Sa 10:00-12:00", "", 2)])


async def test_the_week_before_and_after_are_a_link_away(visitor: Visitor, clock: Clock) -> None:
    clock.at("2026-03-23 10:00")
    sam = await visitor(SAM)
    shown = await sam.get("/on-duty")
    assert "Rota of the week from Mon 23 Mar 2026" in text_of(shown)
    links = [unescape(one) for one in re.findall(r'href="(/on-duty\?[^"]+)"', shown.text)]
    titles = [re.search(r"week from \w+ (\d+ \w+)", text_of(await sam.get(one))) for one in links]
    assert [one[1] for one in titles if one] == ["16 Mar", "30 Mar"]


async def test_a_team_in_which_nobody_supervises_is_named(desk: Desk, visitor: Visitor) -> None:
    """S0-4.1b"""
    sam = await visitor(SAM)
    assert "No supervisor in" not in text_of(await sam.get("/on-duty"))
    async with desk.work(SYSTEM) as work:
        for who, team in ((CORA, "Red & <b>White"), (SAM, "Blue")):
            (await work.session.get_one(Person, who.person_id)).team = team
        await audit.record(work, "make teams")
    told = text_of(await sam.get("/on-duty"))
    assert (
        "No supervisor in Red & <b>White : what is handed up of this team goes to every supervisor." in told
    )
