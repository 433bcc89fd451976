"""Steps put into a document, moved, replaced and taken out. Pure: documents in, documents out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from portal.desk.errors import NotAccepted
from portal.desk.scripts import text
from portal.desk.scripts.document import Told
from portal.desk.scripts.editing.rows import text_of
from portal.desk.scripts.phrases import key_of, steps_of
from portal.desk.scripts.places import LONGEST_KEY, MOST_STEPS, NAME


def replaced(document: Told, key: str, step: Told) -> dict[str, Any]:
    """The document with one step in the place of another. Raises NotAccepted where there is none."""
    steps = steps_of(document)
    place = place_of(document, key)
    return {**document, "steps": [*steps[:place], step, *steps[place + 1 :]]}


def inserted(document: Told, step: Told, after: str = "") -> dict[str, Any]:
    """The document with a step behind another, or in front of all. Raises NotAccepted."""
    steps = steps_of(document)
    if len(steps) >= MOST_STEPS:
        raise NotAccepted(after=f"A script has at most {MOST_STEPS} steps.")
    place = place_of(document, after) + 1 if after else 0
    return {**document, "steps": [*steps[:place], step, *steps[place:]]}


def removed(document: Told, key: str) -> dict[str, Any]:
    """The document without one step. Raises NotAccepted for the last one."""
    steps = steps_of(document)
    place_of(document, key)
    if len(steps) == 1:
        raise NotAccepted(key="A script needs at least one step.")
    return {**document, "steps": [step for step in steps if key_of(step) != key]}


def moved(document: Told, key: str, to: int) -> dict[str, Any]:
    """The document with a step at another place, from 0; a place past the ends is the end."""
    place = place_of(document, key)
    steps = list(steps_of(document))
    step = steps.pop(place)
    steps.insert(max(0, min(to, len(steps))), step)
    return {**document, "steps": steps}


def place_of(document: Told, key: str) -> int:
    """Where a step stands, from 0. Raises NotAccepted where there is none of this key."""
    for place, step in enumerate(steps_of(document)):
        if key_of(step) == key:
            return place
    raise NotAccepted(key="This version has no such step any more.")


def free_key(document: Told, wanted: str) -> str:
    """A key that no step of the document has: the one wanted, or with a number behind it."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_-")[: LONGEST_KEY - 4] or "step"
    plain = plain if NAME.match(plain) else f"step_{plain}"
    taken = {key_of(step) for step in steps_of(document)}
    number, key = 1, plain
    while key in taken:
        number += 1
        key = f"{plain}_{number}"
    return key


def digest_of(step: Told) -> str:
    """A short sum of a step: the same for the same content."""
    told = json.dumps(step, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def as_text(step: Told) -> str:
    """A step as it stands in the file, to compare by eye."""
    return text.dump({"steps": [step]})


def renamed(document: Told, form: Mapping[str, str]) -> dict[str, Any]:
    """The document with another title."""
    return {**document, "title": text_of(form, "title")}
