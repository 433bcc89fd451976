"""A contact under way is offered the newer scripts, sees what would change, and goes on with them."""

from models.words import Channel
from portal.desk import intake
from portal.desk.work import Desk
from tests.cast import CEM, CORA, Clock
from tests.desk.scripts.making import Told, asks, in_force, question, script, step
from tests.desk.scripts.test_freezing import AFTER, BEFORE, begun, counted, found, sent
from tests.visits import Visitor


async def test_a_newer_script_is_offered_with_what_would_change(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await in_force(desk, BEFORE)
    intake_id = await begun(desk)
    await sent(desk, intake_id, "one", kept="K", gone="G")
    cora = await visitor(CORA)
    same = await cora.get(f"/intakes/{intake_id}/moving")
    assert "follows the newest scripts" in same.text
    clock.forward(minutes=1)
    await in_force(desk, AFTER)
    page = await cora.get(f"/intakes/{intake_id}/moving")
    assert "New step: “Three”." in page.text
    shown = await cora.get(f"/intakes/{intake_id}/one")
    assert f'href="/intakes/{intake_id}/moving"' in shown.text
    run = await found(desk, intake_id)
    version = page.text.split('name="version" value="')[1].split('"')[0]
    for revision, status in (("many", 409), (str(run.revision), 303)):
        answer = await cora.post(
            f"/intakes/{intake_id}/moving", data={"revision": revision, "version": version}
        )
        assert answer.status_code == status
    assert [one.key for one in (await found(desk, intake_id)).script.steps if one.script == "inquiry"] == [
        "one",
        "three",
    ]


async def test_a_colleague_sees_no_contact_of_somebody_else_here(desk: Desk, visitor: Visitor) -> None:
    intake_id = await begun(desk)
    answer = await (await visitor(CEM)).get(f"/intakes/{intake_id}/moving")
    assert answer.status_code == 403


def of(count: int) -> Told:
    """A script of so many steps, every third of them on a condition."""
    steps = [step(f"s{place}", question("q", "text")) for place in range(count)]
    for place in range(3, count, 3):
        steps[place]["when"] = [asks(f"s{place - 1}", "q", "stop", test="is_not")]
    return script(*steps)


async def test_starting_saving_and_finishing_take_as_many_statements_for_a_long_script_as_for_a_short_one(
    desk: Desk, clock: Clock
) -> None:
    counts: list[list[list[str]]] = []
    for count in (5, 60):
        clock.forward(minutes=1)
        await in_force(desk, of(count))
        intake_id = await begun(desk)
        for place in range(count - 1):
            await sent(desk, intake_id, f"s{place}", q=f"Answer {place}")
        run = await found(desk, intake_id)
        async with counted(desk) as starting, desk.work(CORA) as work:
            await intake.begin(work, Channel.PHONE)
        async with counted(desk) as saving, desk.work(CORA) as work:
            await intake.save_draft(work, intake_id, run.step, run.revision, {"q": "Half an ans"})
        async with counted(desk) as finishing, desk.work(CORA) as work:
            await intake.finish_step(work, intake_id, run.step, run.revision + 1, {"q": "Half an answer"})
        counts.append([[word for word in one if word != "BEGIN"] for one in (starting, saving, finishing)])
    short, long = counts
    assert short == long
    assert long[1:] == [["SELECT", "UPDATE", "INSERT"], ["SELECT", "UPDATE", "INSERT"]]
