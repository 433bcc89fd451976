"""Classifying a case anew on the screen: looked at first, then saved, without a script. S2-13.1"""

import re

from models.words import CaseKind
from portal.desk.work import Desk
from tests.cast import CORA, FIN, SAM
from tests.desk.stories import opened, resolved, seen, states
from tests.pages.test_cases import words_in
from tests.visits import Visitor

PAYMENT = {"kind": "payment_issue", "severity": "high", "channel": "phone", "tier": "standard"}


async def test_old_and_new_times_stand_side_by_side_before_anything_is_saved(
    desk: Desk, visitor: Visitor
) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    here = f"/cases/{case_id}/classification"
    assert f'href="{here}"' in (await cora.get(f"/cases/{case_id}")).text
    first = words_in((await cora.get(here)).text)
    assert ("Nothing is saved by looking." in first, "Save it like this" in first) == (True, False)
    looked = await cora.post(here, data={**PAYMENT, "do": "look"})
    assert looked.status_code == 200
    table = words_in(looked.text[looked.text.index("<main") :])
    assert "Escalate (1) tomorrow 10:00 today 17:00 earlier" in table
    assert "Answer today 11:00 today 11:00 as it is" in table
    assert (await seen(desk, case_id)).kind is CaseKind.COMPLAINT
    refused = await cora.post(here, data={**PAYMENT, "do": "save"})
    assert (refused.status_code, "Say why it is classified anew." in refused.text) == (422, True)
    version = re.findall(r'name="version" value="(\d+)"', looked.text)[0]
    saved = await cora.post(
        here, data={**PAYMENT, "do": "save", "reason": "Charged twice.", "version": version}
    )
    assert (saved.status_code, saved.headers["location"]) == (303, f"/cases/{case_id}")
    assert (await seen(desk, case_id)).kind is CaseKind.PAYMENT_ISSUE
    shown = words_in((await cora.get(f"/cases/{case_id}")).text)
    assert "Kind complaint → payment issue, severity normal → high: Charged twice." in shown
    assert "Classified anew" in shown


async def test_what_goes_is_called_removed_and_what_comes_new(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora = await visitor(CORA)
    here = f"/cases/{case_id}/classification"
    looked = words_in((await cora.post(here, data={"kind": "inquiry", "do": "look"})).text)
    assert "Escalate (1) tomorrow 10:00 none removed" in looked
    inquiry = await opened(desk, CaseKind.INQUIRY)
    looked = words_in(
        (await cora.post(f"/cases/{inquiry}/classification", data={"kind": "order_error"})).text
    )
    assert "Escalate (1) none today 12:00 new" in looked


async def test_bad_words_strangers_and_the_second_of_two(desk: Desk, visitor: Visitor) -> None:
    case_id = await opened(desk)
    cora, sam = await visitor(CORA), await visitor(SAM)
    here = f"/cases/{case_id}/classification"
    assert (await cora.post(here, data={"kind": "weather"})).status_code == 422
    assert (await (await visitor(FIN)).get(here)).status_code == 403
    version = (await seen(desk, case_id)).version
    save = {**PAYMENT, "do": "save", "reason": "Charged twice.", "version": str(version)}
    assert (await sam.post(here, data=save)).status_code == 303
    second = await cora.post(here, data={**save, "kind": "order_error"})
    assert (second.status_code, "Sam changed this while you were writing" in second.text) == (409, True)
    await resolved(desk, case_id)
    assert (await cora.get(here)).status_code == 409
    assert "resolve" in await states(desk, case_id)
