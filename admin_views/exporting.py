"""A table as a file: row by row, as the list is narrowed, and never more than the person may see."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from starlette.datastructures import FormData
from starlette.responses import Response, StreamingResponse

from admin_views import listing
from admin_views.base import DeskView
from admin_views.columns import Column, Look
from portal.cells import csv_cell
from portal.desk import audit, disclosures
from portal.web import Visit, chosen

BATCH = 500
"""Rows held in memory at a time. Each batch is a short transaction of its own: nobody waits for a slow reader."""


def of_customers(view: DeskView) -> bool:
    """Whether what is taken away tells of customers: then it stands in the register of disclosures."""
    return disclosures.tells_of_customers(view.model)


def narrowed_by(sent: FormData) -> dict[str, str]:
    """How the list was narrowed, of what the form sent."""
    return {name: str(value) for name, value in sent.items() if name not in disclosures.ASKED}


async def answer(view: DeskView, visit: Visit) -> Response:
    """Write down who takes what, then send it. The file's name says how many rows it holds. S4-3.3

    Raises NotAccepted with a message for each field of the form.
    """
    sent = await visit.form()
    given = disclosures.read(
        {name: chosen(sent, name) for name in disclosures.ASKED}, of_customers=of_customers(view)
    )
    asked_for = narrowed_by(sent)
    async with visit.work() as work:
        look = Look(visit.person, work.now, visit.person.zone)
        asked = listing.read(view, asked_for, look, visit)
        narrowed, _, _ = await listing.conditions(view, work, asked, look, whole=True)
        total = await work.session.scalar(select(func.count()).select_from(view.model).where(*narrowed)) or 0
        narrow = ", ".join(f"{name} {value}" for name, value in asked.told.items())
        disclosures.exported(work, given, f"{view.title}{f' ({narrow})' if narrow else ''}", total)
        told = {"export": {"rows": [None, total], "asked": [None, asked.told]}}
        await audit.record(work, f"export {view.title.lower()}", reason=given.reason, changes=told)
    columns = view.shown(look)
    name = f"{view.address}-{look.now:%Y-%m-%d}-{total}-rows.csv"
    return StreamingResponse(
        _lines(view, visit, asked, narrowed, columns, look),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _lines(
    view: DeskView,
    visit: Visit,
    asked: listing.Asked,
    narrowed: list[ColumnElement[bool]],
    columns: tuple[Column, ...],
    look: Look,
) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(
        [column.label for column in columns]
    )  # spreadsheets read UTF-8 by this mark
    order = listing.ordering(view, asked.sort)
    place: tuple[Any, ...] | None = None
    while True:
        async with visit.look() as work:
            statement = select(*view.pk_columns, *order).where(*narrowed)
            if place is not None:
                here = tuple_(*order)
                there = tuple_(
                    *(literal(value, column.type) for value, column in zip(place, order, strict=True))
                )
                statement = statement.where(here < there if asked.descending else here > there)
            by = [column.desc() if asked.descending else column.asc() for column in order]
            found = (await work.session.execute(statement.order_by(*by).limit(BATCH))).all()
            wide = len(view.pk_columns)
            rows = await listing.load(view, work, [tuple(row[:wide]) for row in found])
        if rows:
            yield b"".join(_line([column.plain(row, look) for column in columns]) for row in rows)
        if len(found) < BATCH:
            return
        place = tuple(found[-1][wide:])


def _line(values: list[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(value) for value in values])
    return out.getvalue().encode()
