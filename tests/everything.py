"""An opening with one more step, which asks a question of every kind; written and published by Mara."""

from copy import deepcopy
from typing import Any

from models import ScriptVersion
from portal.desk import fields, library, scripts
from portal.desk.scripts import publishing, versions, writing
from portal.desk.work import SYSTEM, Desk
from tests.cast import MARA

STEP = "everything"
CHOICES = [
    {"value": "red", "label": {"en": "Red", "de": "Rot"}},
    {
        "value": "green",
        "label": {"en": "Green", "de": "Grün"},
        "hint": {"en": "As grass.", "de": "Wie Gras."},
    },
    {"value": "blue", "label": {"en": "Blue", "de": "Blau"}},
]
OPTIONS: dict[str, dict[str, Any]] = {
    "number": {"min": 0, "max": 500, "places": 1, "unit": {"en": "km", "de": "km"}},
    "scale": {
        "min": 0,
        "max": 10,
        "low": {"en": "never", "de": "nie"},
        "high": {"en": "surely", "de": "sicher"},
    },
    "file": {"accept": ["image", "pdf"], "max": 2},
    "slot": {"count": 6},
}
ANSWERS: dict[str, str | list[str]] = {
    "a_text": "A short one",
    "a_long": "As long\nas it takes",
    "a_number": "12,5",
    "a_money": "19.90",
    "a_date": "2026-03-14",
    "a_slot": "2026-03-02T10:00:00+00:00",
    "a_choice": "green",
    "a_choices": ["red", "blue"],
    "a_yes_no": "yes",
    "a_tick": "yes",
    "a_scale": "9",
    "a_phone": "030 901820",
    "a_email": "ana@example.com",
    "a_address": "Example Street 1\n10115 Berlin",
    "a_product": "ch-1",
    "a_serial": "sn-0012",
    "several": "a_choices",
}
"""Right answers to every question but those for an order and a file."""


def question(kind: str, **more: Any) -> dict[str, Any]:
    """A question of a kind, in both languages."""
    told: dict[str, Any] = {
        "name": f"a_{kind}",
        "kind": kind,
        "label": {"en": f"Ask for {kind}", "de": f"Nach {kind} fragen"},
        "options": OPTIONS.get(kind, {}),
        **more,
    }
    if fields.FIELDS[kind].has_choices:
        told["choices"] = CHOICES
    return told


def step(*asked: dict[str, Any], key: str = STEP) -> dict[str, Any]:
    """A step that only asks."""
    return {
        "key": key,
        "kind": "ask",
        "name": {"en": "Everything", "de": "Alles"},
        "title": {"en": "What do we want to know?", "de": "Was wollen wir wissen?"},
        "ask": list(asked),
    }


def every_kind() -> list[dict[str, Any]]:
    """One question a kind; the yes or no has to be answered."""
    needed = {"required": {"en": "Say yes or no.", "de": "Sagen Sie ja oder nein."}}
    return [question(kind, **(needed if kind == "yes_no" else {})) for kind in fields.FIELDS]


async def published(desk: Desk, *steps: dict[str, Any]) -> ScriptVersion:
    """Put steps before the question what it is about, and publish. Without steps: one that asks everything."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        await library.install(work)
    async with desk.work(MARA) as work:
        version = await writing.draft(work, scripts.OPENING)
        document = deepcopy(dict(version.document))
        at = next(place for place, one in enumerate(document["steps"]) if one["kind"] == "situation")
        document["steps"] = [
            *document["steps"][:at],
            *(steps or [step(*every_kind())]),
            *document["steps"][at:],
        ]
        await writing.save(work, version, version.version, document, "More questions.")
        await publishing.publish(work, version, note="More questions.")
        return version
