"""Channels of a desk's own: taken, followed by the policy, shown everywhere, and readable once they are gone. S0-1.2b"""

from typing import Any

import pytest
from sqlalchemy import select

from models import Case, Contact, OwnChannel
from models.words import CaseKind, Channel, DeadlineKind
from portal.desk import (
    cases,
    channels,
    intake,
    matrix,
    orders,
    policy_versions,
    queues,
    reclassifying,
    rulebook,
)
from portal.desk.cases import NewCase
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.policy import in_words
from portal.desk.policy_telling import cases_of
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA, MARA
from tests.visits import Visitor
from tests.wizard import Walk, known

LETTER = {
    "name": "Letter",
    "name_de": "Brief",
    "behaves_like": Channel.EMAIL,
    "approved": True,
    "amendments": False,
}
ELSEWHERE = "en: Please call us.\nde: Bitte rufen Sie uns an."


async def added(desk: Desk, actor: Actor = MARA, **told: Any) -> None:
    async with desk.work(actor) as work:
        await channels.add_own(work, **{**LETTER, "redirect": "", **told})


async def changed(desk: Desk, **told: Any) -> None:
    async with desk.work(MARA) as work:
        row = (await work.session.scalars(select(OwnChannel))).one()
        now = {
            name: getattr(row, name) for name in ("name_de", "approved", "amendments", "redirect", "active")
        }
        await channels.change_own(work, row, row.version, **{**now, **told})


async def test_a_letter_is_taken_like_an_email_and_goes_on_being_one(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    await added(desk)
    cora = await visitor(CORA)
    assert 'value="own:Letter"' in (await cora.get("/contacts/new")).text
    walk = await Walk(cora).begin("own:Letter")
    assert ("Letter" in walk.text, "thank you for writing to" in walk.text) == (True, True)
    await changed(desk, active=False)
    assert "own:Letter" not in (await cora.get("/contacts/new")).text
    assert (await cora.post("/contacts", data={"channel": "own:Letter"})).status_code == 422
    assert "Letter" in (await walk.open("greet")).text
    async with desk.look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        assert (contact.channel, contact.own_channel, contact.approved) == (Channel.EMAIL, "Letter", True)
    mara = await visitor(MARA)
    for address in ("/admin/contacts/list", f"/admin/contacts/details/{contact.id}"):
        assert "Letter" in (await mara.get(address)).text, address
    assert (
        "Letter"
        in (
            await mara.post(
                "/admin/contacts/export/csv",
                data={"reason": "A count.", "recipient": "Mara", "ground": "contract"},
            )
        ).text
    )


async def test_one_that_is_not_approved_is_kept_and_sent_on(desk: Desk) -> None:
    await added(desk)
    await changed(desk, approved=False, redirect=ELSEWHERE)
    async with desk.work(CORA) as work:
        told = await channels.chosen(work, "own:Letter")
        assert told is not None
        assert (told.approved, told.sends_to("de")) == (False, "Bitte rufen Sie uns an.")
        await intake.begin(work, told.channel, own_channel=told.own)
        contact = (await work.session.scalars(select(Contact))).one()
        with pytest.raises(WrongMoment, match="No order is taken on this channel"):
            channels.refuse_unapproved(contact)
        with pytest.raises(WrongMoment, match="Please call us"):
            await orders.refuse_channel(work, contact.channel, contact.own_channel)
        await orders.refuse_channel(work, Channel.EMAIL)


async def test_a_row_of_the_policy_can_be_for_it_alone(desk: Desk, visitor: Visitor) -> None:
    await added(desk)
    async with desk.work(MARA) as work:
        draft = await rulebook.draft(work)
        row = {
            "key": "letters",
            "to": "answer",
            "channel": "own:Letter",
            "counts": "business_days",
            "amount": 3,
            "warn": 75,
        }
        document = {**draft.document, "targets": [row, *draft.document["targets"]]}
        document["assignments"] = [{"calendar": document["default_calendar"], "channel": "own:Letter"}]
        await rulebook.save(work, draft, draft.version, document)
        await rulebook.publish(work, draft, "Letters have three days.")
    async with desk.work(CORA) as work:
        told: dict[str, Any] = {
            "kind": CaseKind.INQUIRY,
            "channel": Channel.EMAIL,
            "subject": "Where?",
            "customer_id": ANA,
        }
        letter = await cases.open_case(work, NewCase(**told, own_channel="Letter"))
        mail = await cases.open_case(work, NewCase(**told))
        in_force = await policy_versions.in_force(work)
        given = [in_words(in_force.limits_of(one)[DeadlineKind.ANSWER].target) for one in (letter, mail)]
        assert given == ["3 business days", "1 business hour"]
        here = select(Case.id).where(policy_versions.runs_on(in_force, in_force.calendar()))
        assert set(await work.session.scalars(here)) == {letter.id, mail.id}
        assert cases_of({"channel": "own:Letter"}) == "by Letter"
    cora = await visitor(CORA)
    assert "by letter" in (await cora.get(f"/cases/{letter.id}")).text
    page = (
        await (await visitor(MARA)).get(
            "/policy?kind=inquiry&channel=own:Letter&severity=normal&tier=standard"
        )
    ).text
    assert "3 business days" in page
    page = (await cora.get(f"/cases/{mail.id}/classification")).text
    assert 'value="own:Letter"' in page
    sent = {"channel": "own:Letter", "reason": "It was one.", "version": str(mail.version), "do": "save"}
    assert (await cora.post(f"/cases/{mail.id}/classification", data=sent)).status_code == 303
    async with desk.look(CORA) as work:
        mail = await queues.case_of(work, mail.id)
        assert (mail.channel, mail.own_channel) == (Channel.EMAIL, "Letter")
        wanted = reclassifying.as_it_is(mail, channel=Channel.PHONE)
        assert (wanted.channel, wanted.own_channel) == (Channel.PHONE, "")


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "in person"}, ["name"]),
        ({"name": "own:x"}, ["name"]),
        ({"name": "x" * 41}, ["name"]),
        ({"name": "LETTER"}, ["name"]),
        ({"name": "Fax", "name_de": "x" * 41}, ["name_de"]),
        ({"name": "Fax", "approved": False}, ["redirect"]),
    ],
)
async def test_what_is_no_channel_is_refused(desk: Desk, told: dict[str, Any], fields: list[str]) -> None:
    await added(desk)
    with pytest.raises(NotAccepted) as raised:
        await added(desk, MARA, **told)
    assert list(raised.value.fields) == fields
    with pytest.raises(NotAllowed):
        await added(desk, CORA, name="Fax")


def test_a_document_names_none_by_a_word_that_is_no_channel() -> None:
    row = {"key": "x", "to": "answer", "counts": "elapsed", "amount": 1, "warn": 75}
    for wrong in ("Letter", "own:", "own:a:b", "own:_"):
        with pytest.raises(NotAccepted) as raised:
            matrix.read({"targets": [{**row, "channel": wrong}], "levels": [], "calendars": []})
        assert any(field.endswith("channel") for field in raised.value.fields), wrong
