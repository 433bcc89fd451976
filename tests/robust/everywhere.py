"""Every step of every script, come to at once: with any words in its texts, with nothing done and with everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from models import (
    Contact,
    Intake,
)
from models.words import (
    Channel,
    Situation,
)
from portal.desk import audit, intake, runs
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import composing
from portal.desk.scripts.pack import pack
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA
from tests.desk.scripts.making import in_force
from tests.robust.hanging import NEWEST

WORDED = frozenset({"title", "name", "label", "hint", "words", "button", "say", "subject"})
"""What holds words, where they are the same in every language."""
WAYS = frozenset({"when", "next", "needs"})


async def straightened(desk: Desk, words: str = "") -> None:
    """Put every script in force without its conditions, so that all its steps come; with these words for its own."""
    for document in pack().values():
        told = plain(dict(document.told), words)
        await in_force(desk, {**told, "version": ""})


def plain(told: Any, words: str = "", name: str = "") -> Any:
    """A document without its conditions; with these words for its own where there are some."""
    if isinstance(told, Mapping):
        if told and set(told) <= set(LANGUAGES) and words and name != "say":
            return dict.fromkeys(told, words)
        return {
            key: plain(one, words, "" if name == "name" else key)
            for key, one in told.items()
            if key not in WAYS
        }
    if isinstance(told, list):
        return [plain(one, words, name) for one in told]
    said = name in WORDED or name in LANGUAGES or name in {"any", *map(str, Channel)}
    return words if words and said and isinstance(told, str) else told


async def come_to(
    desk: Desk,
    actor: Actor,
    order_id: int,
    case_id: int,
    typed: Mapping[str, str],
    scripts: Iterable[str] = tuple(Situation),
    *,
    verified: bool = True,
) -> list[str]:
    """Let a contact stand at every step of every situation; the addresses of all of them.

    Once with nothing done, once with an order, a case and the step before it done. `typed` is the answer everywhere.
    """
    found: list[str] = []
    for situation in [one for one in Situation if one in set(scripts)] or [Situation.INQUIRY]:
        for done in (False, True):
            async with desk.work(actor) as work:
                made = await intake.begin(work, Channel.PHONE)
                row = await work.session.get_one(Intake, made)
                contact = await work.session.get_one(Contact, row.contact_id)
                contact.customer_id = ANA
                if verified:
                    contact.verified_strength = 2
                    contact.verified_until = work.now.replace(year=work.now.year + 1)
                run = await runs.find(work, made)
                row.script_version = await composing.with_situation(work, run.script, situation.value)
                row.script = situation.value
                script = await composing.composed(work, row.script, row.script_version, "en")
                row.answers = {one.key: dict(typed) for one in script.steps}
                row.answers["difficult"] = {"open": "yes", "from": script.steps[0].key}
                row.step = script.steps[0].key
                if done:
                    row.order_id, row.case_id = order_id, case_id
                    mark = {
                        "at": work.now.isoformat(), "by": actor.person_id, "order": order_id, "amended": 0, "serial": "CH-1",
                        "case": case_id, "noted": case_id,
                        "product_id": 1, "sku": "CH-1", "product": "Chair", "category": "", "bought": "2026-01-02",
                    }  # fmt: skip
                    row.done = {
                        one.key: mark
                        for one in script.steps
                        if one.kind in {"serial", "customer", "choose_order", "choose_case", "heard"}
                    }
                await audit.record(work, "stand everywhere", row)
            found += [f"/intakes/{made}/{one.key}" for one in script.steps]
    return found


async def named(desk: Desk) -> dict[str, str]:
    """What exists, for every name in the portal's addresses that is no row's own; 1 where there is none."""
    async with desk.look(SYSTEM) as work:
        found = {name: await work.session.scalar(statement) or 1 for name, statement in NEWEST.items()}
    words = {
        "key": "resolve",
        "script": "difficult", "step": "calm_agree", "field": "next", "clause": "S1-3.4c", "scenario": "product_defect",
        "path": "css/tabler.min.css", "token": "x.y", "topic": "cases", "tour": "tracking", "stop": "1",
    }  # fmt: skip
    return {**words, **{name: str(one) for name, one in found.items()}}
