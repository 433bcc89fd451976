"""What every admin view is and promises. The ten blockers of the library are closed here and in `site`.

A view says who may see, edit and create (`May`), which columns there are, and which deed of the desk a form
calls. It holds no rule and writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from sqladmin import ModelView, expose
from sqlalchemy import ColumnElement, Select, and_, inspect, select, tuple_
from sqlalchemy.orm import QueryableAttribute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form

from admin_views.columns import Column, Look, shown_to
from admin_views.filters import Filter, Saved
from portal.desk import rows
from portal.desk.errors import NotFound, WrongMoment
from portal.desk.permissions import May, Open
from portal.desk.work import Actor, Work

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_ID = 2**31 - 1
"""Beyond it PostgreSQL's integer cannot even be asked."""
DEED = "_desk_deed"


@dataclass(frozen=True, slots=True)
class Needs:
    """What an address asks of a person: every one of these permissions."""

    every: tuple[May, ...]

    def allows(self, actor: Actor) -> bool:
        return all(actor.may(one) for one in self.every)

    def __str__(self) -> str:
        return ", ".join(self.every)


Permission = Needs | Open
Do = Callable[[Any, Work, Any, str], Awaitable[None]]
"""View, work, row, reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A deed on chosen rows: a POST of its own, never a link. Closes the library's actions by GET."""

    name: str
    label: str
    allow: May
    do: Do
    done: str
    """What is said afterwards, behind the number of rows: `sent again`."""
    icon: str = ""
    asks: str = ""
    """A reason that has to be given, as the label of its field; empty for none."""
    when: Callable[[Any], bool] = lambda _row: True
    gone: bool = False
    """Whether the row is no longer there afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Related rows on a thing's page."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    empty: str
    to: str = ""
    """Address of the list whose rows these are."""
    more: str = ""


def post_action(name: str, label: str, **more: Any) -> Callable[[Do], Any]:
    """Make a method a deed on chosen rows, at `POST …/do/<name>`; `more` is what `Action` tells of it."""

    def wrap(do: Do) -> Any:
        action = Action(name=name, label=label, do=do, **more)

        async def act(view: DeskView, request: Request) -> Response:
            site: Any = view._admin_ref  # noqa: SLF001 - the library keeps the DeskAdmin there
            answer: Response = await site.act(view, request, action)
            return answer

        act._slug = name  # type: ignore[attr-defined]  # noqa: SLF001 - where the library looks for it
        setattr(act, DEED, action)
        return expose(f"/do/{name}", methods=["POST"])(act)

    return wrap


class DeskView(ModelView):
    """A table in the admin. Nothing is open that a view does not open, and nothing is ever deleted. Decision 20

    S0-2.2a
    """

    address: ClassVar[str]
    """Where it stands: /admin/<address>/list."""
    title: ClassVar[str]
    thing: ClassVar[str]
    """One row of it, in words: "customer"."""
    group: ClassVar[str] = "Desk"
    told: ClassVar[str] = ""
    """What it is for, on the first page."""

    see: ClassVar[May]
    edit: ClassVar[tuple[May, ...]] = ()
    """Empty: nobody, ever."""
    create: ClassVar[tuple[May, ...]] = ()
    has_details: ClassVar[bool] = True
    exports: ClassVar[bool] = True

    columns: ClassVar[tuple[Column, ...]]
    facts: ClassVar[tuple[tuple[str, tuple[Column, ...]], ...]] = ()
    """The groups of a thing's own page."""
    filters: ClassVar[tuple[Filter, ...]] = ()
    saved: ClassVar[tuple[Saved, ...]] = ()
    order: ClassVar[tuple[str, bool]] = ("id", True)
    """Column and whether it runs downwards."""
    loads: ClassVar[tuple[Any, ...]] = ()
    """Loader options for a list: to-one by join, wide texts left out."""
    detail_loads: ClassVar[tuple[Any, ...]] = ()

    finds: ClassVar[dict[str, Any]] = {}
    """Kinds of `portal.desk.search` and the column of this table that holds their ids."""
    exact: ClassVar[tuple[Any, ...]] = ()
    """Unique columns the whole search line may equal."""
    begins: ClassVar[tuple[Any, ...]] = ()
    """Columns of small tables the search line may begin."""
    finds_by: ClassVar[str] = ""
    """What can be searched for, in words."""
    empty: ClassVar[str] = "Nothing is here yet."
    has_history: ClassVar[bool] = True

    # The library's own switches, closed once for all.
    can_delete = False
    can_import = False
    can_create = False
    can_edit = False
    can_export = False
    save_as = False
    export_types = ["csv"]
    search_auto_submit = False
    column_filters = []
    column_searchable_list = []
    form_ajax_refs = {}
    form: ClassVar[type[Form] | None] = None
    new_form: ClassVar[type[Form] | None] = None
    """The form for a new row where it asks for more."""

    def __init_subclass__(cls) -> None:
        cls.can_create, cls.can_edit = bool(cls.create), bool(cls.edit)
        cls.can_export, cls.can_view_details = cls.exports, cls.has_details
        cls.name, cls.name_plural = cls.thing, cls.title
        super().__init_subclass__()

    @classmethod
    @cache
    def actions(cls) -> tuple[Action, ...]:
        """What this table's marked functions offer. Looked for once: every check of a permission asks."""
        found = (
            getattr(getattr(cls, name, None), DEED, None) for name in dir(cls) if not name.startswith("__")
        )
        return tuple(one for one in found if isinstance(one, Action))

    @classmethod
    def doors(cls) -> list[tuple[str, str, Permission]]:
        """Every address of this view: method, path, permission. What is not in here does not exist."""
        at = f"/admin/{cls.address}"
        see, edit, create = Needs((cls.see,)), Needs((cls.see, *cls.edit)), Needs((cls.see, *cls.create))
        doors: list[tuple[str, str, Permission]] = [("GET", f"{at}/list", see), ("POST", f"{at}/list", see)]
        if cls.has_details:
            doors.append(("GET", f"{at}/details/{{pk}}", see))
        if cls.create:
            doors += [(method, f"{at}/create", create) for method in ("GET", "POST")]
        if cls.edit:
            doors += [(method, f"{at}/edit/{{pk}}", edit) for method in ("GET", "POST")]
        if cls.exports:
            doors.append(("POST", f"{at}/export/csv", Needs((cls.see, May.EXPORT))))
        if cls.lookups():
            doors.append(("POST", f"{at}/ajax/lookup", edit if cls.edit else create))
        doors += [("POST", f"{at}/do/{one.name}", Needs((cls.see, one.allow))) for one in cls.actions()]
        return doors

    def allowed(self, actor: Actor, action: str) -> bool:
        """Whether this person may do one of the library's actions here. Anything unknown is refused."""
        needed: dict[str, tuple[May, ...]] = {"list": (self.see,)}
        if self.has_details:
            needed["details"] = (self.see,)
        if self.edit:
            needed["edit"] = (self.see, *self.edit)
        if self.create:
            needed["create"] = (self.see, *self.create)
        if self.exports:
            needed["export"] = (self.see, May.EXPORT)
        needed |= {f"action:{one.name}": (self.see, one.allow) for one in self.actions()}
        return action in needed and Needs(needed[action]).allows(actor)

    # Rows

    def rule(self, actor: Actor) -> ColumnElement[bool] | None:
        return rows.visible(actor, self.model)

    def key(self, pk: str) -> ColumnElement[bool]:
        """The condition of one primary key from an address. Raises NotFound for what cannot be one."""
        if not (pk.isascii() and pk.isdecimal() and len(pk) <= 10 and 0 < int(pk) <= LARGEST_ID):  # noqa: PLR2004 - digits of the largest
            raise NotFound
        column: Any = self.pk_columns[0]
        found: ColumnElement[bool] = column == int(pk)
        return found

    def _stmt_by_identifier(self, identifier: str) -> Select:  # type: ignore[type-arg]  # as the library has it
        return select(self.model).where(self.key(identifier))

    async def one(self, work: Work, pk: str, *loads: Any) -> Any:
        """The row, if this person may see it. Raises NotFound."""
        statement = rows.narrowed(work.actor, self.model, self._stmt_by_identifier(pk)).options(*loads)
        found = (await work.session.scalars(statement)).one_or_none()
        if found is None:
            raise NotFound
        return found

    def keyed(self, keys: Sequence[Any]) -> ColumnElement[bool]:
        """The condition for several primary keys, each as a row of its columns."""
        columns: Sequence[Any] = self.pk_columns
        if len(columns) == 1:
            found: ColumnElement[bool] = columns[0].in_([key[0] for key in keys])
            return found
        return tuple_(*columns).in_(keys)

    def attribute(self, name: str) -> QueryableAttribute[Any]:
        """The mapped attribute a sort names."""
        found: QueryableAttribute[Any] = inspect(self.model).all_orm_descriptors[name]
        return found

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Related rows for a thing's page."""
        return []

    def shown(self, look: Look) -> tuple[Column, ...]:
        return shown_to(self.columns, look.actor)

    def name_of(self, row: Any) -> str:
        """What one row is called at the top of its page."""
        return str(row)

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        """Links from a thing's page: to where it is worked on."""
        return []

    # Writes: the desk's own deeds

    def typed(self, row: Any) -> dict[str, Any]:
        """What the form holds when it opens."""
        return {name: getattr(row, name) for name in map(str, self.form_columns)}

    async def prepare(self, form: Form, work: Work) -> None:
        """Fill what a form shows from the desk: the name behind a chosen id."""

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        """Create a row by the desk's deed."""
        raise WrongMoment(f"A {self.thing} is not made here.")

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        """Change a row by the desk's deed."""
        raise WrongMoment(f"A {self.thing} is not changed here.")

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        """To-one fields of the form and the table they look in; only ever asked for by a few letters."""
        return {}

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:
        site: Any = self._admin_ref
        return await site.insert(self, request, data)

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:
        site: Any = self._admin_ref
        return await site.update(self, request, pk, data)

    # Locks behind the locks: doors that are gone stay shut should a later version open them again.

    async def delete_model(self, request: Request, pk: Any) -> None:
        raise HTTPException(404)

    async def get_object_for_delete(self, value: Any) -> Any:
        raise HTTPException(404)

    async def check_can_delete(self, request: Request, model: Any) -> bool:
        return False

    async def get_object_filepath(self, identifier: str, column_name: str) -> Path:
        raise HTTPException(404)

    def list_query(self, request: Request) -> Select:  # type: ignore[type-arg]  # as the library has it
        return rows.narrowed(request.scope["actor"], self.model, select(self.model))

    def form_details_query(self, request: Request) -> Select:  # type: ignore[type-arg]  # as above
        return rows.narrowed(
            request.scope["actor"], self.model, self._stmt_by_identifier(request.path_params["pk"])
        )

    form_edit_query = form_details_query

    def search_query(self, stmt: Select, term: str) -> Select:  # type: ignore[type-arg]  # as above
        raise HTTPException(404)


def all_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool] | None:
    return and_(*conditions) if conditions else None
