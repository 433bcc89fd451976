"""A script as a picture and as a list, both drawn from its data: steps downwards, branches as arrows with words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.desk import trees
from portal.desk.errors import NotFound
from portal.desk.permissions import May
from portal.desk.scripts import composing
from portal.desk.scripts.document import Document, options_in, text_in
from portal.desk.scripts.pack import pack
from portal.desk.scripts.phrases import ENGLISH, Told, key_of, name_of, steps_of, title_of
from portal.desk.scripts.sheet import Sheet, more_of
from portal.desk.scripts.steps import END, OPENING, SCRIPTS
from portal.desk.scripts.traffic import Counts, counts
from portal.desk.scripts.ways import Arrow, Row, Stretch, arrows, stretches, tree_rows
from portal.desk.work import Work

__all__ = ["Counts", "Drawing", "Item", "counts", "diagram", "drawn", "in_force"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list, with what belongs under it."""

    words: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A script drawn: the same as an SVG, as arrows and as a list."""

    title: str
    svg: str
    """Safe to be put into a page as it is: every word in it is escaped."""
    arrows: tuple[Arrow, ...]
    items: tuple[Item, ...]


def diagram(
    document: Told,
    counted: Mapping[str, Counts] | None = None,
    *,
    before: tuple[Told, ...] = (),
    language: str = ENGLISH,
) -> Drawing:
    """Draw one script. `before` are the steps of the opening, for conditions that ask about them."""
    known = {key_of(step): step for step in (*before, *steps_of(document))}
    title = title_of(document, language)
    ways = tuple(arrows(document, known, language))
    gathered = stretches(document, known, language)
    sheet = Sheet(str(document.get("script", "script")), title, ways, dict(counted or {}), language)
    sheet.draw(gathered)
    return Drawing(title, sheet.svg(), ways, _listed(gathered, ways, known, sheet))


async def in_force(work: Work) -> dict[str, Document]:
    """Every script that contacts begin with now, in the order of a contact; the product's own where none is published."""
    return documents_of(work, await composing.in_force(work))


def documents_of(work: Work, published: Mapping[str, composing.InForce]) -> dict[str, Document]:
    """The same for versions that were read already."""
    documents = composing.shelf_of(work).documents
    found = {**pack(), **{script: documents[one.id] for script, one in published.items()}}
    return {script: found[script] for script in SCRIPTS if script in found}


async def drawn(work: Work, script: str) -> Drawing:
    """Draw the version of a script that is in force, with its live counts. Raises NotFound."""
    work.require(May.SEE_LIBRARY)
    documents = await in_force(work)
    if script not in documents:
        raise NotFound("There is no such script in force.")
    before = steps_of(documents[OPENING].told) if script != OPENING else []
    return diagram(
        documents[script].told,
        await counts(work, script),
        before=tuple(before),
        language=work.terms.language,
    )


def _listed(
    gathered: list[Stretch], ways: tuple[Arrow, ...], known: Mapping[str, Told], sheet: Sheet
) -> tuple[Item, ...]:
    """The same as the picture, in words: every step with where it leads."""
    found: list[Item] = []
    for stretch in gathered:
        steps = tuple(_item(step, ways, known, sheet) for step in stretch.steps)
        found += [Item(f"Only if {stretch.words}:", steps)] if stretch.words else steps
    return tuple(found)


def _item(step: Told, ways: tuple[Arrow, ...], known: Mapping[str, Told], sheet: Sheet) -> Item:
    key, language = key_of(step), sheet.language
    counted = sheet.counted.get(key, Counts())
    told = [f"{name_of(step, language)}: {text_in(step.get('title'), language)} ({more_of(step)})"]
    told += [f"{counted.here} here now"] if counted.here else []
    told += [f"{counted.left} left here in the last 30 days"] if counted.left else []
    inner = [
        Item(
            f"{f'If {one.words}, on' if one.words else 'Always on'} to "
            f"{'the end' if one.target == END else name_of(known[one.target], language)}"
        )
        for one in ways
        if one.kind == "jump" and one.source == key
    ]
    inner += [
        Item(tree.name, tuple(nested(list(tree_rows(tree)), 0)))
        for tree in trees.read(options_in(step.get("options", {}), language))
    ]
    return Item(". ".join(told), tuple(inner))


def nested(rows: list[Row], depth: int) -> Iterator[Item]:
    """The rows of a tree as lists within lists."""
    heads = [at for at, row in enumerate(rows) if row.depth == depth]
    for at, end in zip(heads, [*heads[1:], len(rows)], strict=False):
        row = rows[at]
        words = f"{row.answer}: {row.words}" if row.answer else row.words
        yield Item(words, tuple(nested(rows[at + 1 : end], depth + 1)))
