"""A transcript is pasted or chosen on the contact's page, printed with it, and found from the search box. S3-6.1.1a"""

import re

from sqlalchemy import func, select
from starlette.applications import Starlette

from models import ContactTranscript
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, SAM
from tests.desk.callers import came
from tests.visits import Visitor

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>My kettle & its lid leak.\n"


async def versions(desk: Desk) -> int:
    async with desk.look(SYSTEM) as work:
        return await work.session.scalar(select(func.count()).select_from(ContactTranscript)) or 0


async def test_it_stands_on_the_contact_and_leaves_it_by_who_leads(desk: Desk, visitor: Visitor) -> None:
    call = await came(desk)
    here = f"/contacts/{call}"
    cora, sam, cem = await visitor(CORA), await visitor(SAM), await visitor(CEM)
    assert "None is kept with this contact." in (await cora.get(here)).text
    sent = await cora.post(f"{here}/transcript", data={"after": "0"}, files={"file": ("../call.vtt", VTT)})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{here}#transcript")
    line = "[00:01] Ana: My kettle &amp; its lid leak."
    assert [line in (await cora.get(page)).text for page in (here, f"{here}/form")] == [True, True]
    found = (await cora.get("/search?q=kettle lid")).text
    assert (f'href="{here}#transcript"' in found, "Said in calls" in found) == (True, True)
    assert "Said in calls" not in (await cem.get("/search?q=kettle lid")).text
    # what stood in the box is no second one beside the corrected file
    better = VTT.replace(b"My kettle", b"Our kettle")
    typed = {"after": "1", "words": line.replace("&amp;", "&")}
    assert (
        await cora.post(f"{here}/transcript", data=typed, files={"file": ("b.vtt", better)})
    ).status_code == 303
    page = (await cora.get(f"{here}?transcript=1")).text
    assert (line in page, "earlier version" in page, "Correct it" in page) == (True, True, False)
    assert ("Take it away" in (await cora.get(here)).text, "Take it away" in (await sam.get(here)).text) == (
        False,
        True,
    )
    assert (await cora.get(f"{here}?transcript=7")).status_code == 404
    assert [(await one.post(f"{here}/transcript/removal", data={"because": ""})).status_code for one in (cora, sam)] == [
        403, 422,
    ]  # fmt: skip
    assert (
        await sam.post(f"{here}/transcript/removal", data={"because": "Not of this call."})
    ).status_code == 303
    page = (await cora.get(here)).text
    assert ("kettle" in page, "Not of this call." in page, "Add a transcript" in page) == (False, True, True)
    assert (await cem.post(f"{here}/transcript", data={"words": "Mine."})).status_code == 404


async def test_what_is_none_is_told_at_its_field_and_the_words_are_kept(desk: Desk, visitor: Visitor) -> None:
    here, cora = f"/contacts/{await came(desk)}", await visitor(CORA)
    none = await cora.post(f"{here}/transcript", data={"after": "x"})
    both = await cora.post(
        f"{here}/transcript", data={"words": "Ana: <Hello>."}, files={"file": ("a.txt", b"b")}
    )
    late = await cora.post(f"{here}/transcript", data={"words": "Ana: Hello.", "after": "4"})
    found = [
        dict(re.findall(r'<a href="#(transcript-\w+)">(.*?)</a>', one.text)) for one in (none, both, late)
    ]
    assert [one.status_code for one in (none, both, late)] == [422] * 3
    assert found == [
        {"transcript-words": "Paste what was said, or choose a file."},
        {"transcript-file": "Paste the words or choose a file, not both."},
        {
            "transcript-words": "Somebody changed the transcript meanwhile."
            " Look at it, and send yours if it is still right."
        },
    ]
    assert "Ana: &lt;Hello&gt;." in both.text
    assert await versions(desk) == 0


async def test_what_is_said_in_practice_stays_there(app: Starlette, desk: Desk, visitor: Visitor) -> None:
    """S2-0.3"""
    cora = await visitor(CORA)
    begun = await cora.post("/practice/scenarios/first-order")
    assert begun.status_code == 303
    room: Desk = await app.state.practice.open()
    assert (await cora.post("/contacts/1/transcript", data={"words": "Played."})).status_code == 303
    assert (await versions(desk), await versions(room)) == (0, 1)
