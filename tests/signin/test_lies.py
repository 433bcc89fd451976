"""Whatever the provider, or somebody in its place, says: believed when it holds, else a page with words."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey
from starlette.responses import PlainTextResponse, Response

from portal.identity import NOT_BELIEVED
from tests.cast import Clock
from tests.signin.conftest import Portal, heading
from tests.signin.provider import ISSUER, Claims, Lie, Provider, new_key, new_rsa_key, unsigned

LOST = "This sign-in was begun in another browser, took too long, or was already used."
AWAY = "The sign-in service cannot be reached at the moment. Please try again in a minute."


def with_(**claims: Any) -> Lie:
    return lambda honest: {**honest, **claims}


def without(*names: str) -> Lie:
    return lambda honest: {name: value for name, value in honest.items() if name not in names}


def later(name: str, seconds: int) -> Lie:
    return lambda honest: {**honest, name: honest["iat"] + seconds}


LIES: dict[str, Lie] = {
    "no audience": without("aud"),
    "another audience": with_(aud="another portal"),
    "another audience with our azp": with_(aud="another portal", azp="handrail"),
    "others in the audience and no azp": with_(aud=["handrail", "another portal"]),
    "another azp": with_(azp="another portal"),
    "no issuer": without("iss"),
    "another issuer": with_(iss="http://id.example.org"),
    "an issuer with a slash": with_(iss=f"{ISSUER}/"),
    "no expiry": without("exp"),
    "expired": later("exp", -31),
    "an expiry that is no number": with_(exp="tomorrow"),
    "not yet": later("nbf", 31),
    "from the future": later("iat", 31),
    "no moment": without("iat"),
    "no subject": without("sub"),
    "an empty subject": with_(sub=""),
    "a blank subject": with_(sub="  "),
    "a subject with a zero byte": with_(sub="u\0001"),
    "a subject that is no text": with_(sub=7),
    "a subject too long": with_(sub="u" * 301),
    "no nonce": without("nonce"),
    "a swapped nonce": with_(nonce="of another sign-in"),
    "a wrong access token hash": with_(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}
SUBJECTS = {"a blank subject", "a subject with a zero byte", "a subject too long"}


@pytest.mark.parametrize("name", LIES)
async def test_an_id_token_that_lies_signs_nobody_in(
    name: str, small_portal: Portal, provider: Provider
) -> None:
    provider.lie = LIES[name]
    browser = small_portal.browser()
    answer = await browser.sign_in(provider)
    told = "The identity provider sent no usable account id." if name in SUBJECTS else NOT_BELIEVED
    assert (answer.status_code, heading(answer)) == (422 if name in SUBJECTS else 401, told)
    assert (browser.secret, await small_portal.people()) == (None, [])


async def test_half_a_character_in_the_subject_signs_nobody_in(
    small_portal: Portal, provider: Provider
) -> None:
    provider.sign = lambda claims: jws.serialize_compact(
        {"alg": "ES256", "kid": "one"}, json.dumps({**claims, "sub": "\ud800"}), provider.key
    )
    answer = await small_portal.browser().sign_in(provider)
    assert (answer.status_code, await small_portal.people()) == (422, [])


def signed_with_own_key(claims: Claims) -> str:
    key = new_key("two")
    return jwt.encode({"alg": "ES256", "kid": "two", "jwk": key.as_dict(private=False)}, claims, key)


SIGNATURES: dict[str, Callable[[Provider, Claims], Any]] = {
    "unsigned": lambda _provider, claims: unsigned(claims, {"kid": "one"}),
    "unsigned without a key id": lambda _provider, claims: unsigned(claims, {}),
    "the public key as a password": lambda provider, claims: provider.signed_with_public_key(claims),
    "a stranger's key": lambda _provider, claims: jwt.encode(
        {"alg": "ES256", "kid": "one"}, claims, new_key("one")
    ),
    "a key in the token's own header": lambda _provider, claims: signed_with_own_key(claims),
    "a changed payload": lambda provider, claims: ".".join(
        [provider.signed(claims).split(".")[0], unsigned({**claims, "sub": "boss"}, {}).split(".")[1], "c2ln"]
    ),
    "a signature cut off": lambda provider, claims: provider.signed(claims).rpartition(".")[0] + ".",
    "no token at all": lambda _provider, _claims: None,
    "nonsense": lambda _provider, _claims: "nonsense",
    "an object": lambda _provider, claims: claims,
    "five parts": lambda _provider, _claims: "a.b.c.d.e",
    "megabytes": lambda _provider, _claims: "e30." * 500_000,
}


@pytest.mark.parametrize("name", SIGNATURES)
async def test_an_id_token_nobody_vouches_for_signs_nobody_in(
    name: str, small_portal: Portal, provider: Provider
) -> None:
    provider.sign = lambda claims: SIGNATURES[name](provider, claims)
    browser = small_portal.browser()
    answer = await browser.sign_in(provider)
    assert (answer.status_code, heading(answer)) == (401, NOT_BELIEVED)
    assert (browser.secret, await small_portal.people()) == (None, [])


async def test_an_algorithm_that_was_not_chosen_is_refused_however_honest(
    small_portal: Portal, provider: Provider
) -> None:
    key = ECKey.generate_key("P-384", parameters={"kid": "one", "use": "sig"}, private=True)
    provider.published = [key]
    provider.metadata_lie = {"id_token_signing_alg_values_supported": ["ES384", "ES256"]}
    provider.sign = lambda claims: jwt.encode(
        {"alg": "ES384", "kid": "one"}, claims, key, algorithms=["ES384"]
    )
    answer = await small_portal.browser().sign_in(provider)
    assert (answer.status_code, heading(answer)) == (401, NOT_BELIEVED)


ANSWERS: dict[str, Callable[[Claims], Any]] = {
    "no ID token": lambda honest: {name: value for name, value in honest.items() if name != "id_token"},
    "an error": lambda _honest: {"error": "invalid_grant", "error_description": "<script>alert(1)</script>"},
    "a list": lambda _honest: ["no", "object"],
    "nothing": lambda _honest: None,
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_odd_answer_to_the_code_signs_nobody_in(
    name: str, small_portal: Portal, provider: Provider
) -> None:
    provider.answer = ANSWERS[name]
    browser = small_portal.browser()
    answer = await browser.sign_in(provider)
    assert (answer.status_code, heading(answer), browser.secret) == (401, NOT_BELIEVED, None)


METADATA: dict[str, Claims] = {
    "another issuer": {"issuer": "http://id.example.org"},
    "no token endpoint": {"token_endpoint": None},
    "an endpoint that is no address": {"jwks_uri": "file:///etc/passwd"},
    "only algorithms we do not take": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "algorithms that are no list": {"id_token_signing_alg_values_supported": 7},
}


@pytest.mark.parametrize("name", METADATA)
async def test_odd_metadata_signs_nobody_in(name: str, small_portal: Portal, provider: Provider) -> None:
    honest = provider.code
    provider.metadata_lie = METADATA[name]
    browser = small_portal.browser()
    answer = await browser.get("/sign-in")
    if answer.status_code == 303:
        answer = await browser.come_back(**honest(answer.headers["location"]))
    assert (answer.status_code, heading(answer), browser.secret) == (401, NOT_BELIEVED, None)


async def test_metadata_cannot_set_options_of_the_http_client(
    small_portal: Portal, provider: Provider
) -> None:
    provider.metadata_lie = {
        "verify": False,
        "proxy": "http://id.example.org:1",
        "base_url": "http://id.example.org",
    }
    assert (await small_portal.browser().sign_in(provider)).headers["location"] == "/"


@pytest.mark.parametrize("keys", [{"keys": 7}, {"keys": [{"kty": "?"}]}, {"keys": ["text"]}, ["list"]])
async def test_odd_keys_sign_nobody_in(keys: Any, small_portal: Portal, provider: Provider) -> None:
    provider.jwks_answer = keys
    browser = small_portal.browser()
    answer = await browser.sign_in(provider)
    assert (answer.status_code, heading(answer), browser.secret) == (401, NOT_BELIEVED, None)


async def test_a_replayed_callback_signs_nobody_in_twice(small_portal: Portal, provider: Provider) -> None:
    browser = small_portal.browser()
    brought = provider.code(await browser.begin())
    assert (await browser.come_back(**brought)).status_code == 303
    browser.cookies.delete("handrail")
    again = await browser.come_back(**brought)
    assert (again.status_code, heading(again), browser.secret) == (400, LOST, None)
    assert '<a class="btn btn-primary" href="/sign-in?next=%2F">Sign in again</a>' in again.text


async def test_a_callback_in_another_browser_signs_nobody_in(
    small_portal: Portal, provider: Provider
) -> None:
    brought = provider.code(await small_portal.browser().begin())
    victim = small_portal.browser()
    answer = await victim.come_back(**brought)
    assert (answer.status_code, heading(answer), victim.secret) == (400, LOST, None)


@pytest.mark.parametrize("state", ["", "of-nobody", "../../x", "\r\nset-cookie: a=b"])
async def test_a_missing_or_foreign_state_signs_nobody_in(
    state: str, small_portal: Portal, provider: Provider
) -> None:
    browser = small_portal.browser()
    brought = provider.code(await browser.begin())
    answer = await browser.come_back(code=brought["code"], **({"state": state} if state else {}))
    assert (answer.status_code, heading(answer), browser.secret) == (400, LOST, None)


async def test_the_answer_of_another_provider_is_not_taken_to_ours(
    small_portal: Portal, provider: Provider
) -> None:
    browser = small_portal.browser()
    brought = provider.code(await browser.begin())
    answer = await browser.come_back(**brought, iss="http://id.example.org")
    assert (answer.status_code, heading(answer), browser.secret) == (401, NOT_BELIEVED, None)
    again = await browser.come_back(**brought)
    assert (again.status_code, heading(again), browser.secret) == (400, LOST, None)
    assert provider.verifiers == []


async def test_an_answer_without_an_issuer_fails_where_the_provider_always_sends_one(
    small_portal: Portal, provider: Provider
) -> None:
    provider.metadata_lie = {"authorization_response_iss_parameter_supported": True}
    browser = small_portal.browser()
    assert (await browser.sign_in(provider)).status_code == 401
    answer = await browser.come_back(**provider.code(await browser.begin()), iss=ISSUER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_who_cancels_at_the_provider_is_told_so(small_portal: Portal, provider: Provider) -> None:
    browser = small_portal.browser()
    state = provider.code(await browser.begin())["state"]
    answer = await browser.come_back(state=state, error="access_denied", error_description="<b>no</b>")
    told = "The sign-in was cancelled, or the sign-in service does not let you in here."
    assert (answer.status_code, heading(answer)) == (401, told)
    assert "<b>no" not in answer.text


@pytest.mark.parametrize("name", ["one", "two"])
async def test_a_rotated_key_is_read_anew(name: str, small_portal: Portal, provider: Provider) -> None:
    """Under the old name too: careless providers do that."""
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    provider.rotate(name)
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    assert provider.asked == ["metadata", "keys", "keys"]


async def test_a_key_of_another_kind_under_the_old_name_is_read_anew(
    small_portal: Portal, provider: Provider
) -> None:
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    provider.key = new_rsa_key("one")
    provider.published = [provider.key]
    assert (await small_portal.browser().sign_in(provider)).status_code == 303


async def test_a_withdrawn_key_is_not_believed_for_longer_than_an_hour(
    small_portal: Portal, provider: Provider, clock: Clock
) -> None:
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    provider.published = [new_key("two")]
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    clock.forward(hours=1)
    assert (await small_portal.browser().sign_in(provider)).status_code == 401


BROKEN = [
    httpx2.ConnectError("refused"),
    httpx2.ReadTimeout("slow"),
    PlainTextResponse("no", status_code=502),
]


@pytest.mark.parametrize("broken", BROKEN, ids=["refused", "slow", "bad gateway"])
async def test_a_provider_that_is_away_is_a_page_with_words(
    broken: Exception | Response, small_portal: Portal, provider: Provider
) -> None:
    browser = small_portal.browser()
    provider.broken = broken
    before = await browser.get("/sign-in")
    provider.broken = None
    address = await browser.begin("/cases?mine=1")
    provider.broken = broken
    between = await browser.come_back(**provider.code(address))
    for answer in (before, between):
        assert (answer.status_code, heading(answer), answer.headers["retry-after"]) == (503, AWAY, "30")
    assert browser.secret is None
    provider.broken = None
    assert (await browser.sign_in(provider)).status_code == 303


async def test_a_provider_that_dawdles_is_not_waited_for(
    small_portal: Portal, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.signin.PATIENCE", 0.2)
    provider.dawdles = 60
    began = time.monotonic()
    answer = await small_portal.browser().get("/sign-in")
    assert (answer.status_code, heading(answer)) == (503, AWAY)
    assert time.monotonic() - began < 5


async def test_userinfo_completes_what_the_id_token_does_not_say(
    small_portal: Portal, provider: Provider
) -> None:
    provider.lie = without("name", "email", "roles")
    provider.userinfo_says = {
        "sub": "u-1",
        "name": "Cora Lind",
        "email": "c@example.com",
        "roles": ["supervisor"],
    }
    assert (await small_portal.browser().sign_in(provider)).status_code == 303
    assert await small_portal.people() == [("u-1", "Cora Lind", ("supervisor",))]


async def test_userinfo_about_somebody_else_signs_nobody_in(small_portal: Portal, provider: Provider) -> None:
    provider.lie = without("name")
    provider.userinfo_says = {"sub": "u-2", "name": "Mara"}
    answer = await small_portal.browser().sign_in(provider)
    assert (answer.status_code, heading(answer), await small_portal.people()) == (401, NOT_BELIEVED, [])
