"""The page on which a draft of the policy is replayed. S2-14.1"""

import re
from html import unescape

import httpx2
import pytest

from jobs.replay_policies import replay_policies
from models.words import CaseKind, Channel
from portal.desk import policy_versions, rulebook
from portal.desk.replay import running
from portal.desk.work import Desk
from tests.cast import ADA, MARA, SAM, Clock
from tests.desk import stories
from tests.desk.replaying import longer, shorter
from tests.desk.test_replay import drafted
from tests.visits import Visitor


def text_of(answer: httpx2.Response) -> str:
    """What a reader sees of the page's content, or of a part, in one line."""
    content = re.sub(r"^.*<main|</main>.*$", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split()).replace(" ,", ",")


@pytest.fixture
async def draft(desk: Desk, clock: Clock) -> str:
    """The address of a replay: two inquiries that waited for half an hour, one that is legal, and a stricter draft."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    for legal in (False, False, True):
        await stories.opened(desk, CaseKind.INQUIRY, Channel.EMAIL, legal=legal)
    clock.forward(minutes=31)
    return f"/policy/versions/{await drafted(desk, shorter)}/replay"


async def test_a_small_desk_has_its_figures_when_the_page_comes_back(visitor: Visitor, draft: str) -> None:
    mara = await visitor(MARA)
    assert "Not replayed yet." in text_of(await mara.get(draft))
    made = await mara.post(draft, data={"period": "7"})
    assert (made.status_code, made.headers["location"]) == (303, f"{draft}#replay")
    shown = await mara.get(draft)
    told = text_of(shown)
    assert "Mon 23 Feb 2026 to Mon 2 Mar 2026, and every open case" in told
    assert (
        "3 cases (0 past, 3 open): 0 would have missed a target under policy 1, 3 under this draft."
    ) in told
    assert "3 newly missed 0 saved 0 missed under both 3 open cases move" in told
    assert "Inquiry – 3 – 3 HC-26-000001-9, HC-26-000002-4, HC-26-000003-5 –" in told
    assert "3 cases: 6 clocks due earlier, 5 clocks begun anew" in told
    assert "3 would be late at once." in told
    assert "HC-26-000001-9 A cracked kettle Answer in 29 min 1 min ago earlier" in told
    assert "Supervisor – 0 → before, under the draft 2 " in told
    assert "Manager 0 → before, under the draft 1 0 → before, under the draft 1 –" in told
    assert 'aria-label="Supervisor: 2 under the draft, 0 before.' in shown.text
    assert "hx-get" not in shown.text[shown.text.index('id="replay"') :].split(">")[0]


async def test_who_sees_no_cases_reads_figures_without_the_legal_one(visitor: Visitor, draft: str) -> None:
    """S3-5.1.2"""
    await (await visitor(MARA)).post(draft, data={"period": "7"})
    told = text_of(await (await visitor(ADA)).get(draft))
    assert "2 cases (0 past, 2 open)" in told
    assert "HC-26" not in told
    assert "Your role sees no cases." in told
    assert (await (await visitor(SAM)).get(draft)).status_code == 403


async def test_while_it_runs_the_page_tells_how_far_it_is_and_asks_again(
    desk: Desk, visitor: Visitor, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 1)
    monkeypatch.setattr(running, "STRETCH", 1)
    mara = await visitor(MARA)
    await mara.post(draft, data={"period": "30"})
    assert "Replaying" in text_of(await mara.get(draft))
    part = await mara.get(draft, headers={"hx-request": "true"})
    assert part.text.lstrip().startswith('<div id="replay"')
    assert f'hx-get="{draft}"' in part.text
    assert "1 of about 3 cases. You can leave; it goes on." in text_of(part)
    await replay_policies(desk)
    part = await mara.get(draft, headers={"hx-request": "true"})
    assert ("hx-get" in part.text, "What the replay found" in part.text) == (False, True)


async def test_a_draft_that_changed_is_said_to_make_the_figures_old(
    desk: Desk, visitor: Visitor, draft: str
) -> None:
    mara = await visitor(MARA)
    await mara.post(draft, data={"period": "7"})
    await stories.policy_changed(desk, longer)
    assert "Out of date. Another version came into force since." in text_of(await mara.get(draft))


async def test_a_draft_that_was_published_is_read_and_not_replayed(
    desk: Desk, visitor: Visitor, draft: str
) -> None:
    mara = await visitor(MARA)
    await mara.post(draft, data={"period": "7"})
    async with desk.work(MARA) as work:
        version = await policy_versions.load(work, int(draft.split("/")[3]))
        await rulebook.publish(work, version, "As replayed.")
    told = text_of(await mara.get(draft))
    assert "This version is published." in told
    assert "3 newly missed" in told
    assert "Replay again" not in told
    assert (await mara.post(draft, data={"period": "7"})).status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, ["Choose a period."]),
        ({"period": "8"}, ["Choose a period."]),
        ({"period": "dates", "since": "2026-02-30"}, ["Enter a day such as 2026-03-14."] * 2),
        ({"period": "dates", "since": "9999-12-31", "until": "9999-12-31"}, ["Enter a day such as 2026-03-14."] * 2),
        ({"period": "dates", "since": "2026-03-02", "until": "2026-03-01"}, ["The last day is before the first one."]),
    ],
)  # fmt: skip
async def test_a_period_that_is_none_is_said_beside_its_field(
    visitor: Visitor, draft: str, typed: dict[str, str], said: list[str]
) -> None:
    answer = await (await visitor(MARA)).post(draft, data=typed)
    told = re.findall(r"Error: </span>([^<]*)</p>", answer.text)
    assert (answer.status_code, told) == (422, said)
    assert f'value="{typed.get("since", "")}"' in answer.text


async def test_days_are_read_on_the_clock_of_who_asks(visitor: Visitor, draft: str) -> None:
    mara = await visitor(MARA)
    typed = {"period": "dates", "since": "2026-02-10", "until": "2026-02-10"}
    assert (await mara.post(draft, data=typed)).status_code == 303
    assert "Tue 10 Feb 2026 to Tue 10 Feb 2026, and every open case" in text_of(await mara.get(draft))
