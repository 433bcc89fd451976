"""What the kinds of steps around a case guarantee, whatever script they stand in. S2-13, S3-4.1, S3-5, S2-5.5"""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select

from models import Case, Citation, Escalation, FollowUp, Intake, Mandate, Message, ProductLink
from models.words import CaseKind, CaseStatus, Channel, FollowUpKind, LinkKind, Role, Severity
from portal.desk import audit, cases, intake, library, mandates, runs
from portal.desk.cases import NewCase
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.kinds import KINDS, Run
from portal.desk.library import Card, Text
from portal.desk.scripts.steps import Step, whole
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, MARA, SAM
from tests.shop import CHAIR, stocked

GUIDE = MappingProxyType(
    {
        "questions": (
            {
                "key": "harm",
                "words": "May somebody come to harm?",
                "answers": (
                    {"value": "yes", "label": "Yes", "severity": "urgent"},
                    {"value": "no", "label": "No", "severity": "low"},
                ),
            },
            {
                "key": "use",
                "words": "Can it be used?",
                "answers": (
                    {"value": "no", "label": "No", "severity": "high"},
                    {"value": "partly", "label": "In part", "severity": "normal"},
                ),
            },
        )
    }
)
SLOT = "2026-03-05T09:00:00+00:00"


def step(kind: str, **more: Any) -> Step:
    return Step(kind, kind.capitalize(), f"{kind}?", kind, **more)


STEPS = (
    step("statement"),
    step("restate"),
    step("options"),
    step("severity", options=GUIDE),
    step("escalate"),
)


class Contact:
    """One contact with a case, walked by kinds alone: what is typed, done and remembered stands here."""

    def __init__(self, desk: Desk, run: Run) -> None:
        self.desk = desk
        self.run = run
        self.by: Actor = CORA
        """Who takes the contact."""

    async def send(self, key: str, **typed: str) -> None:
        """Finish a step as the intake does. Raises NotAccepted."""
        found = self.run.script.step(key)
        assert found is not None
        kind, given = KINDS[found.kind], {name.replace("__", "-"): value for name, value in typed.items()}
        assert all(kind.takes(found, name) for name in given)
        if problems := kind.problems(self.run, found, given):
            raise NotAccepted.of(problems)
        after = replace(
            self.run,
            answers={**self.run.answers, key: given},
            done={**self.run.done, key: {"at": "2026-03-02T09:00:00+00:00"}},
        )
        async with self.desk.work(self.by) as work:
            finished = await kind.finish(work, after, found, given)
            await audit.record(work, "finish step", Intake(id=self.run.id))
        done = {**after.done, key: {**after.done[key], **finished.mark}}
        self.run = replace(after, answers={**after.answers, **finished.answers}, done=done)

    async def facts(self, key: str) -> dict[str, Any]:
        found = self.run.script.step(key)
        assert found is not None
        async with self.desk.look(CORA) as work:
            return await KINDS[found.kind].facts(work, self.run, found)

    async def case(self) -> Case:
        async with self.desk.look(SYSTEM) as work:
            return await work.session.get_one(Case, self.run.case_id)

    async def refused(self, key: str, **typed: str) -> dict[str, str]:
        with pytest.raises(NotAccepted) as raised:
            await self.send(key, **typed)
        return raised.value.fields


async def contact(
    desk: Desk, steps: Sequence[Step] = STEPS, *, complete: bool = True, kind: CaseKind = CaseKind.COMPLAINT
) -> Contact:
    """A customer on the phone whose case is open; complete, or with nothing but the customer's words."""
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
        new = NewCase(kind, Channel.PHONE, subject="It leaks", statement="It leaks!", customer_id=ANA)
        case = await cases.open_case(
            work, replace(new, restated="It leaks.", options="- Money back") if complete else new
        )
    async with desk.look(CORA) as work:
        run = await runs.find(work, intake_id)
    return Contact(
        desk, replace(run, script=whole("mine", "Mine", steps), case_id=case.id, case_number=case.number)
    )


async def rows(desk: Desk, column: Any) -> list[Any]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(column)))


async def test_the_highest_answer_is_the_severity_and_another_one_needs_its_reason(desk: Desk) -> None:
    """S2-13.1, S2-14.2"""
    on = await contact(desk)
    assert await on.refused("severity", question__harm="no") == {
        "question-use": "Choose an answer: the severity follows from it."
    }
    await on.send("severity", question__harm="no", question__use="no")
    assert ((await on.case()).severity, on.run.mark_of("severity")["severity"]) == (Severity.HIGH, "high")
    told = {"question__harm": "no", "question__use": "no", "severity": "low"}
    assert await on.refused("severity", **told) == {"reason": "The answers say high: say why it is low."}
    assert list(await on.refused("severity", **(told | {"severity": "dreadful"}))) == ["severity"]
    await on.send("severity", **told, reason="She has a second kettle.")
    assert (await on.case()).severity is Severity.LOW
    assert on.run.typed("severity")["guided"] == "high"


async def test_a_severity_without_a_guide_is_chosen(desk: Desk) -> None:
    on = await contact(desk, (step("statement"), step("severity")))
    assert await on.refused("severity") == {"severity": "Say how severe it is."}
    await on.send("severity", severity="urgent")
    assert (await on.case()).severity is Severity.URGENT


async def test_nothing_is_handed_up_without_its_severity(desk: Desk) -> None:
    """S2-13.1: escalate without, refused."""
    on = await contact(desk)
    assert await on.refused("escalate", handed_up="yes", why="Beyond me.") == {
        "severity": "Say how severe it is at “Severity” before it is handed up."
    }
    await on.send("severity", question__harm="no", question__use="partly")
    await on.send("escalate", handed_up="yes", why="Beyond me.")
    assert await rows(desk, Escalation.reason) == ["Beyond me."]
    assert "escalation-notice" in await rows(desk, Message.template)  # S3-5.2.2: in the same transaction
    settle = step("settle")
    on.run = replace(on.run, script=whole("mine", "Mine", (*STEPS, settle)))
    assert KINDS["settle"].needless(on.run) == "It was handed up."


async def test_the_gate_names_what_is_missing_and_where_and_opens_for_an_emergency_with_its_reason(
    desk: Desk,
) -> None:
    """S2-13.3, S3-5.2.3"""
    on = await contact(desk, complete=False)
    await on.send("severity", question__harm="yes", question__use="no")
    facts = await on.facts("escalate")
    assert (facts["complete"], facts["wanted"], facts["gaps"]) == (
        2,
        4,
        [("the concern as restated and confirmed", "restate"), ("the solutions offered", "options")],
    )
    told = {"handed_up": "yes", "why": "The pan is on fire."}
    assert await on.refused("escalate", **told) == {
        "emergency": "Still missing: the concern as restated and confirmed, the solutions offered."
    }
    assert list(await on.refused("escalate", **told, emergency="yes")) == ["emergency_reason"]
    assert list(await on.refused("escalate", **told, emergency_reason="No tick, no emergency.")) == [
        "emergency"
    ]
    await on.send("escalate", **told, emergency="yes", emergency_reason="Fire waits for nobody.")
    assert await rows(desk, Escalation.reason) == [
        "The pan is on fire. Handed up although something is missing: Fire waits for nobody."
    ]


async def test_what_was_tried_and_noted_goes_with_the_case(desk: Desk) -> None:
    """S2-13.3: nobody asks the customer again."""
    on = await contact(desk, (*STEPS, step("troubleshoot")))
    await on.send("severity", question__harm="no", question__use="no")
    on.run = replace(
        on.run,
        done={**on.run.done, "troubleshoot": {"path": ["Switched it off and on", "Tightened the lid"]}},
        answers={**on.run.answers, "notes": {"notes": "She is at home after five."}},
    )
    assert dict((await on.facts("escalate"))["package"]) == {
        "Subject": "It leaks",
        "In the customer’s own words": "It leaks!",
        "Restated": "It leaks.",
        "Offered": "- Money back",
        "Tried": "Switched it off and on\nTightened the lid",
        "Notes": "She is at home after five.",
    }
    await on.send("escalate", handed_up="yes", why="It still leaks.")
    assert await rows(desk, Escalation.reason) == [
        "It still leaks.\nTried: Switched it off and on\nTightened the lid\nNotes: She is at home after five."
    ]


async def test_a_legal_concern_goes_up_at_once_and_out_of_sight(desk: Desk) -> None:
    """S3-5.1.2a: without severity and without a complete package."""
    on = await contact(desk, complete=False)
    assert list(await on.refused("escalate", legal="yes")) == ["concern"]
    await on.send("escalate", legal="yes", concern="Her lawyer will write.")
    async with desk.look(SYSTEM) as work:
        raised = (await work.session.scalars(select(Escalation))).one()
    assert ((await on.case()).restricted, raised.to_role) == (True, Role.MANAGER)
    with pytest.raises(NotFound):
        async with desk.work(CEM) as work:
            await cases.add_note(work, await work.session.get_one(Case, on.run.case_id), "Curious.")


async def test_what_is_not_solved_goes_up_or_to_an_owner_with_a_date(desk: Desk) -> None:
    """S3-5.1.1: neither, refused."""
    only = step("escalate", options={"offers": ("yes", "owner")})
    on = await contact(desk, (step("statement"), only))
    for told in ({}, {"handed_up": "no"}, {"handed_up": "nobody"}):
        assert list(await on.refused("escalate", **told)) == ["handed_up"]
    assert list(await on.refused("escalate", handed_up="owner")) == ["owner", "due"]
    wrong = (("99", SLOT), ("x", SLOT), ("2", "2020-01-01T09:00:00+00:00"), ("2", "soon"))
    for (owner, due), field in zip(wrong, ("owner", "owner", "due", "due"), strict=True):
        assert list(await on.refused("escalate", handed_up="owner", owner=owner, due=due)) == [field]
    await on.send("escalate", handed_up="owner", owner="2", due=SLOT, next="Ask the maker.")
    async with desk.look(SYSTEM) as work:
        planned = (await work.session.scalars(select(FollowUp))).one()
    assert (planned.owner_id, planned.words, planned.due_at.isoformat(), planned.case_id) == (
        CEM.person_id, "Ask the maker.", SLOT, on.run.case_id,
    )  # fmt: skip
    assert KINDS["escalate"].closed(on.run) == f"{on.run.case_number} was settled here."


async def test_goodwill_ends_at_the_mandate_of_the_role(desk: Desk) -> None:
    """S2-5.5: over the limit needs somebody above."""
    on = await contact(desk)
    both = {"offer__refund": "yes", "offer__goodwill": "yes"}
    assert list(await on.refused("options", **both)) == ["goodwill"]
    words = "Your mandate ends at 25.00 EUR: ask your supervisor, or hand the case up."
    assert await on.refused("options", **both, goodwill="25.01") == {"goodwill": words}
    await on.send("options", **both, goodwill="25", outcome="goodwill")
    assert (await on.case()).options == (
        "- Money back\n- A goodwill gesture, 25.00 EUR\nThe customer chose: A goodwill gesture, 25.00 EUR"
    )
    on.by = SAM
    await on.send("options", **both, goodwill="100.00")
    on.by = CORA
    async with desk.work(MARA) as work:
        assert await mandates.ensure_defaults(work) == 3
        row = (await work.session.scalars(select(Mandate).where(Mandate.role == Role.REPRESENTATIVE))).one()
        await mandates.change(work, row, row.version, goodwill_minor=40_00)
    await on.send("options", **both, goodwill="40.00")


async def test_the_customer_chooses_among_what_was_offered(desk: Desk) -> None:
    """S3-4.1.3a, S3-4.1.3c, S3-4.1.3d"""
    on = await contact(desk)
    assert list(await on.refused("options")) == ["offer-refund"]
    assert list(await on.refused("options", offer__refund="yes")) == ["reason"]
    both = {"offer__refund": "yes", "offer__exchange": "yes"}
    assert list(await on.refused("options", **both, outcome="goodwill")) == ["outcome"]
    await on.send("options", **both, outcome="exchange")
    assert (await on.case()).options.endswith("The customer chose: Exchange or new delivery")


async def test_a_solution_has_a_code_an_action_and_a_follow_up_at_the_chosen_time(desk: Desk) -> None:
    """S3-4.1.4, S3-4.2.1b"""
    on = await contact(desk, (step("statement"), step("options"), step("settle")))
    done = {
        "settled": "resolved",
        "code": "refund",
        "what_was_done": "Money back.",
        "actions": "Asked for it.",
    }
    assert list(await on.refused("settle", settled="resolved")) == ["code", "what_was_done", "actions"]
    assert list(await on.refused("settle", **done, follow_up="2020-01-01T09:00:00+00:00")) == ["follow_up"]
    await on.send("settle", **done, follow_up=SLOT)
    async with desk.look(SYSTEM) as work:
        check = (await work.session.scalars(select(FollowUp))).one()
    assert ((await on.case()).status, check.kind, check.due_at.isoformat()) == (
        CaseStatus.RESOLVED,
        FollowUpKind.RESOLUTION_CHECK,
        SLOT,
    )


async def test_settle_alone_hands_on_or_keeps_with_a_date(desk: Desk) -> None:
    """S3-5.1.1"""
    on = await contact(desk, (step("statement"), step("settle")))
    assert list(await on.refused("settle")) == ["settled"]
    assert list(await on.refused("settle", settled="kept")) == ["owner", "due"]
    assert list(await on.refused("settle", settled="handed_on")) == ["why", "severity"]
    await on.send("settle", settled="handed_on", why="Beyond me.", severity="high")
    assert (await rows(desk, Escalation.reason), (await on.case()).severity) == (
        ["Beyond me."],
        Severity.HIGH,
    )


async def test_an_answer_keeps_the_version_it_rests_on_and_sends_the_links_along(desk: Desk) -> None:
    """S0-3.3.2, S3-3.1.3, S3-3.1.3b"""
    await stocked(desk)
    async with desk.work(SAM) as work:
        link = {"title": "Fold it", "address": "https://shop.example.com/fold"}
        text = Text("en", "Folding chairs", "The chair folds.", (link,))
        await library.add(work, "folding", Card(product_id=CHAIR), text)
        guide = ProductLink(
            product_id=CHAIR, kind=LinkKind.GUIDE, title="Guide", address="https://shop.example.com/guide"
        )
        work.session.add(guide)
        await library.add(work, "other", Card(), Text("en", "Other things", "Nothing about it."))
    on = await contact(desk, (step("need"), step("answer")), kind=CaseKind.INQUIRY)
    async with desk.work(CORA) as work:
        case = await work.session.get_one(Case, on.run.case_id)
        case.product_id = CHAIR
        await cases.add_note(work, case, "It is about the chair.")
    facts = await on.facts("answer")
    assert ([leaf.slug for leaf in facts["found"]], [one.title for one in facts["links"]]) == (
        ["folding"],
        ["Guide"],
    )
    on.run = replace(on.run, answers={"answer": {"look": "nothing"}})
    assert [leaf.slug for leaf in (await on.facts("answer"))["found"]] == ["other"]
    cited = {f"cite__{facts['found'][0].version_id}": "yes", f"link__{guide.id}": "yes"}
    await on.send("answer", answer="It folds.", settled="resolved", **cited)
    assert await rows(desk, Citation.case_id) == [on.run.case_id]
    async with desk.look(SYSTEM) as work:
        letters = (await work.session.scalars(select(Message).order_by(Message.id))).all()
    assert [one.template for one in letters] == ["case-answer", "case-resolved"]
    assert "https://shop.example.com/guide" in letters[0].body_text
    assert "https://shop.example.com/fold" in letters[0].body_text


async def test_an_article_that_changed_while_she_spoke_has_to_be_read_again(desk: Desk) -> None:
    """S0-3.3.2"""
    async with desk.work(SAM) as work:
        article = await library.add(work, "folding", Card(), Text("en", "Folding", "It folds."))
    on = await contact(desk, (step("need"), step("answer")), kind=CaseKind.INQUIRY)
    async with desk.look(CORA) as work:
        version = (await library.in_force(work))[0].version_id
    async with desk.work(SAM) as work:
        article = await library.load(work, "folding")
        text = Text("en", "Folding", "It does not fold.")
        await library.write_version(work, article, article.version, text, Card())
    told = {"answer": "It folds.", "settled": "resolved", f"cite__{version}": "yes"}
    assert list(await on.refused("answer", **told)) == ["look"]
    assert (await rows(desk, Citation.id), (await on.case()).status) == ([], CaseStatus.OPEN)
