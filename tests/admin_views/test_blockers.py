"""What the library would let pass, tried against the admin as it stands: each trap with its negative test."""

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from sqladmin import ModelView
from sqlalchemy import func, inspect, select
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Mount

from admin_views.base import DEED, DeskView
from admin_views.forms import MOST_OPTIONS, LookupField
from admin_views.policy import CalendarView
from admin_views.registry import VIEWS
from models import AuditEntry, BusinessCalendar, Case, Customer, Message
from models.words import MessageStatus
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.work import SYSTEM, Desk, Work
from tests.admin_views.story import lived
from tests.admin_views.test_exports import WHY
from tests.cast import ADA, ANA, CORA, FIN, MARA, SAM
from tests.house.source import ROOT
from tests.shop import CHAIR, stocked
from tests.visits import Visitor

WRONG_KEYS = [
    "abc", "1.5", "0", "-1", "+1", "1;2", "1,2", " 1", "%201", "\uff11", "2147483648", "9223372036854775808",
    "9" * 400, "1'--", "..%2f1", "None",
]  # fmt: skip


async def test_a_file_of_this_machine_cannot_be_read_through_a_row(visitor: Visitor, desk: Desk) -> None:
    """The library serves the file whose path is a column's value; the routes are gone and the method is shut."""
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.name = "pyproject.toml"
        await audit.record(work, "rename", ana)
    mara = await visitor(MARA)
    answers = [
        (await mara.get(f"/admin/customers/{ANA}/{column}/{way}/")).status_code
        for column in ("name", "note", "id")
        for way in ("preview", "download")
    ]
    assert answers == [404] * 6
    for view in VIEWS:
        with pytest.raises(HTTPException):
            await view().get_object_filepath("1", "name")


async def test_nothing_is_ever_deleted(visitor: Visitor, desk: Desk) -> None:
    """S0-5.1a"""
    day = await lived(desk)
    mara = await visitor(MARA)
    answers = set()
    for view in VIEWS:
        for pks in (f"?pks={day.of(view.address)}", "", "?pks=", "?pks=1?pks=1,2", "?pks=abc"):
            answers.add((await mara.delete(f"/admin/{view.address}/delete{pks}")).status_code)
        assert view.can_delete is False
        for shut in (view().delete_model(None, "1"), view().get_object_for_delete("1")):  # type: ignore[arg-type] # no request is needed to refuse
            with pytest.raises(HTTPException):
                await shut
    assert answers == {404}
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Case)) == 3


async def test_no_link_changes_anything(visitor: Visitor, desk: Desk) -> None:
    """A deed is a POST; asked for by GET, from here or from elsewhere, nothing happens."""
    day = await lived(desk)
    sam = await visitor(SAM)
    for name in ("send-again", "discard"):
        address = f"/admin/messages/do/{name}?id={day.dead}&pks={day.dead}"
        assert (await sam.get(address)).status_code == 405
        assert (await sam.get(f"/admin/messages/action/{name}?pks={day.dead}")).status_code == 404
    assert await status(desk, day.dead) is MessageStatus.DEAD
    for view in VIEWS:
        marked = [getattr(view, name, None) for name in dir(view)]
        assert not [one for one in marked if getattr(one, "_action", False)]
        assert all(getattr(one, "_methods", None) == ["POST"] for one in marked if getattr(one, DEED, None))


async def status(desk: Desk, message: int) -> MessageStatus:
    async with desk.look(SYSTEM) as work:
        return (await work.session.get_one(Message, message)).status


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": ""},
    ],
)
async def test_another_site_writes_nothing(visitor: Visitor, desk: Desk, headers: dict[str, str]) -> None:
    day = await lived(desk)
    mara = await visitor(MARA)
    writes = [
        f"/admin/{view.address}/{what}"
        for view in VIEWS
        for what in (
            f"edit/{day.of(view.address)}", "create", "export/csv", *(f"do/{one.name}" for one in view.actions()),
        )
    ]  # fmt: skip
    before = await trail(desk)
    answers = {(await mara.post(at, headers=headers, data={"id": "1"})).status_code for at in writes}
    assert answers == {403}
    assert await trail(desk) == before


async def trail(desk: Desk) -> int:
    """How many deeds are written down."""
    async with desk.look(SYSTEM) as work:
        return await work.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_sqlalchemy_is_asked_for_with_what_the_library_needs_of_it() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [one for one in wanted if one.startswith("sqlalchemy")] == ["sqlalchemy[asyncio]>=2.1.9,<2.2"]
    assert [one for one in wanted if one.startswith("sqladmin")] == ["sqladmin[auth]==0.32.0"]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
async def test_a_form_holds_only_its_own_short_fields(view: type[DeskView]) -> None:
    """No to-many, no relation that loads a whole table, nothing that was not named."""
    assert bool(view.form_columns) is (view.can_edit or view.can_create)
    assert (view.can_edit or view.can_create) is (view.form is not None)
    if view.form is None:
        return
    relations: Any = inspect(view.model).relationships
    for form_class in filter(None, (view.form, view.new_form)):
        form = form_class()
        assert {field.name for field in form} <= set(map(str, view.form_columns))
        for field in form:
            assert len(list(getattr(field, "choices", None) or ())) <= MOST_OPTIONS
            assert field.name not in relations or isinstance(field, LookupField)
            assert field.name in view.lookups() or not isinstance(field, LookupField)
            assert not getattr(relations.get(field.name), "uselist", False)
            assert type(field).__module__.startswith(("wtforms.fields.", "admin_views.forms"))


async def test_the_library_itself_scaffolds_no_other_form(app: Starlette) -> None:
    del app  # building it gives the views their sessions
    for view in VIEWS:
        if view.form is not None:
            assert await view().scaffold_form() is view.form
        assert issubclass(view, ModelView)


class Clumsy(CalendarView, model=BusinessCalendar):
    """A view whose deed forgot to look whether there is one already."""

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        del data
        again = BusinessCalendar(name="Desk", zone="UTC", hours="Mo 09:00-10:00", changed_at=work.now)
        work.session.add(again)
        await audit.record(work, "add calendar", again)
        return again


async def test_an_error_of_the_database_is_told_in_our_words(app: Starlette) -> None:
    """The library shows the statement with its values; here nothing of it leaves the house."""
    gate: Any = next(route.app for route in app.routes if isinstance(route, Mount) and route.path == "/admin")
    site = next(route for route in gate.routes if route.name == "export").endpoint.__self__
    request = Request(
        {"type": "http", "app": app, "actor": MARA, "method": "POST", "path": "/", "headers": []}
    )
    with pytest.raises(NotAccepted) as refused:
        await site.insert(Clumsy(), request, {})
    assert refused.value.message == "There is one like this already."
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("on_hand", "99999999999999999999", "At most 2,147,483,647."),
        ("on_hand", "five", "Not a valid integer value."),
        ("name", "Chair\0", "This holds a sign that cannot be stored. Type it anew."),
        ("price", "NaN", "Write an amount in EUR such as 12.50."),
        ("price", "12.345", "Write an amount in EUR such as 12.50."),
        ("price", "99999999999999", "That is more than one unit can cost here."),
        ("sku", "x" * 61, "Field cannot be longer than 60 characters."),
    ],
)
async def test_what_a_column_cannot_hold_is_told_beside_the_field(
    visitor: Visitor, desk: Desk, field: str, typed: str, told: str
) -> None:
    await stocked(desk)
    mara = await visitor(MARA)
    form = {"version": "1", "sku": "CH-1", "name": "Chair", "price": "49.90", "currency": "EUR", field: typed}
    answer = await mara.post(f"/admin/products/edit/{CHAIR}", data=form)
    assert (answer.status_code, told in answer.text) == (422, True)
    for secret in ("UPDATE", "sqlite3", "asyncpg", "Traceback"):
        assert secret not in answer.text


@pytest.mark.parametrize("key", WRONG_KEYS)
async def test_a_key_that_cannot_be_one_is_nothing(visitor: Visitor, key: str) -> None:
    mara = await visitor(MARA)
    answers = set()
    for view in VIEWS:
        ways = ["details", *(["edit"] if view.edit and MARA.permissions.issuperset(view.edit) else [])]
        for way in ways if view.has_details else []:
            answers.add((await mara.get(f"/admin/{view.address}/{way}/{key}")).status_code)
    assert answers == {404}


@pytest.mark.parametrize(
    "ids", [[], [""], ["abc"], ["1,2"], ["1?pks=1"], ["999999"], ["9223372036854775808"], ["1"] * 2000]
)
async def test_a_choice_that_cannot_be_one_does_nothing(visitor: Visitor, desk: Desk, ids: list[str]) -> None:
    day = await lived(desk)
    sam = await visitor(SAM)
    if ids == ["1"] * 2000:
        ids = [str(day.dead + number) for number in range(200)]
    answer = await sam.post(
        "/admin/messages/do/discard", data={"id": [*ids, *([str(day.dead)] if ids == ["999999"] else [])]}
    )
    assert answer.status_code in {404, 422}
    assert await status(desk, day.dead) is MessageStatus.DEAD


async def test_a_double_click_does_it_once(visitor: Visitor, desk: Desk) -> None:
    day = await lived(desk)
    sam = await visitor(SAM)
    answer = await sam.post("/admin/messages/do/discard", data={"id": [str(day.dead), str(day.dead)]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/messages/list")
    assert "1 message will not be sent." in (await sam.get("/admin/messages/list")).text
    assert await status(desk, day.dead) is MessageStatus.DISCARDED


class TestHiddenRows:
    """A row that the row rule hides is nowhere: not in a list, a count, a search, a page, an export, a deed."""

    async def test_a_legal_case_is_for_managers(self, visitor: Visitor, desk: Desk) -> None:
        day = await lived(desk)
        mara, sam = await visitor(MARA), await visitor(SAM)
        for browser, seen in ((mara, True), (sam, False)):
            page = (await browser.get("/admin/cases/list")).text
            found = (await browser.get("/admin/cases/list?search=ana")).text
            details = (await browser.get(f"/admin/cases/details/{day.secret}")).status_code
            export = (await browser.post("/admin/cases/export/csv", data=WHY)).text
            assert ["A lawyer writes" in text for text in (page, found, export)] == [seen] * 3
            assert details == (200 if seen else 404)
            assert ("3 rows" in page, "2 rows" in page) == (seen, not seen)
        assert (await sam.get("/admin/cases/list?view=restricted")).status_code == 400

    async def test_finance_sees_payment_issues_alone(self, visitor: Visitor, desk: Desk) -> None:
        day = await lived(desk)
        fin = await visitor(FIN)
        page = (await fin.get("/admin/cases/list")).text
        assert ("Paid twice" in page, "A cracked chair" in page) == (True, False)
        assert (await fin.get(f"/admin/cases/details/{day.complaint}")).status_code == 404
        assert "A cracked chair" not in (await fin.post("/admin/cases/export/csv", data=WHY)).text
        assert "A cracked chair" not in (await fin.get(f"/admin/orders/details/{day.order}")).text

    async def test_everyone_has_their_own_contacts(self, visitor: Visitor, desk: Desk) -> None:
        day = await lived(desk)
        cora, sam = await visitor(CORA), await visitor(SAM)
        assert "HT-25-000002-2" not in (await cora.get("/admin/contacts/list")).text
        assert "Nothing matches." in (await cora.get("/admin/contacts/list?search=HT-25-000002-2")).text
        assert (await cora.get(f"/admin/contacts/details/{day.cems_contact}")).status_code == 404
        assert "HT-25-000002-2" in (await sam.get("/admin/contacts/list")).text

    async def test_a_message_about_a_legal_case_is_not_touched(self, visitor: Visitor, desk: Desk) -> None:
        """All chosen rows, or none: the one Sam may see stays as it is beside the one he may not."""
        day = await lived(desk)
        async with desk.work(SYSTEM) as work:
            hidden = await work.session.get_one(Message, day.dead)
            twin = Message(
                once="twin", template=hidden.template, audience=hidden.audience, to_address="a@example.com",
                subject="Legal", body_text="", body_html="", message_id="<twin@example.com>", case_id=day.secret,
                status=MessageStatus.DEAD, created_at=work.now + timedelta(seconds=1),
            )  # fmt: skip
            work.session.add(twin)
            await audit.record(work, "write", twin)
        sam = await visitor(SAM)
        answer = await sam.post("/admin/messages/do/discard", data={"id": [str(day.dead), str(twin.id)]})
        assert answer.status_code == 404
        assert [await status(desk, one) for one in (day.dead, twin.id)] == [MessageStatus.DEAD] * 2
        assert "Legal" not in (await sam.get("/admin/messages/list")).text

    async def test_the_trail_of_a_legal_case_is_as_secret_as_the_case(
        self, visitor: Visitor, desk: Desk
    ) -> None:
        await lived(desk)
        ada, mara = await visitor(ADA), await visitor(MARA)
        assert "A lawyer writes" not in (await ada.post("/admin/audit/export/csv", data=WHY)).text
        lists = [(await one.get("/admin/audit/list?size=100")).text.count("open case") for one in (ada, mara)]
        assert lists == [2, 3]


async def test_a_lookup_answers_by_first_letters_and_nothing_else(visitor: Visitor) -> None:
    mara, sam = await visitor(MARA), await visitor(SAM)
    at = "/admin/calendar-days/ajax/lookup"
    assert (await mara.post(at, data={"name": "calendar", "term": "De"})).json() == {
        "results": [{"id": "1", "text": "Desk"}]
    }
    for nothing in ("%", "_", "esk", "\\"):
        assert (await mara.post(at, data={"name": "calendar", "term": nothing})).json() == {"results": []}
    for wrong in (
        {"name": "calendar"},
        {"name": "secret", "term": "a"},
        {"term": "a"},
        {"name": "days", "term": "a"},
    ):
        assert (await mara.post(at, data=wrong)).status_code == 404
    assert (await sam.post(at, data={"name": "calendar", "term": "De"})).status_code == 403
    assert (await mara.get(f"{at}?name=calendar&term=De")).status_code == 405
