"""The library as a table, to read: writing happens on its own pages; and what each role may give away. S2-7.1, S2-5.5"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form, IntegerField, StringField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView, Panel
from models import Article, ArticleVersion, Mandate, Person, Product
from portal import showing
from portal.desk import mandates, rows
from portal.desk.money import percent
from portal.desk.permissions import May
from portal.desk.work import Actor, Work

SHOWN_VERSIONS = 60


class ArticleView(DeskView, model=Article):
    """Articles, policies and guides with who answers for them and how long they hold."""

    address, title, thing, group = "articles", "Articles", "article", "Policy"
    told = "What the library holds, who owns it and until when."
    see = May.SEE_LIBRARY
    order = ("id", False)
    columns = (
        c.text("slug", "Name"),
        c.word("kind", "Kind"),
        c.text("owner.name", "Owner"),
        c.text("product.sku", "Product"),
        c.day("valid_until", "Valid until"),
        c.moment("owner_told_at", "Owner told"),
        c.moment("retired_at", "Retired"),
    )
    loads = detail_loads = (
        joinedload(Article.owner).load_only(Person.id, Person.name),
        joinedload(Article.product).load_only(Product.id, Product.sku),
    )
    begins = (Article.slug,)
    finds_by = "name"
    empty = "The library is empty."

    def name_of(self, row: Any) -> str:
        return str(row.slug)

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        del actor  # whoever sees the table may read the library
        return [(f"/library/{row.slug}", "Open in the library")]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """Every version there ever was."""
        statement = (
            select(ArticleVersion)
            .where(ArticleVersion.article_id == row.id)
            .options(joinedload(ArticleVersion.written_by).load_only(Person.id, Person.name))
            .order_by(ArticleVersion.id.desc())
            .limit(SHOWN_VERSIONS)
        )
        found = await work.session.scalars(rows.narrowed(work.actor, ArticleVersion, statement))
        return [
            Panel(
                title="Versions",
                columns=(
                    c.text("language", "Language"),
                    c.number("number", "Version"),
                    c.text("title", "Title"),
                    c.text("written_by.name", "Written by"),
                    c.moment("published_at", "Published"),
                    c.text("note", "Note"),
                ),
                rows=found.all(),
                empty="Nothing is written yet.",
            )
        ]


class MandateForm(Form):  # type: ignore[misc]  # WTForms has no types
    goodwill_minor = IntegerField(
        "Goodwill at most",
        [InputRequired("Say how much.")],
        description="In minor units of the desk's currency: 2500 is 25.00.",
    )
    price = StringField(
        "Below the list price at most, in percent",
        [InputRequired("Say how far.")],
        description="Such as 7.5. Beyond it somebody else has to agree.",
    )
    note = StringField("Note", [Length(max=300)])


class MandateView(DeskView, model=Mandate):
    """How much somebody of a role may give without asking: goodwill, and off a price. S2-5.5, S1-4.2.1b"""

    address, title, thing, group = "mandates", "Mandates", "mandate", "Policy"
    told = "How much goodwill each role may give by itself, and how far below the list price."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.word("role", "Role"),
        c.number("goodwill_minor", "At most, in minor units"),
        c.made("price_bp", "Below the list price", lambda row: percent(row.price_bp), number=True),
        c.text("note", "Note"),
    )
    form = MandateForm
    form_columns = ["goodwill_minor", "price", "note"]

    def name_of(self, row: Any) -> str:
        return showing.word(row.role)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        changes = {"goodwill_minor": row.goodwill_minor, "note": row.note, **data}
        points = forms.share(data["price"], "price") if "price" in data else row.price_bp
        await mandates.change(
            work,
            row,
            version,
            goodwill_minor=changes["goodwill_minor"],
            price_bp=points,
            note=changes["note"] or "",
        )

    def typed(self, row: Any) -> dict[str, Any]:
        return {
            "goodwill_minor": row.goodwill_minor,
            "price": percent(row.price_bp).split()[0],
            "note": row.note,
        }
