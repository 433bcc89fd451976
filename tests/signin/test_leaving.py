"""Leaving: here, at the provider, and because the provider says so."""

from typing import Any

import pytest

from tests.cast import Clock
from tests.signin.conftest import Portal, heading
from tests.signin.provider import CLIENT, ISSUER, Provider


async def test_an_old_cookie_is_refused_after_signing_out(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    kept = browser.secret or ""
    answer = await browser.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert browser.secret is None
    assert heading(await browser.get("/signed-out")) == "You are signed out"
    browser.cookies.set("handrail", kept, domain="127.0.0.1")
    assert await browser.who() == ""


async def test_nobody_is_signed_out_from_another_site_or_by_a_link(
    portal: Portal, provider: Provider
) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    assert (await browser.get("/sign-out")).status_code == 405
    assert (await browser.post("/sign-out", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert await browser.who() == "Cora, representative"


async def test_signing_out_at_the_provider_comes_back_once(portal: Portal, provider: Provider) -> None:
    provider.metadata_lie = {"end_session_endpoint": f"{ISSUER}/leave"}
    browser = portal.browser()
    await browser.sign_in(provider)
    address = (await browser.post("/sign-out")).headers["location"]
    asked = dict(part.split("=", 1) for part in address.removeprefix(f"{ISSUER}/leave?").split("&"))
    assert asked["client_id"] == CLIENT
    assert asked["post_logout_redirect_uri"] == "http%3A%2F%2F127.0.0.1%3A8000%2Fsigned-out"
    assert asked["id_token_hint"].count(".") == 2
    there, here = "Here and at the sign-in service.", "If others use this computer"
    for state, told in (("of-nobody", here), (asked["state"], there), (asked["state"], here)):
        assert told in (await browser.get("/signed-out", params={"state": state})).text


async def test_the_state_of_a_sign_out_is_none_of_a_sign_in(portal: Portal, provider: Provider) -> None:
    provider.metadata_lie = {"end_session_endpoint": f"{ISSUER}/leave"}
    browser = portal.browser()
    await browser.sign_in(provider)
    state = (await browser.post("/sign-out")).headers["location"].partition("state=")[2].partition("&")[0]
    assert (await browser.come_back(code="x", state=state)).status_code == 400


async def test_signing_out_works_with_the_provider_away(
    portal: Portal, provider: Provider, clock: Clock
) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    clock.forward(minutes=10)
    for _ in range(3):  # kept in use, so that only the metadata is old
        clock.forward(minutes=20)
        await browser.who()
    provider.broken = ConnectionError("refused")
    assert (await browser.post("/sign-out")).headers["location"] == "/signed-out"
    assert await portal.open_sessions() == 0


async def test_the_provider_says_that_somebody_left(portal: Portal, provider: Provider) -> None:
    desk, home = portal.browser(), portal.browser()
    await desk.sign_in(provider, sid="at the desk")
    await home.sign_in(provider, sid="at home")
    told = await leave_there(portal, provider, sub="u-1", sid="at the desk")
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert [await browser.who() for browser in (desk, home)] == ["", "Cora, representative"]
    assert (await leave_there(portal, provider, jti="second", sub="u-1")).status_code == 200
    assert await home.who() == ""


def logout_claims(provider: Provider, **changed: Any) -> dict[str, Any]:
    now = int(provider.clock().timestamp())
    event: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "iat": now,
        "exp": now + 60,
        "jti": "first",
        "events": event,
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


async def leave_there(portal: Portal, provider: Provider, **claims: Any) -> Any:
    """As a provider would: from elsewhere, with no cookie."""
    machine = portal.browser(address="192.0.2.7")
    token = provider.signed(logout_claims(provider, **claims))
    headers = {"sec-fetch-site": "cross-site", "origin": ISSUER}
    return await machine.post("/sign-in/back-channel-logout", data={"logout_token": token}, headers=headers)


BAD_LOGOUTS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "http://id.example.org"},
    "another audience": {"aud": "another portal"},
    "no moment": {"iat": None},
    "too old": {"iat": 1},
    "from the future": {"iat": 4_000_000_000},
    "expired": {"exp": 1},
    "no event": {"events": None},
    "another event": {"events": {"http://example.com/other": {}}},
    "an event that is no object": {"events": {"http://schemas.openid.net/event/backchannel-logout": True}},
    "a nonce, as in an ID token": {"nonce": "x"},
    "no id": {"jti": None},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("name", BAD_LOGOUTS)
async def test_a_logout_token_that_lies_signs_nobody_out(
    name: str, small_portal: Portal, provider: Provider
) -> None:
    browser = small_portal.browser()
    await browser.sign_in(provider)
    answer = await leave_there(small_portal, provider, **{"sub": "u-1", **BAD_LOGOUTS[name]})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert await browser.who() == "Cora, representative"


async def test_a_logout_token_counts_once(portal: Portal, provider: Provider) -> None:
    await portal.browser().sign_in(provider)
    assert (await leave_there(portal, provider, sub="u-1")).status_code == 200
    browser = portal.browser()
    await browser.sign_in(provider)
    assert (await leave_there(portal, provider, sub="u-1")).status_code == 400
    assert await browser.who() == "Cora, representative"


async def test_a_logout_token_nobody_signed_is_refused(small_portal: Portal, provider: Provider) -> None:
    browser = small_portal.browser()
    await browser.sign_in(provider)
    forged = provider.signed_with_public_key(logout_claims(provider, sub="u-1"))
    for token in (forged, "nonsense", ""):
        answer = await browser.post("/sign-in/back-channel-logout", data={"logout_token": token})
        assert answer.status_code == 400
    assert await browser.who() == "Cora, representative"


async def test_an_id_token_is_no_logout_token(small_portal: Portal, provider: Provider) -> None:
    kept: list[str] = []

    def sign(claims: dict[str, Any]) -> str:
        kept.append(provider.signed(claims))
        return kept[-1]

    provider.sign = sign
    browser = small_portal.browser()
    await browser.sign_in(provider)
    answer = await browser.post("/sign-in/back-channel-logout", data={"logout_token": kept[0]})
    assert (answer.status_code, await small_portal.open_sessions()) == (400, 1)


async def test_forged_logout_tokens_are_soon_refused_unread_and_keep_nobody_from_signing_in(
    small_portal: Portal, provider: Provider
) -> None:
    machine = small_portal.browser(address="192.0.2.7")
    answers = [
        await machine.post("/sign-in/back-channel-logout", data={"logout_token": "x"}) for _ in range(12)
    ]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429] * 2
    assert (await small_portal.browser(address="192.0.2.7").sign_in(provider)).status_code == 303
