"""A small house of scripts that nothing is wrong with: each test breaks one thing in it."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from typing import Any

import portal.desk.kinds  # noqa: F401 - fills in what the kinds guarantee
from models.words import CaseKind, Role
from portal.desk.scripts.linting import Context, Finding, lint

OPENING = """
script = "opening"
title.en = "New contact"
title.de = "Neuer Kontakt"
[[steps]]
key = "greet"
kind = "say"
name.en = "Greet"
name.de = "Begrüßen"
title.en = "Have you greeted the customer?"
title.de = "Ist die Kundin begrüßt?"
clauses = ["S0-3.1.1a"]
say.en.any = "Good {daytime}, {company}."
say.de.any = "Guten Tag, {company}."
[[steps]]
key = "about"
kind = "situation"
name.en = "What is it"
name.de = "Worum geht es"
title.en = "What is it about?"
title.de = "Worum geht es?"
"""
COMPLAINT = """
script = "complaint"
title.en = "Handle a complaint"
title.de = "Eine Beschwerde bearbeiten"
[[steps]]
key = "statement"
kind = "statement"
name.en = "Listen"
name.de = "Zuhören"
title.en = "What happened?"
title.de = "Was ist geschehen?"
needs = ["about"]
clauses = ["S0-3.4.1", "S3-4.1.1"]
[[steps.ask]]
name = "noise"
kind = "choice"
label.en = "What did it sound like?"
label.de = "Wie hat es geklungen?"
choices = [
  {value = "bang", label.en = "A bang", label.de = "Ein Knall"},
  {value = "hiss", label.en = "A hiss", label.de = "Ein Zischen"},
]
[[steps.ask]]
name = "paid"
kind = "money"
label.en = "What did it cost?"
label.de = "Was hat es gekostet?"
[[steps]]
key = "photo"
kind = "ask"
name.en = "Photo"
name.de = "Foto"
title.en = "Is there a photo?"
title.de = "Gibt es ein Foto?"
required = false
when = [{step = "statement", field = "noise", test = "is", values = ["bang"]}]
[[steps]]
key = "options"
kind = "options"
name.en = "Solutions"
name.de = "Lösungen"
title.en = "What can you offer?"
title.de = "Was können Sie anbieten?"
clauses = ["S3-4.1.3a"]
[[steps]]
key = "settle"
kind = "settle"
name.en = "Settle"
name.de = "Erledigen"
title.en = "Is it solved?"
title.de = "Ist es gelöst?"
clauses = ["S3-4.1.4"]
"""
CLOSING = """
script = "closing"
title.en = "Goodbye"
title.de = "Abschied"
[[steps]]
key = "summary"
kind = "summary"
name.en = "Summary"
name.de = "Zusammenfassung"
title.en = "What was agreed?"
title.de = "Was ist vereinbart?"
[[steps]]
key = "close"
kind = "close"
name.en = "Goodbye"
name.de = "Abschied"
title.en = "Has everything been asked?"
title.de = "Ist alles gefragt?"
clauses = ["S2-10.2"]
"""

Document = dict[str, Any]
PACK: dict[str, Document] = {
    document["script"]: document for document in map(tomllib.loads, (OPENING, COMPLAINT, CLOSING))
}
CLAUSES = frozenset({"S0-3.1.1a", "S0-3.4.1", "S3-4.1.1", "S3-4.1.3a", "S3-4.1.4", "S2-10.2"})


def script(name: str) -> Document:
    """A copy of one of the scripts, to be broken."""
    return deepcopy(PACK[name])


def step(document: Document, key: str) -> Document:
    return next(one for one in document["steps"] if one["key"] == key)


def context(**changes: Any) -> Context:
    """What the linter knows of this house."""
    told: dict[str, Any] = {
        "documents": PACK,
        "pack": PACK,
        "clauses": CLAUSES,
        "staffed": frozenset(Role),
        "called": dict.fromkeys(CaseKind, (Role.SUPERVISOR, Role.MANAGER)),
        "templates": frozenset({"case-answer"}),
        "articles": {"returns": True, "old-returns": False},
        **changes,
    }
    return Context(**told)


def findings(document: Document, **changes: Any) -> list[Finding]:
    return lint(document, context(**changes))


def texts(en: str, de: str = "") -> dict[str, str]:
    return {"en": en, "de": de or en}


def plain(key: str, kind: str = "ask", **more: Any) -> Document:
    """A step that nothing is wrong with."""
    return {"key": key, "kind": kind, "name": texts(key.title()), "title": texts("Is it so?"), **more}


def asks_if(step: str, field: str, *values: str, test: str = "is") -> Document:
    return {"step": step, "field": field, "test": test, "values": list(values)}


Found = tuple[bool, str, str, str]
"""Whether it stops, the step, the field and the words."""


def told(found: list[Finding]) -> list[Found]:
    return [(one.stops, one.step, one.field, one.words) for one in found]
