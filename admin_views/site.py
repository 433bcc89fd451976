"""The admin as the desk needs it: SQLAdmin's views, forms and addresses; our guard, pages and deeds.

The library's routes for files, sign-in, import and deleting are taken out; every other address has to stand in
the list of doors with its permission, or it does not exist. Pages are made by the portal's own templates, so
that wizard and tables share one bar, one look and one policy for scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqladmin import Admin
from sqladmin.authentication import AuthenticationBackend, login_required
from sqladmin.authorization import AuthorizationBackend
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from admin_views import exporting, forms, listing, showing
from admin_views.base import Action, DeskView, Needs, Permission
from admin_views.columns import Look
from models.words import DisclosureGround
from portal.desk import disclosures, history, rows
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import Conflict, DeskError, NotAccepted, NotAllowed, NotFound
from portal.desk.permissions import Open
from portal.desk.work import Actor, Work
from portal.showing import word
from portal.web import TEMPLATES, Visit, chosen, problem, to_sign_in

if TYPE_CHECKING:
    from portal.database import Database

TAKEN_OUT = frozenset(
    {"file_download", "file_preview", "login", "logout", "import", "delete", "export", "ajax_lookup"}
)
"""The library's routes that nobody may reach: files of this machine, its own sign-in, deleting, and a GET that
hands out a whole table. The export comes back as a POST, and so does the lookup: names stand in no address."""
MOST_CHOSEN = 100
"""Rows one action takes at a time."""
FOUND = 20
"""Lines a lookup answers."""


class SharedSignIn(AuthenticationBackend):
    """The portal's own session: it stands in the scope already, and there is no second cookie."""

    def __init__(self) -> None:
        self.middlewares = []

    async def authenticate(self, request: Request) -> Response | bool:
        if request.scope.get("actor") is None:
            return to_sign_in(Visit(request))
        return True

    async def get_user_id(self, request: Request) -> int | None:
        actor: Actor = request.scope["actor"]
        return actor.person_id


class OneTable(AuthorizationBackend):
    """The portal's one table of permissions, asked through the view's own words."""

    def __init__(self) -> None:
        self.views: dict[str, DeskView] = {}

    def has_permission(self, request: Request, identity: str, action: str, obj: Any = None) -> bool:
        actor: Actor | None = request.scope.get("actor")
        view = self.views.get(identity)
        return actor is not None and view is not None and view.allowed(actor, str(action))


class Gate:
    """Stands before every admin address: only a door of the list opens, and only with its permission."""

    def __init__(self, router: Router, doors: Sequence[tuple[str, str, Permission]]) -> None:
        self.router = router
        self.doors = [(_door(method, path), permission) for method, path, permission in doors]

    @property
    def routes(self) -> list[BaseRoute]:
        return self.router.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        visit = Visit(Request(scope, receive, send))
        refusal = self.refusal(visit, scope)
        await (refusal or self.router)(scope, receive, send)

    def refusal(self, visit: Visit, scope: Scope) -> Response | None:
        """What to answer somebody who may not in here; None when they may."""
        flat = {**scope, "root_path": "", "path": scope["path"]}
        wrong_way = False
        for route, permission in self.doors:
            match, _ = route.matches(flat)
            if match is Match.FULL:
                return admission(visit, permission)
            wrong_way = wrong_way or match is Match.PARTIAL
        if visit.actor is None:  # a stranger learns nothing about which addresses there are
            return to_sign_in(visit)
        if wrong_way:
            refused = DeskError("That cannot be done here.")
            refused.status = 405  # type: ignore[misc]  # one instance with the status of the refusal
            return problem(visit, refused)
        return problem(visit, NotFound())


@cache
def _door(method: str, path: str) -> Route:
    """A route only asked whether it matches: one serves every portal of this process."""
    return Route(path.replace("/{pk}", "/{pk:path}"), _nothing, methods=[method])


async def _nothing(_request: Request) -> Response:
    """Never called: a door only matches."""
    raise HTTPException(404)


def admission(visit: Visit, permission: Permission) -> Response | None:
    """What to answer somebody who lacks the permission; None for everybody else."""
    if permission is Open.PUBLIC:
        return None
    if visit.actor is None:
        return to_sign_in(visit)
    if isinstance(permission, Needs) and not permission.allows(visit.actor):
        return problem(visit, NotAllowed())
    return None


@cache
def _marked(view: type[Any]) -> tuple[str, ...]:
    """The names of the functions that this view or what it is made of marks for the library."""
    marked = {
        name
        for owner in view.__mro__
        for name, one in vars(owner).items()
        if hasattr(one, "_action") or hasattr(one, "_exposed")
    }
    return tuple(sorted(marked))


class DeskAdmin(Admin):
    """SQLAdmin with the desk's pages. One request opens at most one transaction."""

    def __init__(self, app: Starlette, database: Database, views: Sequence[type[DeskView]]) -> None:
        self.permissions = OneTable()
        super().__init__(
            app,
            session_maker=database.reading_maker(),
            title="Handrail",
            templates_dir=str(TEMPLATES),
            authentication_backend=SharedSignIn(),
            authorization_backend=self.permissions,
        )
        router = self.admin.router
        router.routes = [one for one in router.routes if getattr(one, "name", "") not in TAKEN_OUT]
        self.templates.env.auto_reload = False
        for view in views:
            view.identity = view.address
            self.add_view(view)
        router.routes.insert(
            1, Route("/{identity}/export/{export_type}", self.export, methods=["POST"], name="export")
        )
        router.routes[1:1] = [
            Route("/{identity}/list", self.find, methods=["POST"], name="find"),
            Route("/{identity}/ajax/lookup", self.ajax_lookup, methods=["POST"], name="lookup"),
        ]
        self.permissions.views = {view.identity: view for view in self.views if isinstance(view, DeskView)}
        # Nothing of the library's own application stays around the router: errors go to the portal's handlers.
        mounted = next(one for one in app.router.routes if isinstance(one, Mount) and one.name == "admin")
        app.router.routes.remove(mounted)
        app.router.routes.append(Mount("/admin", app=Gate(router, self.doors()), name="admin"))

    @staticmethod
    def _find_decorated_funcs(view: type[Any], view_instance: Any, handle_fn: Callable[..., None]) -> None:
        """As the library's own, but asks the classes what they mark: it asks each instance for all it has, twice.

        That was more than half of what building the portal took.
        """
        for name in _marked(view):  # type: ignore[arg-type]  # a class can be hashed, whatever it is of
            handle_fn(getattr(view_instance, name), view, view_instance)

    def doors(self) -> list[tuple[str, str, Permission]]:
        return doors([type(view) for view in self.views if isinstance(view, DeskView)])

    def view_of(self, request: Request) -> DeskView:
        found = self.permissions.views.get(request.path_params["identity"])
        if found is None:
            raise NotFound
        return found

    def menu(self, actor: Actor) -> dict[str, list[DeskView]]:
        """The tables this person's role has, by group."""
        found: dict[str, list[DeskView]] = {}
        for view in self.permissions.views.values():
            if actor.may(view.see):
                found.setdefault(view.group, []).append(view)
        return found

    def look(self, visit: Visit, work: Work) -> Look:
        return Look(visit.person, work.now, visit.person.zone)

    def page(self, visit: Visit, template: str, *, status: int = 200, **facts: Any) -> Response:
        return visit.page(f"sqladmin/{template}.html", status=status, menu=self.menu(visit.person), **facts)

    @login_required
    async def index(self, request: Request) -> Response:
        """The tables this person's role has."""
        return self.page(Visit(request), "index")

    @login_required
    async def list(self, request: Request) -> Response:
        """One page of a table."""
        return await self.listed(Visit(request), self.view_of(request), request.query_params)

    async def listed(
        self,
        visit: Visit,
        view: DeskView,
        question: Mapping[str, str],
        *,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        """The list as a question narrows it; after a refused export with what was typed and is wrong with it."""
        async with visit.look() as work:
            look = self.look(visit, work)
            asked = listing.read(view, question, look, visit)
            found = await listing.page(view, work, asked, look)
        return self.page(
            visit,
            "list",
            status=NotAccepted.status if errors else 200,
            typed=typed or dict.fromkeys(disclosures.ASKED, ""),
            errors=errors or {},
            of_customers=exporting.of_customers(view),
            grounds=[(one.value, word(one)) for one in DisclosureGround],
            view=view,
            listing=found,
            table=showing.table(view, found, look),
            asked=asked,
            heads=showing.heads(view, asked, look),
            filters=showing.filters(view, asked),
            saved=showing.saved(view, asked, look),
            actions=showing.actions(view, [], look),
        )

    async def find(self, request: Request) -> Response:
        """Take what a list was asked, and go on to its page: what was typed stands in no address. S0-3.2.3"""
        visit, view = Visit(request), self.view_of(request)
        sent = await visit.form()
        return visit.go(listing.posted(view, {name: chosen(sent, name) for name in sent}, visit.hide))

    @login_required
    async def details(self, request: Request) -> Response:
        """One row, with what belongs to it."""
        visit, view = Visit(request), self.view_of(request)
        async with visit.look() as work:
            look = self.look(visit, work)
            row = await view.one(work, request.path_params["pk"], *view.detail_loads)
            panels = [showing.panel(one, look) for one in await view.panels(work, row)]
            past = await history.of(work, row) if view.has_history else []
        return self.page(
            visit,
            "details",
            view=view,
            row=row,
            groups=showing.groups(view, row, look),
            panels=panels,
            past=past,
            actions=showing.actions(view, [row], look),
        )

    @login_required
    async def create(self, request: Request) -> Response:
        """A form for a new row, and taking it."""
        visit, view = Visit(request), self.view_of(request)
        form_class = view.new_form or await view.scaffold_form()
        if request.method == "GET":
            told = view.lookups() and request.query_params
            form = form_class(told or None)
            return await self.form(visit, view, form)
        form = form_class(await visit.form())
        try:
            forms.check(form)
            row = await view.insert_model(request, forms.given(form))
        except NotAccepted as refused:
            return await self.form(visit, view, form, status=refused.status, errors=refused.fields)
        return visit.go(f"/admin/{view.address}/details/{row.id}", f"The {view.thing} is saved.")

    @login_required
    async def edit(self, request: Request) -> Response:
        """A form for a row, and taking it."""
        visit, view, pk = Visit(request), self.view_of(request), request.path_params["pk"]
        form_class = await view.scaffold_form()
        async with visit.look() as work:
            row = await view.one(work, pk, *view.detail_loads)
        if request.method == "GET":
            return await self.form(visit, view, form_class(data=view.typed(row)), row=row)
        sent = await visit.form()
        form = form_class(sent)
        try:
            forms.check(form)
            await view.update_model(request, pk, {**forms.given(form), "version": forms.version(row, sent)})
        except NotAccepted as refused:
            return await self.form(
                visit,
                view,
                form,
                row=row,
                version=forms.version(row, sent),
                status=refused.status,
                errors=refused.fields,
            )
        except Conflict as second:
            return await self.form(visit, view, form, row=row, status=second.status, conflict=second)
        return visit.go(f"/admin/{view.address}/details/{row.id}", f"The {view.thing} is saved.")

    async def form(
        self,
        visit: Visit,
        view: DeskView,
        form: Any,
        *,
        row: Any = None,
        version: int | None = None,
        status: int = 200,
        errors: dict[str, str] | None = None,
        conflict: Conflict | None = None,
    ) -> Response:
        """The form as it stands, with what is wrong and what somebody else saved in between."""
        async with visit.look() as work:
            await view.prepare(form, work)
        labels = {field.name: str(field.label.text) for field in form}
        return self.page(
            visit,
            "create" if row is None else "edit",
            status=status,
            view=view,
            row=row,
            fields=forms.shown(form),
            version=version or getattr(row, "version", None),
            errors={name: errors[name] for name in errors} if errors else {},
            labels=labels,
            conflict=conflict,
            differences=forms.differences(conflict, labels) if conflict else [],
        )

    async def insert(self, view: DeskView, request: Request, data: dict[str, Any]) -> Any:
        """Create a row by the view's deed, in one transaction. Raises DeskError in the desk's words."""
        visit = Visit(request)
        try:
            async with visit.work() as work:
                return await view.make(work, data)
        except IntegrityError:
            raise NotAccepted.of({"": "There is one like this already."}) from None

    async def update(self, view: DeskView, request: Request, pk: str, data: dict[str, Any]) -> Any:
        """Change a row by the view's deed. Raises Conflict when somebody saved since the form was opened."""
        visit = Visit(request)
        version = data.pop("version")
        try:
            async with visit.work() as work:
                row = await view.one(work, pk)
                await view.amend(work, row, version, data)
                return row
        except IntegrityError:
            raise NotAccepted.of({"": "There is one like this already."}) from None
        except StaleDataError:
            raise Conflict("Somebody saved this in the same moment. Nothing was overwritten.") from None

    @login_required
    async def export(self, request: Request) -> Response:
        """The rows of the list as it is narrowed, as CSV; noted in the audit trail before the first row leaves."""
        view = self.view_of(request)
        if request.path_params["export_type"] != "csv":
            raise NotFound
        visit = Visit(request)
        try:
            return await exporting.answer(view, visit)
        except NotAccepted as refused:
            sent = await visit.form()
            typed = {name: chosen(sent, name) for name in disclosures.ASKED}
            question = exporting.narrowed_by(sent)
            return await self.listed(visit, view, question, typed=typed, errors=refused.fields)

    async def act(self, view: DeskView, request: Request, action: Action) -> Response:
        """Do an action on the chosen rows: all of them, or none."""
        visit = Visit(request)
        sent = await visit.form()
        keys = list(dict.fromkeys(str(one) for one in sent.getlist("id")))
        if not keys or len(keys) > MOST_CHOSEN:
            raise NotAccepted(id=f"Choose at least one {view.thing} and at most {MOST_CHOSEN}.")
        reason = chosen(sent, "reason")[:500]
        if action.asks and not reason:
            raise NotAccepted(reason=f"{action.asks}: please say it in a few words.")
        refuse_card_numbers(reason=reason)
        async with visit.work() as work:
            for pk in keys:
                await action.do(view, work, await view.one(work, pk), reason)
        back = (
            f"/admin/{view.address}/details/{keys[0]}"
            if sent.get("from") == "details" and not action.gone
            else f"/admin/{view.address}/list"
        )
        return visit.go(
            back, f"{len(keys)} {view.thing if len(keys) == 1 else view.title.lower()} {action.done}."
        )

    @login_required
    async def ajax_lookup(self, request: Request) -> Response:
        """A few rows of a related table, by the first letters; by the same row rule as its list."""
        visit, view = Visit(request), self.view_of(request)
        sent = await visit.form()
        model = view.lookups().get(chosen(sent, "name"))
        term = chosen(sent, "term").replace("\x00", "").strip()[:100]
        if model is None or not term:
            raise NotFound
        async with visit.look() as work:
            statement = rows.narrowed(work.actor, model, forms.beginning(model, term)).limit(FOUND)
            found = (await work.session.scalars(statement)).all()
        return JSONResponse({"results": [{"id": str(one.id), "text": str(one)} for one in found]})


def doors(views: Sequence[type[DeskView]]) -> list[tuple[str, str, Permission]]:
    """Every admin address of these views: method, path, permission."""
    own: list[tuple[str, str, Permission]] = [
        ("GET", "/admin/", Open.SIGNED_IN),
        ("GET", "/admin/statics/{path:path}", Open.PUBLIC),
    ]
    return own + [door for view in views for door in view.doors()]


__all__ = ["DeskAdmin", "doors"]
