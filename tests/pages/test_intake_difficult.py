"""Hard conversations in a browser without a script: the guide, help, the summary with its promises. S2-5, S2-9"""

from datetime import date

import pytest
from sqlalchemy import select

from models import BusinessCalendar, Contact, FollowUp, Promise
from models.words import Outcome
from portal.desk import rulebook
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, MARA, SAM, Clock, berlin
from tests.desk import stories
from tests.html import read
from tests.pages.test_home import text_of
from tests.visits import Visitor
from tests.wizard import Walk, known, stored, to_about


async def at_need(desk: Desk, visitor: Visitor) -> Walk:
    """Ana asks a question; Cora is at the step that takes it."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="inquiry")
    return walk


async def pressed(walk: Walk, deed: str, **typed: str) -> None:
    """Press a button of the head, which sends the step's own form elsewhere."""
    data = {"revision": walk.revision, "at": walk.at, **typed}
    await walk._follow(await walk.client.post(f"/intakes/{walk.id}/{deed}", data=data))


async def test_the_guide_opens_from_a_step_and_leads_back_to_what_was_typed(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-5.1, S2-5.2, S2-5.3, S2-5.4"""
    walk = await at_need(desk, visitor)
    here = walk.at
    await pressed(walk, "difficult", need="Why is the kettle so loud?")
    assert walk.at == "calm_listen"
    for typed in (
        {"listened": "yes"},
        {"feeling": "angry"},
        {"offer": "Nothing is needed."},
        {"next": "We ask the maker."},
    ):
        await walk.send(**typed)
    await walk.send(ending="go_on")
    assert walk.at == here
    assert "Why is the kettle so loud?" in walk.page.text


async def test_every_step_has_both_keys_and_enter_still_means_continue(desk: Desk, visitor: Visitor) -> None:
    """S2-5.1"""
    walk = await at_need(desk, visitor)
    page = read(walk.page.text)
    buttons = [
        one
        for one in page.each("button")
        if one.attributes.get("form") == "answers" or one.attributes.get("form") == "hard"
    ]
    assert [
        (one.attributes.get("formaction", ""), one.attributes.get("aria-keyshortcuts", "")) for one in buttons
    ] == [
        ("", ""),  # the first of a form is the one that Enter presses
        (f"/intakes/{walk.id}/difficult", "Alt+D"),
        (f"/intakes/{walk.id}/help", "Alt+H"),
    ]
    await walk.open("close")
    locked = [
        one.attributes.get("formaction")
        for one in read(walk.page.text).each("button")
        if one.attributes.get("form") == "hard"
    ]
    assert locked == [f"/intakes/{walk.id}/difficult", f"/intakes/{walk.id}/help"]
    await pressed(walk, "difficult")
    assert walk.at == "calm_listen"


async def test_help_keeps_what_was_typed_is_called_once_and_shows_who_comes(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-5.7"""
    walk = await at_need(desk, visitor)
    here = walk.at
    await pressed(walk, "help", need="He shouts.")
    await pressed(walk, "help", need="He shouts.")
    assert (walk.at, "Your supervisors have been called." in walk.text) == (here, True)
    assert (await stored(desk, walk.id)).answers[here] == {"need": "He shouts."}
    assert [one for one in await stories.written(desk) if one[0] == "help-wanted"] == [
        ("help-wanted", "sam@example.com")
    ]
    sam = await visitor(SAM)
    assert "Cora: help wanted" in (await sam.get("/help-calls/waiting")).text
    await sam.post("/help-calls/1/answer")
    assert "help wanted" not in (await sam.get("/help-calls/waiting")).text
    presence = await walk.client.get(f"/intakes/{walk.id}/parts/presence")
    assert "Sam is coming to your help." in presence.text
    taken = await sam.post("/help-calls/1/take-over")
    assert taken.headers["location"] == f"/intakes/{walk.id}/{here}"
    assert "You came to help, and hold this contact now." in (await sam.get(taken.headers["location"])).text
    assert "Sam has taken over." in (await walk.client.get(f"/intakes/{walk.id}/parts/presence")).text
    refused = await walk.client.post(
        f"/intakes/{walk.id}/{here}/draft", data={"revision": walk.revision, "need": "More"}
    )
    assert (refused.status_code, "Sam took this contact over." in refused.text) == (409, True)
    empty = await sam.post("/help-calls/1/end", data={"outcome": ""})
    assert empty.status_code == 422
    await sam.post("/help-calls/1/end", data={"outcome": "Calmed down."})
    page = await sam.get("/help-calls")
    assert ("Calmed down." in page.text, "Nobody calls for help." in page.text) == (True, True)


async def test_an_abusive_contact_ends_and_a_supervisor_reviews_it(desk: Desk, visitor: Visitor) -> None:
    walk = await at_need(desk, visitor)
    await pressed(walk, "difficult")
    await walk.open("calm_limit")
    await walk.send(ending="end", words="Insults.")
    assert walk.page.status_code == 422
    await walk.send(ending="end", words="Insults.", warned="yes")
    assert walk.page.url.path == "/"
    assert "Take a break before the next one" in text_of(walk.page)
    async with desk.look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
    assert (contact.outcome, contact.summary) == (
        Outcome.ENDED_FOR_ABUSE, "Ended because the caller was abusive.",
    )  # fmt: skip
    sam = await visitor(SAM)
    assert "Insults." in (await sam.get("/help-calls")).text
    left_out = text_of(await sam.get("/evidence/left-out"))
    assert "had to be done The contact was ended for abuse. Cora" in left_out
    record = text_of(await sam.get(f"/contacts/{contact.id}"))
    assert "How did the contact end? The contact was ended for abuse." in record
    assert ("First:" in left_out, "First:" in record) == (False, False)
    assert (await sam.post("/abuse-reports/1/review", data={"review": "Right."})).status_code == 422
    await sam.post("/abuse-reports/1/review", data={"upheld": "yes", "review": "Right."})
    assert "Insults." not in (await sam.get("/help-calls")).text


@pytest.mark.parametrize("address", ["/help-calls", "/help-calls/counts", "/help-calls/waiting"])
async def test_what_colleagues_went_through_is_for_those_who_supervise(
    visitor: Visitor, address: str
) -> None:
    async def answered(actor: Actor) -> int:
        return (await (await visitor(actor)).get(address)).status_code

    assert [await answered(actor) for actor in (CORA, CEM, SAM, MARA)] == [403, 403, 200, 200]


async def test_promises_have_owners_and_times_and_stand_in_the_letter(desk: Desk, visitor: Visitor) -> None:
    """S2-9.1, S2-9.2, S2-9.4, S2-10.4, S2-9.3"""
    walk = await at_need(desk, visitor)
    await walk.send(need="Why is the kettle so loud?")
    await walk.open("summary")
    said = {"summary": "We ask the maker.", "understood": "yes", "send": "yes"}
    first = {
        "promise-1": "Call Ana with the answer.",
        "due-1": "2026-03-03T09:00:00+00:00",
        "who-1": str(CEM.person_id),
    }
    second = {"promise-2": "Send the leaflet.", "at-2": "2026-03-04T08:30"}
    await walk.send(**said, **first, **{"promise-2": "Send it.", "at-2": "2026-03-01T10:00", "who-2": "999"})
    errors = [f"{name}-error" for name in ("who-2", "due-2") if f'id="{name}-error"' in walk.page.text]
    assert (walk.page.status_code, errors) == (422, ["who-2-error", "due-2-error"])
    await walk.send(**said, **first, **second, **{"party-1": "Ben"})
    assert "Tick that Ben agrees, or say why not." in walk.text
    await walk.send(**said, **first, **second, **{"party-1": "Ben", "agrees-1": "yes"})
    assert walk.at == "close"
    async with desk.look(SYSTEM) as work:
        made = (await work.session.scalars(select(Promise).order_by(Promise.id))).all()
        contact = (await work.session.scalars(select(Contact))).one()
        tasks = (await work.session.scalars(select(FollowUp).order_by(FollowUp.id))).all()
    assert [(one.what, one.owner_id, one.due_at, one.customer_id) for one in made] == [
        ("Call Ana with the answer.", CEM.person_id, berlin("2026-03-03 10:00"), ANA),
        ("Send the leaflet.", CORA.person_id, berlin("2026-03-04 08:30"), ANA),
    ]
    assert [one.id for one in tasks] == [one.follow_up_id for one in made]
    assert contact.summary.splitlines() == [
        "We ask the maker.",
        "Promised by Cem, until 3 March 2026, 10:00: Call Ana with the answer.",
        "Promised by Cora, until 4 March 2026, 08:30: Send the leaflet.",
        "Ben agrees.",
    ]
    assert ("contact-summary", "ana@example.com") in await stories.written(desk)
    paper = text_of(await walk.client.get(f"/contacts/{contact.id}/form"))
    assert (
        "Promise 1 Call Ana with the answer. Promise 1 by Tuesday, 3 March 2026, 10:00 Who keeps promise 1 Cem "
        "Promise 2 Send the leaflet. Promise 2 by Wednesday, 4 March 2026, 08:30 "
    ) in paper
    assert ("ago" in paper.split(), "Who keeps promise 3" in paper) == (False, False)


async def test_a_promise_is_closed_as_kept_or_broken_on_the_list(desk: Desk, visitor: Visitor) -> None:
    walk = await at_need(desk, visitor)
    await walk.send(need="Why?")
    await walk.open("summary")
    await walk.send(
        summary="Later.", understood="yes", **{"promise-1": "Call.", "due-1": "2026-03-03T09:00:00+00:00"}
    )
    cora = await visitor(CORA)
    page = await cora.get("/follow-ups")
    assert ("Was the promise kept?" in page.text, "Not needed any more" in page.text) == (True, False)
    refused = await cora.post("/follow-ups/1/result", data={"result": "Called."})
    assert (refused.status_code, "Say whether the promise was kept." in refused.text) == (422, True)
    await cora.post("/follow-ups/1/result", data={"result": "Called.", "kept": "yes"})
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(Promise.status))).all() == ["kept"]
    assert "100 % of 1 promises kept on time in 30 days" in text_of(await (await visitor(MARA)).get("/"))


async def test_a_holiday_is_not_offered_for_a_promise(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S2-10.4: 3 April 2026 is Good Friday, when the desk is closed, as on the days around it."""
    clock.at("2026-04-02 16:00")
    async with desk.work(SYSTEM) as work:
        calendar = (await work.session.scalars(select(BusinessCalendar))).one()
        for day in (date(2026, 4, 3), date(2026, 4, 6)):
            await rulebook.set_calendar_day(work, calendar, day, "off", "Easter")
    walk = await at_need(desk, visitor)
    await walk.send(need="Why?")
    await walk.open("summary")
    offered = {
        option.text.split(",")[0] for option in read(walk.page.text).each("option") if "April" in option.text
    }
    days = sorted(
        {
            option.text.split(", ")[1]
            for option in read(walk.page.text).each("option")
            if "April" in option.text
        }
    )
    assert (offered, days) == ({"Thursday", "Tuesday"}, ["2 April", "7 April"])


async def test_where_nothing_was_hard_the_pages_say_so(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    assert "Nobody calls for help." in (await sam.get("/help-calls")).text
    assert "No hard contact in half a year." in (await sam.get("/help-calls/counts")).text
    assert (await sam.get("/help-calls/waiting")).text.strip() == ""
    missing = await sam.post("/help-calls/99/answer")
    assert missing.status_code == 404
