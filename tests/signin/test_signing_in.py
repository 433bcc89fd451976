"""Signing in, staying signed in, and leaving: on both databases, against a provider that does what it should."""

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from models import AuditEntry, Person
from portal.desk import people
from portal.desk.work import SYSTEM
from portal.identity import local_path, roles_map, roles_of
from portal.logs import set_up_log
from portal.settings import BadSetting
from tests.cast import Clock
from tests.signin.conftest import Portal, heading, settings_for
from tests.signin.provider import ACCESS_TOKEN, SECRET, Provider

SWITCHED_OFF = "Your account at this desk is switched off. An administrator can switch it on again."


async def person(portal: Portal, subject: str = "u-1") -> Person:
    async with portal.desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Person).where(Person.subject == subject))).one()


async def change(portal: Portal, subject: str = "u-1", **changes: Any) -> None:
    async with portal.desk.work(SYSTEM) as work:
        them = (await work.session.scalars(select(Person).where(Person.subject == subject))).one()
        await people.change(work, them, them.version, **changes)


async def test_a_colleague_signs_in_and_lands_where_they_wanted(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    turned_away = await browser.get("/who?view=mine")
    assert turned_away.headers["location"] == "/sign-in?next=%2Fwho%3Fview%3Dmine"
    answer = await browser.sign_in(provider, "/who?view=mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/who?view=mine")
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if value.startswith("handrail=")]
    assert cookie == f"handrail={browser.secret}; HttpOnly; Path=/; SameSite=lax"
    assert await browser.who() == "Cora, representative"
    assert await portal.people() == [("u-1", "Cora", ("representative",))]


async def test_signing_in_is_written_down_once(portal: Portal, provider: Provider) -> None:
    for _ in range(2):
        await portal.browser().sign_in(provider)
    async with portal.desk.look(SYSTEM) as work:
        entries = await work.session.execute(select(AuditEntry.who, AuditEntry.deed).order_by(AuditEntry.id))
        assert [tuple(entry) for entry in entries] == [
            ("Handrail", "take over from the identity provider"),
            ("Cora", "sign in"),
            ("Cora", "sign in"),
        ]


async def test_the_same_address_with_another_subject_is_another_person(
    portal: Portal, provider: Provider
) -> None:
    """S0-1.1"""
    await portal.browser().sign_in(provider)
    await portal.browser().sign_in(provider, sub="u-2", name="Mallory", roles=["manager"])
    assert await portal.people() == [("u-1", "Cora", ("representative",)), ("u-2", "Mallory", ("manager",))]


async def test_roles_and_name_are_taken_over_at_each_sign_in(portal: Portal, provider: Provider) -> None:
    await portal.browser().sign_in(provider)
    await portal.browser().sign_in(provider, name="Cora Lind", roles=["supervisor", "chess club"])
    assert await portal.people() == [("u-1", "Cora Lind", ("supervisor",))]


async def test_nobody_has_a_role_by_default(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider, roles=None)
    assert await portal.people() == [("u-1", "Cora", ())]
    assert await browser.who() == "Cora"


async def test_a_hostile_name_is_one_line_and_escaped(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider, name="<img src=x>\r\nBcc: a@example.com\0", email="not an address")
    assert [name for _subject, name, _roles in await portal.people()] == ["<img src=x> Bcc: a@example.com"]
    assert "<img src=x>" not in (await browser.get("/nowhere")).text
    assert (await person(portal)).email is None


async def test_browsers_of_one_person_arrive_at_once(portal: Portal, provider: Provider) -> None:
    """First all of them new to the desk, then all of them with a new name."""
    for name in ("Cora", "Cora Lind"):
        browsers = [portal.browser() for _ in range(4)]
        brought = [provider.code(await browser.begin(), name=name) for browser in browsers]
        arrivals = (one.come_back(**code) for one, code in zip(browsers, brought, strict=True))
        assert [answer.status_code for answer in await asyncio.gather(*arrivals)] == [303] * 4
        assert await portal.people() == [("u-1", name, ("representative",))]
    assert await portal.open_sessions() == 8


async def test_a_deactivated_person_is_told_so_and_stays_outside(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    await change(portal, active=False)
    assert await browser.who() == ""
    again = await browser.sign_in(provider, roles=["manager"])
    assert (again.status_code, heading(again)) == (403, SWITCHED_OFF)
    assert ((await person(portal)).active, (await person(portal)).roles) == (False, ("representative",))
    assert await portal.open_sessions() == 0


async def test_a_new_role_counts_on_the_next_request(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider, roles=[])
    assert await browser.who() == "Cora"
    await change(portal, roles=["manager", "finance"])
    assert await browser.who() == "Cora, finance, manager"


async def test_the_session_gets_a_new_id_at_each_sign_in(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    browser.cookies.set("handrail", "planted-by-somebody", domain="127.0.0.1")
    await browser.sign_in(provider)
    first = browser.secret
    assert first != "planted-by-somebody"
    brought = provider.code(await browser_state_of(browser, provider))
    await browser.come_back(**brought)
    assert browser.secret != first
    old = portal.browser()
    old.cookies.set("handrail", first or "", domain="127.0.0.1")
    assert (await old.who(), await portal.open_sessions()) == ("", 1)


async def browser_state_of(browser: Any, _provider: Provider) -> str:
    """Begin a sign-in in a browser that is signed in, as a second tab left open would."""
    kept = browser.secret
    browser.cookies.delete("handrail")
    address: str = await browser.begin()
    browser.cookies.set("handrail", kept, domain="127.0.0.1")
    return address


async def test_an_idle_session_ends_after_half_an_hour(
    portal: Portal, provider: Provider, clock: Clock
) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    clock.forward(minutes=29)
    assert await browser.who() == "Cora, representative"
    clock.forward(minutes=29)
    assert await browser.who() == "Cora, representative"
    clock.forward(minutes=30)
    assert await browser.who() == ""


async def test_a_session_in_use_ends_after_twelve_hours(
    portal: Portal, provider: Provider, clock: Clock
) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    for _ in range(35):
        clock.forward(minutes=20)
        assert await browser.who() == "Cora, representative"
    clock.forward(minutes=20)
    assert await browser.who() == ""


FOREIGN = [
    "https://evil.example.com", "//evil.example.com", "/\\evil.example.com", "\\\\evil.example.com", "/\t/evil.example.com",
    "javascript:alert(1)", "/a\r\nset-cookie: x=y", "http:/evil", "evil.example.com", "", "/\u2028", "/" + "a" * 300,
    "/sign-in?next=/", "/sign-out", "/dev-idp/authorize",
]  # fmt: skip


@pytest.mark.parametrize("wanted", FOREIGN)
async def test_nobody_is_sent_to_a_foreign_address(
    wanted: str, small_portal: Portal, provider: Provider
) -> None:
    answer = await small_portal.browser().sign_in(provider, wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("wanted", ["/", "/cases/12?tab=notes#last", "/customers?q=Müller", "/search?q=//x"])
def test_a_local_address_is_kept(wanted: str) -> None:
    assert local_path(wanted) == wanted


async def test_several_tabs_sign_in_each_for_itself(small_portal: Portal, provider: Provider) -> None:
    browser = small_portal.browser()
    addresses = [await browser.begin(f"/tab/{number}") for number in range(4)]
    brought = [provider.code(address) for address in addresses]
    answers = [await browser.come_back(**code) for code in brought]
    assert [answer.headers.get("location") for answer in answers] == [None, "/tab/1", "/tab/2", "/tab/3"]
    assert (answers[0].status_code, await small_portal.open_sessions()) == (400, 1)


async def test_who_fails_ten_times_waits_five_minutes(
    portal: Portal, provider: Provider, clock: Clock
) -> None:
    stranger = portal.browser(address="192.0.2.1")
    for number in range(10):
        assert (await stranger.come_back(code="x", state="y")).status_code == 400, number
    for forged in (
        {},
        {"x-forwarded-for": "192.0.2.99"},
        {"forwarded": "for=192.0.2.98"},
        {"x-real-ip": "192.0.2.97"},
    ):
        answer = await stranger.get("/sign-in/callback?code=x&state=y", headers=forged)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
        assert heading(answer) == "Too many tries. Please wait a few minutes."
    assert (await stranger.get("/sign-in")).status_code == 429
    assert (await portal.browser(address="192.0.2.2").sign_in(provider)).status_code == 303
    clock.forward(minutes=5)
    assert (await portal.browser(address="192.0.2.1").sign_in(provider)).status_code == 303


async def test_headers_that_name_a_person_mean_nothing(portal: Portal, provider: Provider) -> None:
    await portal.browser().sign_in(provider)
    stranger = portal.browser()
    for name in ("x-remote-user", "remote-user", "x-forwarded-user", "x-forwarded-email", "authorization"):
        assert (await stranger.get("/who", headers={name: "u-1"})).status_code == 303


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """The portal's own log, as talkative as it can be."""
    root, written = logging.getLogger(), io.StringIO()
    kept = root.handlers, root.level
    set_up_log("debug")
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written.getvalue
    root.handlers, level = kept
    root.setLevel(level)


async def test_no_secret_stands_in_a_page_or_the_log(
    small_portal: Portal, provider: Provider, log: Callable[[], str]
) -> None:
    tokens: list[str] = []

    def sign(claims: dict[str, Any]) -> str:
        tokens.append(provider.signed(claims))
        return tokens[-1] if len(tokens) == 1 else f"{tokens[-1]}x"

    provider.sign = sign
    browser, refused = small_portal.browser(), small_portal.browser()
    brought = provider.code(await browser.begin())
    await browser.come_back(**brought)
    pages = [await browser.get("/who"), await browser.get("/nowhere"), await browser.come_back(**brought)]
    pages.append(await refused.sign_in(provider))
    told = "\n".join([log(), *(page.text for page in pages)])
    assert '"event": "sign-in refused"' in told
    secrets = [str(browser.secret), *tokens, *provider.verifiers, SECRET, ACCESS_TOKEN]
    assert [secret in told for secret in secrets] == [False] * 7


async def test_the_database_holds_no_secret_of_a_session(portal: Portal, provider: Provider) -> None:
    browser = portal.browser()
    await browser.sign_in(provider)
    async with portal.desk.look(SYSTEM) as work:
        rows = (await work.session.execute(text("SELECT * FROM sessions"))).all()
        entries = (await work.session.execute(text("SELECT * FROM audit_entries"))).all()
    assert len(rows) == 1
    assert (browser.secret or "") not in f"{rows}{entries}"


def test_roles_are_found_where_the_settings_say() -> None:
    claims = {
        "roles": "representative, supervisor",
        "realm_access": {"roles": ["manager", "offline_access", 7, {"a": "b"}]},
        "https://example.com/roles": ["finance"],
        "groups": {"not": "a list"},
    }
    assert roles_of(claims, "roles", {}) == ("representative", "supervisor")
    assert roles_of(claims, "realm_access.roles", {}) == ("manager",)
    assert roles_of(claims, "https://example.com/roles", {}) == ("finance",)
    assert roles_of(claims, "groups", {}) == ()
    assert roles_of(claims, "roles.deeper.still", {}) == ()
    assert roles_of({}, "roles", {}) == ()


def test_the_providers_words_are_mapped_and_no_others_count() -> None:
    mapped = roles_map("Desk Team=representative, Desk Team=fulfilment, leads=supervisor")
    assert roles_of({"g": ["Desk Team", "manager"]}, "g", mapped) == ("fulfilment", "representative")
    with pytest.raises(BadSetting, match=r"^HANDRAIL_OIDC_ROLES_MAP: 'leads=boss' must be word=role"):
        roles_map("leads=boss")


async def test_without_a_provider_a_page_says_what_to_set(database: str, tmp_path: Any, clock: Clock) -> None:
    portal = Portal(settings_for(database, tmp_path, oidc_issuer=""), clock)
    answer = await portal.browser().get("/sign-in")
    told = "No identity provider is set up yet: HANDRAIL_OIDC_ISSUER names the one to sign in with."
    assert (answer.status_code, heading(answer)) == (503, told)
    assert (await portal.browser().post("/sign-out")).headers["location"] == "/signed-out"
    await portal.app.state.database.close()


async def test_production_cookies_are_bound_to_https_and_one_host(
    database: str, tmp_path: Any, clock: Clock, provider: Provider
) -> None:
    settings = settings_for(database, tmp_path, address="https://desk.example.com", secret="k7Fq" * 12)
    portal = Portal(settings, clock, provider)
    browser = portal.browser()
    browser.base_url = "https://desk.example.com"
    begun = await browser.begin()
    answer = await browser.come_back(**provider.code(begun))
    cookies = [
        value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-handrail=")
    ]
    assert len(cookies) == 1
    assert cookies[0].partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax; Secure"
    assert "redirect_uri=https%3A%2F%2Fdesk.example.com%2Fsign-in%2Fcallback&" in begun
    await portal.app.state.database.close()
