"""The customer's page behind a feedback link, without a script and without signing in."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from jobs.ask_feedback import ask_feedback
from models import Customer, Feedback
from models.words import CaseKind, Channel, ResolutionCode
from portal.app import create_app, make_desk
from portal.database import Database
from portal.desk import audit, cases, links
from portal.desk.cases import NewCase
from portal.desk.links import Purpose
from portal.desk.work import SYSTEM, Desk
from portal.settings import Settings
from tests.cast import ANA, CORA, Clock, open_desk

SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database=database, jobs=False)


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    with TestClient(
        create_app(settings, clock=clock), base_url="http://127.0.0.1:8000", follow_redirects=False
    ) as client:
        yield client


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Desk]:
    database = Database(settings.database_url)
    yield make_desk(settings, database, clock)
    await database.close()


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def link(settings: Settings, clock: Clock, language: str) -> str:
    """The link in the invitation that Ana got about a resolved case."""

    async def invite() -> str:
        async with opened(settings, clock) as desk:
            await open_desk(desk)
            async with desk.work(CORA) as work:
                customer = await work.session.get_one(Customer, ANA)
                customer.language = language
                await audit.record(work, "change customer", customer)
                new = NewCase(CaseKind.INQUIRY, Channel.PHONE, "<b>Late</b> parcel", customer_id=ANA)
                case = await cases.open_case(work, new)
                await cases.resolve(
                    work, case, code=ResolutionCode.ANSWERED, what_was_done="Told.", actions=["Looked"]
                )
            clock.forward(hours=1)
            assert await ask_feedback(desk) == 1
            async with desk.look(SYSTEM) as work:
                row = (await work.session.scalars(select(Feedback))).one()
            return f"/feedback/{links.token(desk.terms, Purpose.FEEDBACK, row.id)}"

    return asyncio.run(invite())


def kept(settings: Settings, clock: Clock) -> tuple[int | None, str]:
    async def read() -> Any:
        async with opened(settings, clock) as desk, desk.look(SYSTEM) as work:
            row = (await work.session.scalars(select(Feedback))).one()
            return row.score, row.comment

    found: tuple[int | None, str] = asyncio.run(read())
    return found


def test_looking_is_not_answering(client: TestClient, settings: Settings, clock: Clock, link: str) -> None:
    for _scanner in range(3):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "<form" in answer.text
        assert "<script" not in answer.text
        assert "&lt;b&gt;Late&lt;/b&gt; parcel" in answer.text
    assert kept(settings, clock) == (None, "")


def test_the_question_is_in_the_customers_language(client: TestClient, link: str, language: str) -> None:
    page = client.get(link, headers={"accept-language": "fr"}).text
    assert f'lang="{language}"' in page
    assert {"en": "How did we do?", "de": "Wie waren wir?"}[language] in page


def test_surveys_are_ended_by_one_button_and_begun_again_by_another(
    client: TestClient, link: str, language: str
) -> None:
    """S3-9.1.1: the survey leads to it; looking changes nothing, and a button that is none neither."""
    found = re.search(r'href="(/surveys/[^"]+)"', client.get(link).text)
    assert found is not None
    here = found[1]
    stop = {"en": "Do not ask me any more", "de": "Fragen Sie mich nicht mehr"}[language]
    again = {"en": "You may ask me again", "de": "Sie dürfen mich wieder fragen"}[language]
    seen = []
    for asked in (None, "maybe", "no", "no", "yes"):
        if asked is not None:
            done = client.post(here, data={"asked": asked}, headers=SAME)
            assert (done.status_code, done.headers["location"]) == (303, here)
        page = client.get(here).text
        assert f'lang="{language}"' in page
        seen.append((stop in page, again in page))
    assert seen == [(True, False), (True, False), (False, True), (False, True), (True, False)]
    assert (
        client.get("/surveys/x.y").status_code,
        client.post("/surveys/x.y", headers=SAME).status_code,
    ) == (404, 404)


def test_an_answer_is_kept_once(
    client: TestClient, settings: Settings, clock: Clock, link: str, language: str
) -> None:
    done = client.post(link, data={"score": "4", "comment": " Good. "}, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, link)
    thanks = client.get(link)
    assert {"en": "Thank you", "de": "Vielen Dank"}[language] in thanks.text
    assert "<form" not in thanks.text
    again = client.post(link, data={"score": "1", "comment": "Bad."}, headers=SAME)
    assert again.status_code == 409
    assert {"en": "answered already", "de": "schon beantwortet"}[language] in again.text
    assert kept(settings, clock) == (4, "Good.")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"comment": "Nice."}, "score"),
        ({"score": "9", "comment": "Nice."}, "score"),
        ({"score": "", "comment": "Nice."}, "score"),
        ({"score": "4", "comment": "Card 4111 1111 1111 1111"}, "comment"),
    ],
)
def test_what_is_wrong_comes_back_as_typed(
    client: TestClient, settings: Settings, clock: Clock, link: str, typed: dict[str, str], field: str
) -> None:
    answer = client.post(link, data=typed, headers=SAME)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert typed["comment"] in answer.text
    assert kept(settings, clock) == (None, "")


def test_an_old_link_says_so(client: TestClient, clock: Clock, link: str) -> None:
    clock.forward(days=30)
    assert client.get(link).status_code == 410
    assert client.post(link, data={"score": "4"}, headers=SAME).status_code == 410


def test_a_wrong_link_has_words_and_a_limit(client: TestClient, link: str) -> None:
    wrong = client.get(f"{link}x", headers={"accept-language": "de-AT,de;q=0.9"})
    assert wrong.status_code == 404
    assert "Dieser Link funktioniert nicht" in wrong.text
    answers = [client.get(f"/feedback/{number}").status_code for number in range(25)]
    assert answers == [404] * 19 + [429] * 6
    assert client.get(link).status_code == 200  # a right link is never counted


def test_the_demo_mailbox_is_for_colleagues_and_the_demo_alone(client: TestClient) -> None:
    assert client.get("/demo/mail").status_code == 303
