"""The desk's own questions in a contact: checked, brought into the one text that is stored, and shown. S1-6.2"""

from __future__ import annotations

from typing import Any

from portal.desk import announcements, fields
from portal.desk.errors import NotAccepted
from portal.desk.fields import books
from portal.desk.kinds import Kind, Run, Typed
from portal.desk.scripts import Step
from portal.desk.work import Work


async def checked(work: Work, run: Run, step: Step, kind: Kind, kept: Typed, passing: Typed) -> Typed:
    """Give the answers as they are stored, those to the desk's own questions each in its one text.

    Reads the books for products, orders and open times alone. Raises NotAccepted with a message per field.
    """
    terms = books.terms_of(work, run.caller.country if run.caller else "", run.announced)
    problems = kind.problems(run, step, {**kept, **passing}, terms)
    asked = [one for one in step.asks(run.answers) if one.name in kept]
    own = fields.kept(asked, kept, terms)
    right = [one for one in asked if one.name not in problems]
    wrong, spelt = await books.checked(work, right, own, run.caller.id if run.caller else None)
    if problems or wrong:
        raise NotAccepted.of({**problems, **wrong})
    names = {one.name for one in asked}
    return {**{name: value for name, value in kept.items() if name not in names}, **own, **spelt}


async def facts(work: Work, run: Run, step: Step) -> dict[str, dict[str, Any]]:
    """Give what the controls of the step's own questions show, by name: nothing to read for plain ones."""
    asked = step.asks(run.answers)
    found = await books.facts(work, asked, run.typed(step.key), run.caller.id if run.caller else None)
    if owed := [one.name for one in asked if one.kind == "announcement"]:
        words = await announcements.words_of(work, run.announced, run.language) if run.announced else ""
        for name in owed:
            found[name] |= {"key": run.announced, "words": words, "language": run.language}
    return found
