"""Courses in a browser without a script: written, taken, passed or not, and seen by the team. S2-7"""

import csv
import io
import re
from html import unescape

import httpx2
from sqlalchemy import select

from models import AuditEntry
from portal.desk.courses import Terms
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, FIN, SAM, Clock
from tests.desk.courses import gifts, planned, took
from tests.visits import Visitor


def text_of(page: httpx2.Response) -> str:
    content = page.text[page.text.index("<main") : page.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


async def begun(client: httpx2.AsyncClient) -> str:
    """Begin “Gifts”; the address of the try."""
    answer = await client.post("/training/courses/gifts/tries")
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_course_is_due_on_the_desk_taken_wrong_and_then_right(desk: Desk, visitor: Visitor) -> None:
    """S2-7.2, S2-7.6"""
    await gifts(desk, Terms(pass_mark=80, tries_a_day=2))
    await planned(desk, "representative")
    cora = await visitor(CORA)
    assert "1 course I have to take" in text_of(await cora.get("/"))
    assert "Gifts to take" in text_of(await cora.get("/training"))
    assert "5 questions; 80 % have to be right." in text_of(await cora.get("/library/gifts"))
    address = await begun(cora)
    page = await cora.get(address)
    put = page.text[page.text.index("<fieldset") : page.text.index("Hand in my answers")]
    assert (put.count('type="radio"'), put.count('type="checkbox"')) == (12, 3)
    assert put.count("More than one is right.") == put.count("right") == 1  # nothing says which
    assert "So it is." not in page.text
    short = await cora.post(address, data={"q1": "1", "q5": ["0", "2"], "q2": "x", "other": "1"})
    assert (short.status_code, short.text.count("Answer question")) == (422, 6)
    assert re.findall(r'id="(q[-\d]+)"[^>]*checked', short.text) == ["q1-2", "q5", "q5-3"]
    sent = await cora.post(address, data={"q1": "1", "q2": "0", "q3": "0", "q4": "1", "q5": ["0", "2"]})
    assert (sent.status_code, sent.headers["location"]) == (303, address)
    result = text_of(await cora.get(address))
    assert "3 of 5 right, 60 %; 80 % were asked for. Version 1, en." in result
    assert "2. Question 2? wrong No your answer Yes Perhaps So it is." in result
    assert "Gifts to take" in text_of(await cora.get("/training"))
    address = await begun(cora)
    await cora.post(address, data={**{f"q{one}": "1" for one in range(1, 5)}, "q5": ["0", "2"]})
    mine = text_of(await cora.get("/training"))
    assert "Gifts passed passed" in mine
    assert "with 100 %, version 1, en" in mine
    assert re.search(r"Gifts 1, en passed 100 % .* Gifts 1, en not passed 60 %", mine)
    assert "courses I have to take" not in text_of(await cora.get("/"))
    assert "All 2 tries of today are used up." in text_of(await cora.get("/library/gifts"))
    assert (await cora.post("/training/courses/gifts/tries")).status_code == 409
    assert (await cora.post(address, data={"q1": "1"})).status_code == 409
    assert (await cora.post("/training/courses/nothing/tries")).status_code == 404
    assert (await (await visitor(CEM)).get(address)).status_code == 404


async def test_a_supervisor_writes_questions_changes_them_and_plans_the_course(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-7.3, S2-7.6"""
    await gifts(desk)
    sam, here = await visitor(SAM), "/library/gifts/questions"
    form = {
        "language": "en",
        "words": "How many?",
        "choice_1": "One",
        "choice_2": "Two",
        "explanation": "Two.",
    }
    wrong = await sam.post(here, data=form)
    assert (wrong.status_code, "Mark which are right" in wrong.text, 'value="Two"' in wrong.text) == (
        422,
        True,
        True,
    )
    assert (await sam.post(here, data={**form, "right_2": "yes"})).headers["location"] == here
    change = await sam.get(f"{here}?change=6")
    assert ("Change the question" in change.text, "How many?</textarea>" in change.text) == (True, True)
    assert re.findall(r'id="question-right_(\d)"[^>]*checked', change.text) == ["2"]
    await sam.post(here, data={**form, "words": "How many now?", "right_2": "yes", "instead_of": "6"})
    page = text_of(await sam.get(here))
    assert ("How many? English" in page, "How many now? English" in page) == (False, True)
    assert (await sam.post(f"{here}/7/retirement")).status_code == 303
    assert (await sam.post(f"{here}/7/retirement")).status_code == 409
    bad = await sam.post(
        "/library/gifts/course", data={"version": "1", "pass_mark": "all", "tries_a_day": "0"}
    )
    assert (bad.status_code, bad.text.count("Between 1 and")) == (422, 4)
    kept = await sam.post(
        "/library/gifts/course", data={"version": "1", "pass_mark": "60", "tries_a_day": "5", "asks": "2"}
    )
    assert kept.status_code == 303
    assert "2 questions; 60 % have to be right." in text_of(await sam.get("/library/gifts"))
    odd = await sam.post(
        "/library/gifts/plans", data={"role": "king", "within_days": "", "every_months": "2"}
    )
    assert (odd.status_code, odd.text.count('class="hr-error"')) == (422, 3)
    plan = {"role": "representative", "within_days": "7", "every_months": "6"}
    assert (await sam.post("/library/gifts/plans", data=plan)).status_code == 303
    assert "Representative" in text_of(await sam.get(here))
    assert "within 7 days; every 6 months" in text_of(await sam.get(here))
    assert (await sam.post("/library/gifts/plans/1/end", data={"version": "7"})).status_code == 409
    assert (await sam.post("/library/gifts/plans/1/end", data={"version": "1"})).status_code == 303
    assert "Nobody has to." in text_of(await sam.get(here))
    assert (await (await visitor(CORA)).get(here)).status_code == 403


async def test_supervisors_see_role_by_course_drill_down_and_take_it_away(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    """S2-7.7"""
    await gifts(desk)
    await planned(desk, "representative", days=3, months=12)
    await planned(desk, "finance", days=30)
    await took(desk, CORA)
    clock.forward(days=4)
    sam, fin = await visitor(SAM), await visitor(FIN)
    page = text_of(await sam.get("/training/coverage"))
    assert (
        "Course Representative Finance Gifts 1 of 2 : Gifts, Representative 1 late 0 of 1 : Gifts, Finance"
        in page
    )
    assert "Cem – none of what it says now" in text_of(await sam.get("/training/plans/1"))
    drilled = await sam.get("/training/plans/1?show=current")
    assert "100 %, version 1, en" in text_of(drilled)
    [tried] = re.findall(r"/training/tries/\d+", drilled.text)
    assert "the answer given" in (await sam.get(tried)).text
    assert (await sam.post("/training/coverage", data={})).status_code == 422
    file = await sam.post("/training/coverage", data={"reason": "For the audit."})
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(*row[:3], row[4], row[6], row[7]) for row in rows[1:]] == [
        ("Gifts", "Representative", "Cem", "no", "", ""), ("Gifts", "Representative", "Cora", "yes", "1 en", "100 %"),
        ("Gifts", "Finance", "Fin", "no", "", ""),
    ]  # fmt: skip
    async with desk.look(SYSTEM) as work:
        kept = select(AuditEntry.reason).where(AuditEntry.deed == "export coverage")
        assert (await work.session.scalars(kept)).all() == ["For the audit."]
    assert "Gifts to take" in text_of(await fin.get("/training"))
    for address in ("/training/coverage", "/training/plans/1"):
        assert (await fin.get(address)).status_code == 403
    assert (await sam.get("/training/plans/99")).status_code == 404


async def test_a_course_taken_from_the_practice_room_counts_in_the_house(
    desk: Desk, visitor: Visitor
) -> None:
    await gifts(desk)
    await planned(desk, "representative")
    cora = await visitor(CORA)
    await cora.post("/practice/room")
    address = await begun(cora)
    await cora.post(address, data={**{f"q{one}": "1" for one in range(1, 5)}, "q5": ["0", "2"]})
    assert "Gifts passed passed" in text_of(await cora.get("/training"))
    await cora.post("/practice/leave")
    assert "Gifts passed passed" in text_of(await cora.get("/training"))
