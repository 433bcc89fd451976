"""Every address of the portal, pages and admin alike, tried as everybody and as nobody. Decision 17

Generated from the lists: a new page or table is walked the moment it is there, and fails when it says nothing
about who may use it.
"""

import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from admin_views import registry
from admin_views.base import Needs, Permission
from admin_views.site import TAKEN_OUT, Gate
from portal.desk.permissions import May, Open
from portal.desk.work import Actor
from portal.routes import PAGES
from portal.web import Page
from tests.cast import EVERYBODY
from tests.visits import Visitor

MOUNTED = {"/static": "files, open to anybody", "/admin": "the admin, behind its own gate"}
LIBRARY = {
    "statics", "index", "list", "details", "create", "edit", "export",
}  # fmt: skip
NOT_THERE = "999999"
FILLED = {"path:path": "css/tabler.min.css", "step": "greet", "token": "x.y", "pk": NOT_THERE}
ENDS_THE_SESSION = "/sign-out"
NO_PROVIDER = 503
"""What the pages of the sign-in answer here, in words: these tests have no identity provider."""

Permitted = Permission | May
Door = tuple[str, str, Permitted]


def doors() -> list[Door]:
    """Every (method, path, permission); what ends the session comes last."""
    pages: list[Door] = [
        (method, page.path, page.allow)
        for page in PAGES
        for method in sorted(page.methods or ())
        if method != "HEAD"
    ]
    return sorted([*pages, *registry.routes()], key=lambda door: door[1] == ENDS_THE_SESSION)


def address(path: str) -> str:
    """The path with something in the place of its parts, of which there is no such row."""
    return re.sub(
        r"\{([^}]+)\}", lambda part: FILLED.get(part[1], FILLED.get(part[1].split(":")[0], NOT_THERE)), path
    )


def may(actor: Actor | None, permission: Permitted) -> bool:
    if permission is Open.PUBLIC:
        return True
    if actor is None:
        return False
    if isinstance(permission, Needs):
        return permission.allows(actor)
    return actor.may(permission) if isinstance(permission, May) else permission is Open.SIGNED_IN


def test_every_address_says_who_may_use_it() -> None:
    def says(permission: object) -> bool:
        asked = permission.every if isinstance(permission, Needs) else (permission,)
        return bool(asked) and all(isinstance(one, May | Open) for one in asked)

    assert [(method, path) for method, path, permission in doors() if not says(permission)] == []


async def test_nothing_is_served_that_stands_in_no_list(app: Starlette) -> None:
    unknown = [route for route in app.routes if not isinstance(route, Page | Mount)]
    mounted = {route.path for route in app.routes if isinstance(route, Mount)}
    assert (unknown, mounted) == ([], set(MOUNTED))
    assert {route.path for route in app.routes if isinstance(route, Page)} == {page.path for page in PAGES}


async def test_the_library_of_the_admin_serves_nothing_we_did_not_read(app: Starlette) -> None:
    """A new version that brings a new route fails here, before anybody can use it."""
    gate = next(route.app for route in app.routes if isinstance(route, Mount) and route.path == "/admin")
    assert isinstance(gate, Gate)
    names = {getattr(route, "name", "") for route in gate.routes}
    ours = {"find", "lookup"} | {f"view-{view.address}-act" for view in registry.VIEWS if view.actions()}
    assert names - ours == LIBRARY
    assert names & (TAKEN_OUT - {"export"}) == set()
    exports = [route for route in gate.routes if isinstance(route, Route) and route.name == "export"]
    assert [route.methods for route in exports] == [{"POST"}]


def outcomes(answer_status: int, location: str, *, allowed: bool, method: str, signed_in: bool) -> str:
    """What went wrong, in words; empty when all is well."""
    asked_to_sign_in = answer_status == 303 and location.startswith("/sign-in")
    if answer_status >= 500:
        return f"an error of ours: {answer_status}"
    if allowed:
        return f"refused: {answer_status}" if answer_status in {401, 403, 405} or asked_to_sign_in else ""
    if signed_in:
        return "" if answer_status == 403 else f"let in: {answer_status}"
    wanted = asked_to_sign_in if method == "GET" else answer_status == 401
    return "" if wanted else f"let in: {answer_status} {location}"


@pytest.mark.parametrize("actor", [None, *EVERYBODY], ids=lambda actor: actor.name if actor else "nobody")
async def test_every_door_opens_to_those_it_names_and_to_nobody_else(
    visitor: Visitor, actor: Actor | None
) -> None:
    """S0-2.1a"""
    browser = await visitor(actor)
    wrong = []
    for method, path, permission in doors():
        allowed = may(actor, permission)
        answer = await browser.request(method, address(path))
        location = "" if permission is Open.PUBLIC else answer.headers.get("location", "")
        if path.startswith("/sign-in") and answer.status_code == NO_PROVIDER:
            continue
        said = outcomes(
            answer.status_code, location, allowed=allowed, method=method, signed_in=actor is not None
        )
        if said:
            wrong.append(f"{method} {path} ({permission}): {said}")
    assert wrong == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/login"),
        ("GET", "/admin/logout"),
        ("GET", "/admin/customers/1/name/preview/"),
        ("GET", "/admin/customers/1/name/download/"),
        ("POST", "/admin/customers/import"),
        ("DELETE", "/admin/customers/delete?pks=1"),
        ("GET", "/admin/customer/list"),
        ("GET", "/admin/nothing/list"),
    ],
)
async def test_what_stands_in_no_list_is_not_there(visitor: Visitor, method: str, path: str) -> None:
    mara = await visitor(EVERYBODY[3])
    assert (await mara.request(method, path)).status_code == 404
    nobody = await visitor(None)
    assert (await nobody.request(method, path)).status_code in {303, 401}
