"""Samples that anybody can draw again, scores beside the record, and what is said to them. S2-0.4, S2-15.6, S3-18.1.1b"""

from collections import Counter

import pytest
from sqlalchemy import select

from models import Case, Contact, Person, QualitySample, QualityScore
from models.words import Mark
from portal.desk import audit, quality
from portal.desk.errors import NotAccepted, NotAllowed, NotFound
from portal.desk.quality.card import SHIPPED, SHIPPED_ADHERENCE
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, MARA, SAM, Clock
from tests.desk.stories import opened
from tests.desk.test_evidence import broken_off
from tests.visits import Visitor

MONTH = "2026-03"
FULLY = {f"mark-{one.key}": "fully" for one in SHIPPED}


async def drawn(desk: Desk, seed: str = "a seed", per_person: str = "2", actor: Actor = SAM) -> QualitySample:
    async with desk.work(actor) as work:
        return await quality.draw(work, MONTH, "", per_person, seed)


async def contacts_in(desk: Desk, sample: QualitySample) -> dict[int, int]:
    """{contact: who took it}"""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(QualityScore.contact_id, QualityScore.person_id).where(QualityScore.sample_id == sample.id)
        )
        return dict(rows.all())


async def only(desk: Desk) -> QualityScore:
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(QualityScore))).one()


async def test_the_same_seed_draws_the_same_contacts_and_what_is_hidden_later_moves_no_other(
    desk: Desk, clock: Clock
) -> None:
    taken = {await broken_off(desk, actor): actor.person_id for actor in [CORA] * 6 + [CEM] * 5 + [SAM]}
    first = await drawn(desk)
    chosen = await contacts_in(desk, first)
    assert chosen == {contact: taken[contact] for contact in chosen}  # each with who took it
    assert Counter(chosen.values()) == {CORA.person_id: 2, CEM.person_id: 2}  # and none of who draws
    assert (await drawn(desk)).id == first.id
    with pytest.raises(NotAccepted) as refusal:
        await drawn(desk, per_person="3")
    assert refusal.value.fields == {
        "seed": "This seed was drawn with 2 of each person already. Choose another."
    }
    clock.forward(days=1)
    later = await broken_off(desk)
    assert set(await contacts_in(desk, await drawn(desk, "another"))) != set(chosen)
    async with desk.look(SAM) as work:
        assert await quality.redrawn(work, first) == (4, 0)  # what came since is in none drawn before
    hidden = min(chosen)
    case_id = await opened(desk)
    async with desk.work(SYSTEM) as work:
        case = await work.session.get_one(Case, case_id)
        case.contact_id, case.legal = hidden, True
        await audit.record(work, "flag", case)
    async with desk.look(SAM) as work:
        assert await quality.redrawn(work, first) == (3, 1)
        seen = (await quality.scores_of(work, first)).rows
        assert {one.contact_id for one in seen} == set(chosen) - {hidden}
        assert (await quality.listed(work)).rows[-1].contacts == 3
    assert hidden not in await contacts_in(desk, await drawn(desk, "all", "50", MARA))
    assert later in await contacts_in(desk, await drawn(desk, "all", "50", MARA))


async def test_a_supervisor_of_a_team_draws_and_sees_the_own_one(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        for actor, team in ((CORA, "Red"), (SAM, "Red"), (CEM, "Blue")):
            (await work.session.get_one(Person, actor.person_id)).team = team
        await audit.record(work, "name teams")
    red, blue = await broken_off(desk, CORA), await broken_off(desk, CEM)
    assert await contacts_in(desk, await drawn(desk)) == {red: CORA.person_id}
    async with desk.work(MARA) as work:
        other = await quality.draw(work, MONTH, "Blue", "1", "blue")
        (theirs,) = (await quality.scores_of(work, other)).rows
        assert (theirs.contact_id, other.team) == (blue, "Blue")
    async with desk.look(SAM) as work:
        assert [one.sample.team for one in (await quality.listed(work)).rows] == ["Red"]
        with pytest.raises(NotFound):
            await quality.load(work, other.id)
        with pytest.raises(NotFound):
            await quality.one(work, theirs.id)
    with pytest.raises(NotAccepted) as refusal:
        async with desk.work(SAM) as work:
            await quality.draw(work, "2020-01", "Blue", "0", "s" * 41)
    assert refusal.value.fields == {
        "month": "Choose one of the last twelve months.",
        "team": "You draw contacts of your own team, Red.",
        "per_person": "A whole number from 1 to 50.",
        "seed": "At most 40 characters.",
    }


async def test_it_is_scored_beside_its_record_shown_to_who_took_it_and_answered_once(
    desk: Desk, visitor: Visitor
) -> None:
    """The adherence is in the score: of the steps that were due, those that were done. S3-18.1.1b"""
    contact_id = await broken_off(desk)
    sam, cora = await visitor(SAM), await visitor(CORA)
    sent = await sam.post("/quality", data={"month": MONTH, "per_person": "1", "seed": "s"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/quality/samples/1")
    assert "drawn again: the same 1" in (await sam.get("/quality/samples/1")).text
    page = (await sam.get("/quality/scores/1")).text
    assert (f'href="/contacts/{contact_id}"' in page, 'id="step-close"' in page) == (True, True)
    assert "None of your contacts was scored yet." in (await cora.get("/quality/mine")).text
    form = {"version": "1", **FULLY, "mark-2": "not", "mark-3": "needless", "mark-4": ""}
    wrong = await sam.post("/quality/scores/1", data=form)
    told = ("Say how it was.", "Say what was missing, and what to do another time")
    assert (wrong.status_code, [words in wrong.text for words in told]) == (422, [True, True])
    right = {**form, "mark-4": "partly", "remarks": "Ask for a second fact."}
    assert (await sam.post("/quality/scores/1", data=right)).status_code == 303
    row = await only(desk)
    assert row.kept
    assert row.due
    weights = {one.key: one.weight for one in SHIPPED}
    assert row.kept < row.due
    won = weights["1"] + weights["4"] / 2 + weights["5"] + SHIPPED_ADHERENCE * row.kept / row.due
    all_of_it = weights["1"] + weights["2"] + weights["4"] + weights["5"] + SHIPPED_ADHERENCE
    assert row.score == round(1000 * won / all_of_it)
    mine = (await cora.get("/quality/mine")).text
    assert ("Ask for a second fact." in mine, f"{row.kept} of {row.due}" in mine) == (True, True)
    assert "Ask for a second fact." not in (await (await visitor(CEM)).get("/quality/mine")).text
    assert 'href="/quality/mine#score-1"' in (await cora.get(f"/contacts/{contact_id}")).text
    assert 'href="/quality/scores/1"' in (await sam.get(f"/contacts/{contact_id}")).text
    answers = "/quality/scores/1/answer"
    empty = await cora.post(answers, data={"version": "2", "answer": " "})
    assert (empty.status_code, "Say what you think of it." in empty.text) == (422, True)
    assert (await (await visitor(CEM)).post(answers, data={"version": "2", "answer": "x"})).status_code == 404
    assert (await cora.post(answers, data={"version": "1", "answer": "Old."})).status_code == 409
    assert (await cora.post(answers, data={"version": "2", "answer": "The line was bad."})).status_code == 303
    assert (await cora.post(answers, data={"version": "3", "answer": "And more."})).status_code == 409
    assert (await sam.post("/quality/scores/1", data={**right, "version": "3"})).status_code == 409
    assert "The line was bad." in (await sam.get("/quality/scores/1")).text
    assert (await only(desk)).answer == "The line was bad."
    averages = (await sam.get("/quality/averages")).text
    assert (f"{row.score // 10}." in averages, "Cora" in averages) == (True, True)
    closed = ["/quality", "/quality/averages", "/quality/card", "/quality/samples/1", "/quality/scores/1"]
    assert {(await cora.get(one)).status_code for one in closed} == {403}


async def test_nobody_scores_the_own_contact_and_means_are_by_person_and_month(
    desk: Desk, clock: Clock
) -> None:
    for actor in (CORA, CORA, CEM, SAM):
        await broken_off(desk, actor)
    await drawn(desk, actor=MARA)
    async with desk.work(SAM) as work:
        rows = list(await work.session.scalars(select(QualityScore.id).order_by(QualityScore.id)))
        (own,) = await work.session.scalars(
            select(QualityScore.id).where(QualityScore.person_id == SAM.person_id)
        )
        with pytest.raises(NotAllowed):
            await quality.score(work, await quality.one(work, own), 1, {}, "")
    marks = {one.key: Mark.FULLY.value for one in SHIPPED}
    async with desk.work(MARA) as work:
        for one in [row for row in rows if row != own]:
            row = await quality.one(work, one)
            given = marks if row.person_id == CORA.person_id else {**marks, "1": "not"}
            await quality.score(work, row, 1, given, "Was it friendly?")
    async with desk.look(SAM) as work:
        found = (await quality.averages(work, clock.now.date().replace(day=1))).rows
        rest = await quality.averages(work, clock.now.date().replace(day=1), limit=1)
        second = await quality.averages(work, clock.now.date().replace(day=1), after=rest.older, limit=1)
    assert [(one.name, one.contacts) for one in found] == [("Cem", 1), ("Cora", 2)]
    assert found[0].percent < found[1].percent
    assert [*rest.rows, *second.rows] == found
    async with desk.look(SAM) as work:
        before = clock.now.date().replace(month=2, day=1)
        assert (await quality.averages(work, before)).rows == []


async def test_managers_write_the_card_and_a_sample_keeps_the_one_it_was_drawn_with(
    desk: Desk, visitor: Visitor
) -> None:
    await broken_off(desk)
    sample = await drawn(desk)
    mara, sam = await visitor(MARA), await visitor(SAM)
    wrong = await mara.post(
        "/quality/card",
        data={"over": "1", "adherence": "0", "asks-1": "", "weight-1": "2", "asks-2": "Was it short?",
              "clause-2": "S9-9", "weight-2": "x"},
    )  # fmt: skip
    told = (
        "Say what is looked at, or empty the whole line.", "There is no such clause.", "A whole number from 1 to 100.",
        "the steps of the procedures always count", 'value="Was it short?"',
    )  # fmt: skip
    assert (wrong.status_code, [one in wrong.text for one in told]) == (422, [True] * 5)
    right = {"over": "1", "adherence": "3", "asks-2": "Was it short?", "clause-2": "S2-1.1", "weight-2": "5"}
    assert (await sam.post("/quality/card", data=right)).status_code == 403
    assert (await mara.post("/quality/card", data=right)).status_code == 303
    late = await mara.post("/quality/card", data=right)
    assert (late.status_code, "Somebody else wrote a card meanwhile." in late.text) == (422, True)
    assert "Was it short?" in (await sam.get("/quality/card")).text
    async with desk.look(SAM) as work:
        card = await quality.in_force(work)
        kept = (await quality.load(work, sample.id)).card
        (asked,) = quality.criteria_of(card)
    assert (card.number, asked.key, asked.weight, quality.criteria_of(kept)) == (2, "1", 5, SHIPPED)


async def test_two_who_score_at_once_are_told(desk: Desk, visitor: Visitor) -> None:
    await broken_off(desk)
    await drawn(desk)
    form = {"version": "1", **FULLY}
    sam, mara = await visitor(SAM), await visitor(MARA)
    assert (await sam.post("/quality/scores/1", data={**form, "remarks": "Well done."})).status_code == 303
    late = await mara.post("/quality/scores/1", data={**form, "remarks": "Mine."})
    told = ("Sam changed this while you were writing", "The remarks now say: “Well done.”", "Mine.")
    assert (late.status_code, [words in late.text for words in told]) == (422, [True] * 3)
    row = await only(desk)
    assert (row.scored_by_id, row.version, row.remarks) == (SAM.person_id, 2, "Well done.")


async def test_contacts_without_a_script_or_still_open_are_not_drawn(desk: Desk, clock: Clock) -> None:
    done = await broken_off(desk)
    async with desk.work(SYSTEM) as work:
        plain = await work.session.get_one(Contact, done)
        bare = Contact(
            number="HI-1", taken_by_id=plain.taken_by_id, channel=plain.channel, status=plain.status,
            abandoned_because="Noise.", started_at=clock.now, closed_at=clock.now,
        )  # fmt: skip
        work.session.add(bare)
        await audit.record(work, "take down by hand", bare)
    assert set(await contacts_in(desk, await drawn(desk, per_person="50"))) == {done}
