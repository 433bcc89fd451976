"""Improvements are raised from what was found and answered by a published version. S0-2.2c, S0-6.2a, S3-11.2.1"""

import re
from typing import Any

import pytest
from sqlalchemy import select

from models import Feedback, Improvement, PolicyVersion, ScriptVersion
from models.words import FeedbackKind, ImprovementSource, ScriptStatus
from portal.desk import audit, escalation, improvements, rulebook
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, ANA, CORA, MARA, SAM, Clock
from tests.desk import stories
from tests.desk.scripts.making import in_force
from tests.visits import Visitor

WORDS = "Say at the beginning how long an exchange takes."


async def a_low_score(desk: Desk, case_id: int | None = None) -> int:
    async with desk.work(SYSTEM) as work:
        found = Feedback(
            kind=FeedbackKind.RESOLUTION, once=f"told/{case_id}", customer_id=ANA, case_id=case_id, score=1,
            comment="Nobody told me.", invited_at=work.now, expires_at=work.now, answered_at=work.now,
        )  # fmt: skip
        work.session.add(found)
        await audit.record(work, "answer feedback", found)
        return found.id


async def raised(desk: Desk, of: int, source: ImprovementSource = ImprovementSource.FEEDBACK) -> int:
    async with desk.work(SAM) as work:
        return (await improvements.raise_item(work, WORDS, source, of)).id


async def newly_published(desk: Desk, script: str) -> int:
    """The content in force once more, as the next version."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        known = select(ScriptVersion.document).where(ScriptVersion.script == script)
        document = (await work.session.scalars(known.order_by(ScriptVersion.id.desc()).limit(1))).one()
    return await in_force(desk, document)


async def test_an_item_of_a_low_score_shows_the_version_that_answers_it_and_the_score_shows_the_item(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    feedback = await a_low_score(desk, await stories.opened(desk))
    sam = await visitor(SAM)
    scores = (await sam.get("/evidence/low-scores")).text
    form = re.search(r'href="(/improvements\?of=feedback[^"]+)"', scores)
    assert form
    assert "What is to be done better?" in (await sam.get(form[1].replace("&amp;", "&"))).text
    wrong = await sam.post("/improvements", data={"source": "feedback", "of": str(feedback), "words": " "})
    assert (wrong.status_code, "Say what is to be done better." in wrong.text) == (422, True)
    right = await sam.post("/improvements", data={"source": "feedback", "of": str(feedback), "words": WORDS})
    assert right.status_code == 303
    assert "Improvement raised" in (await sam.get("/evidence/low-scores")).text
    assert "version 1</option>" not in (await sam.get("/improvements")).text  # published before
    clock.forward(days=1)
    version = await newly_published(desk, "complaint")
    sam = await visitor(SAM)
    page = (await sam.get("/improvements")).text
    assert f'<option value="script-{version}"' in page
    sent = await sam.post("/improvements/1/answer", data={"version": "1", "by": f"script-{version}"})
    assert sent.status_code == 303
    shown = " ".join((await sam.get("/improvements?show=ended")).text.split())
    assert f'<a href="/scripts/versions/{version}">Complaint, version 2</a>' in shown
    assert ("“Nobody told me.”" in shown, WORDS in shown) == (True, True)
    assert "Improvement, ended" in (await sam.get("/evidence/low-scores")).text
    assert (await (await visitor(CORA)).get("/improvements")).status_code == 403


async def test_a_version_of_the_policy_answers_too_and_only_one_published_since(
    desk: Desk, clock: Clock
) -> None:
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    clock.forward(hours=1)
    item_id = await raised(desk, await stories.opened(desk), ImprovementSource.ERROR)

    async def answered(by: str) -> Improvement:
        async with desk.work(SAM) as work:
            item = await improvements.load(work, item_id)
            await improvements.answer(work, item, item.version, by)
            return item

    async with desk.look(SAM) as work:
        policy = (await work.session.scalars(select(PolicyVersion.id))).one()
        script = (
            await work.session.scalars(
                select(ScriptVersion.id).where(ScriptVersion.status == ScriptStatus.PUBLISHED)
            )
        ).first()
    for by in (f"policy-{policy}", f"script-{script}", "policy-99", "", "policy-x"):
        with pytest.raises(NotAccepted) as refusal:
            await answered(by)
        assert refusal.value.fields == {"by": "Choose a version that was published after this was raised."}
    clock.forward(hours=1)

    def sooner(document: dict[str, Any]) -> None:
        document["targets"][0]["amount"] = 3

    await stories.policy_changed(desk, sooner)
    item = await answered(f"policy-{policy + 1}")
    assert (item.policy_version_id, item.ended_by_id, item.ended_at) == (policy + 1, SAM.person_id, clock.now)
    with pytest.raises(WrongMoment):
        await answered(f"policy-{policy + 1}")


async def test_what_is_left_as_it_is_says_why_and_what_is_restricted_is_seen_by_managers_alone(
    desk: Desk,
) -> None:
    case_id = await stories.opened(desk)
    item_id = await raised(desk, await a_low_score(desk, case_id))
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await escalation.flag_concern(work, case, "Threatens to sue.", legal=True)
    async with desk.look(SAM) as work:
        assert (await improvements.listed(work)).rows == []
        with pytest.raises(NotFound):
            await improvements.load(work, item_id)
        with pytest.raises(NotFound):
            await improvements.raise_item(work, WORDS, ImprovementSource.ERROR, case_id)
    async with desk.work(MARA) as work:
        item = await improvements.load(work, item_id)
        with pytest.raises(NotAccepted) as refusal:
            await improvements.drop(work, item, item.version, " ")
        assert refusal.value.fields == {"reason": "Say why nothing is changed."}
        await improvements.drop(work, item, item.version, "It is said already.")
    async with desk.look(MARA) as work:
        (ended,) = (await improvements.listed(work, ended=True)).rows
        assert (ended.dropped_because, ended.script_version_id) == ("It is said already.", None)
