"""The development identity provider: as strict as a real one, and never anywhere near production."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from portal.demo.cast import DEMO_PEOPLE
from portal.dev_idp import DevProvider
from portal.settings import BadSetting, Settings, read
from tests.cast import Clock
from tests.harness import databases
from tests.signin.conftest import HOME, Browser, Portal, heading, settings_for

VERIFIER = "v" * 48
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "handrail",
    "redirect_uri": f"{HOME}/sign-in/callback",
    "scope": "openid profile email",
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
async def demo(run_folder: Path, tmp_path: Path, clock: Clock) -> AsyncIterator[Portal]:
    database = databases.fresh("sqlite", run_folder)
    opened = Portal(settings_for(database, tmp_path, demo=True, oidc_issuer="", oidc_client_secret=""), clock)
    yield opened
    await opened.app.state.database.close()
    databases.discard(database)


def provider_of(demo: Portal) -> DevProvider:
    provider: DevProvider = demo.app.state.dev_provider
    return provider


async def choose(browser: Browser, subject: str, after: str = "/") -> httpx2.Response:
    """Walk the whole way through the page of people, as a browser does."""
    page = await browser.get(await browser.begin(after))
    action = unescape(re.findall(r'action="([^"]+)"', page.text)[0])
    chosen = await browser.post(action, data={"subject": subject})
    return await browser.get(chosen.headers["location"])


async def a_code(demo: Portal, **changed: Any) -> str:
    asked = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    answer = await demo.browser().post(f"/dev-idp/authorize?{urlencode(asked)}", data={"subject": "cora"})
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def hand_in(demo: Portal, code: str, *, secret: str | None = None, **changed: Any) -> Any:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": ASKED["redirect_uri"]}
    form = {
        name: value
        for name, value in {**form, "code_verifier": VERIFIER, **changed}.items()
        if value is not None
    }
    known = (await demo.app.state.signin.client()).client_secret if secret is None else secret
    answer = await demo.browser().post("/dev-idp/token", data=form, auth=("handrail", known))
    return answer.json().get("error", "id_token" in answer.json())


@pytest.mark.parametrize("person", DEMO_PEOPLE, ids=lambda person: person.name)
async def test_everybody_of_the_demo_signs_in(person: Any, demo: Portal) -> None:
    browser = demo.browser()
    answer = await choose(browser, person.subject, "/who")
    assert (answer.status_code, answer.headers["location"]) == (303, "/who")
    assert await browser.who() == ", ".join([person.name, *sorted(person.roles)])


async def test_the_page_shows_the_people_and_what_they_do(demo: Portal) -> None:
    browser = demo.browser()
    page = await browser.get(await browser.begin())
    assert re.findall(r'value="(\w+)"', page.text) == [person.subject for person in DEMO_PEOPLE]
    assert page.text.count("No role yet") == 1


async def test_signing_out_goes_there_and_comes_back(demo: Portal) -> None:
    browser = demo.browser()
    await choose(browser, "cora")
    there = await browser.get((await browser.post("/sign-out")).headers["location"])
    back = await browser.get(there.headers["location"])
    assert (heading(back), "Here and at the sign-in service." in back.text) == ("You are signed out", True)
    assert await browser.who() == ""


@pytest.mark.parametrize("same_name", [True, False])
async def test_its_key_may_change_while_the_portal_runs(demo: Portal, *, same_name: bool) -> None:
    assert (await choose(demo.browser(), "cora")).status_code == 303
    provider_of(demo).rotate(same_name=same_name)
    assert (await choose(demo.browser(), "cem")).status_code == 303


async def test_it_tells_the_portal_that_somebody_left(demo: Portal) -> None:
    browser = demo.browser()
    await choose(browser, "cora")
    token = provider_of(demo).logout_token("cora")
    answer = await demo.browser().post("/sign-in/back-channel-logout", data={"logout_token": token})
    assert (answer.status_code, await browser.who()) == (200, "")


async def test_a_code_is_good_once(demo: Portal) -> None:
    code = await a_code(demo)
    assert [await hand_in(demo, code) for _ in range(2)] == [True, "invalid_grant"]


async def test_a_code_is_good_for_a_minute(demo: Portal, clock: Clock) -> None:
    code = await a_code(demo)
    clock.forward(seconds=60)
    assert await hand_in(demo, code) == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 48}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"redirect_uri": f"{HOME}/sign-in/callback/"}, "invalid_grant"),
        ({"code": "another"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"secret": ""}, "invalid_client"),
        ({"secret": "guessed"}, "invalid_client"),
    ],
)
async def test_a_code_is_for_the_portal_alone(demo: Portal, changed: dict[str, Any], error: str) -> None:
    given = {"code": await a_code(demo), **changed}
    assert await hand_in(demo, **given) == error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_what_it_cannot_do_goes_back_to_the_portal(
    demo: Portal, changed: dict[str, Any], error: str
) -> None:
    asked = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    answer = await demo.browser().get("/dev-idp/authorize", params=asked)
    told = urlencode({"error": error, "iss": f"{HOME}/dev-idp", "state": "s"})
    assert answer.headers["location"] == f"{HOME}/sign-in/callback?{told}"


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": f"{HOME}/sign-in/callback?x=1"},
        {"client_id": "x"},
    ],
)
async def test_it_sends_nobody_elsewhere(demo: Portal, changed: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        answer = await demo.browser().request(method, "/dev-idp/authorize", params={**ASKED, **changed})
        assert (answer.status_code, answer.headers.get("location")) == (400, None)
    out = await demo.browser().get("/dev-idp/end-session?post_logout_redirect_uri=https://evil.example.com/")
    assert (out.status_code, out.headers.get("location")) == (400, None)


async def test_another_name_of_this_machine_is_led_to_the_one_the_cookies_belong_to(demo: Portal) -> None:
    browser = demo.browser()
    answer = await browser.get("/sign-in?next=/cases", headers={"host": "localhost:8000"})
    assert answer.headers["location"] == f"{HOME}/sign-in?next=%2Fcases"


async def test_without_the_demo_it_is_not_there(small_portal: Portal) -> None:
    answer = await small_portal.browser().get("/dev-idp/.well-known/openid-configuration")
    assert (answer.status_code, small_portal.app.state.dev_provider) == (404, None)


async def test_it_refuses_production_even_where_the_settings_were_not_asked(demo: Portal) -> None:
    for settings in (
        Settings(demo=True, address="https://desk.example.com"),
        Settings(demo=False, oidc_issuer="https://id.example.com"),
    ):
        with pytest.raises(BadSetting, match="development identity provider"):
            DevProvider(settings, demo.desk, DEMO_PEOPLE)


PRODUCTION = {
    "HANDRAIL_ADDRESS": "https://desk.example.com",
    "HANDRAIL_SECRET": "p8Rw2Lk9Zx4Vb7Nm3Qs6Td1Yf5Hg0JcU8",
    "HANDRAIL_OIDC_ISSUER": "https://id.example.com",
    "HANDRAIL_OIDC_CLIENT_SECRET": "given by the provider",
}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"HANDRAIL_DEMO": "on"}, "HANDRAIL_DEMO"),
        ({"HANDRAIL_OIDC_ISSUER": "https://desk.example.com/dev-idp"}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_ISSUER": "http://id.example.com"}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_ISSUER": ""}, "HANDRAIL_OIDC_ISSUER"),
        ({"HANDRAIL_OIDC_CLIENT_SECRET": ""}, "HANDRAIL_OIDC_CLIENT_SECRET"),
        ({"HANDRAIL_ADDRESS": "http://desk.example.com"}, "HANDRAIL_ADDRESS"),
    ],
)
def test_production_does_not_start_with_a_sign_in_that_is_none(changed: dict[str, str], named: str) -> None:
    assert read(PRODUCTION).production
    with pytest.raises(BadSetting, match=f"^{named}"):
        read({**PRODUCTION, **changed})


def test_the_demo_is_for_this_machine_alone() -> None:
    with pytest.raises(BadSetting, match=r"^HANDRAIL_DEMO"):
        read({"HANDRAIL_DEMO": "on", "HANDRAIL_HOST": "0.0.0.0"})
