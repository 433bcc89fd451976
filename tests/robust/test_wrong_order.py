"""Scripts whose author put everything in the wrong order: what a kind guarantees holds on the server all the same.

Every step is posted to directly, with everything it could ask for, as a machine would. S0-3.4, S4-5.3, decisions 18 and 19
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from models import (
    Amendment,
    Case,
    CaseNote,
    Contact,
    Escalation,
    FollowUp,
    Order,
    PaymentEntry,
    Promise,
    RefundRequest,
    Serial,
)
from models.words import Channel, OrderStatus, Situation
from portal.desk import audit, intake, runs
from portal.desk.errors import WrongMoment
from portal.desk.scripts.pack import pack
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA
from tests.desk.scripts.making import in_force, question, step
from tests.desk.test_refunds import bought
from tests.robust.everywhere import plain
from tests.wizard import known

EFFECTS: tuple[Any, ...] = (
    Amendment, Case, CaseNote, Escalation, FollowUp, Order, PaymentEntry, Promise, RefundRequest, Serial,
)  # fmt: skip
ANSWERS = {
    "agreed": "yes", "how": "spoken", "fingerprint": "0" * 64, "checked": "yes", "when": "now", "method": "terminal",
    "amount": "10.00", "reference": "slip 9", "reason": "Because.", "restated": "Broken.", "apology": "given",
    "offer-refund": "yes", "offer-exchange": "yes", "outcome": "refund", "chosen": "refund", "settled": "resolved",
    "code": "refund", "what_was_done": "Paid back.", "actions": "Paid back.", "handed_up": "yes", "why": "Too hard.",
    "severity": "high", "emergency": "yes", "emergency_reason": "It burns.", "answer": "At nine.", "solved": "yes",
    "heard": "Again.", "told": "Soon.",
    "finding": "charged_twice", "said": "Charged twice.", "balance": "even", "our_error": "yes",
    "error_cause": "other", "correction": "yes",
}  # fmt: skip
"""Enough for any step behind the beginning, were it let."""
EARLY = frozenset(
    {
        "answer", "apology", "cancel_order", "compare_payment", "confirm_amendment", "confirm_order", "escalate", "heard",
        "options", "payment", "refund", "restate", "settle", "severity", "troubleshoot", "update", "warranty",
    }
)  # fmt: skip
"""Kinds that do something which has to wait for another kind."""


def backwards(situation: str) -> dict[str, Any]:
    """The script of the product with its steps the other way round, and without a condition."""
    told = plain(dict(pack()[situation].told))
    return {**told, "version": "", "steps": list(reversed(told["steps"]))}


async def left_behind(desk: Desk) -> dict[str, int]:
    async with desk.look(SYSTEM) as work:
        return {
            one.__tablename__: await work.session.scalar(select(func.count()).select_from(one)) or 0
            for one in EFFECTS
        }


async def _send(desk: Desk, intake_id: int, key: str) -> None:
    async with desk.work(CORA) as work:
        now = await runs.find(work, intake_id)
        await intake.finish_step(work, intake_id, key, now.revision, ANSWERS)


@pytest.mark.parametrize("verified", [False, True], ids=["a stranger", "verified"])
@pytest.mark.parametrize("situation", list(Situation))
async def test_nothing_happens_before_its_time(desk: Desk, situation: Situation, *, verified: bool) -> None:
    await known(desk)
    order_id = await bought(desk)
    await in_force(desk, {**plain(dict(pack()["opening"].told)), "version": ""})
    await in_force(desk, backwards(situation.value))
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        contact = await work.session.get_one(Contact, run.contact_id)
        contact.customer_id = ANA
        if verified:
            contact.verified_strength, contact.verified_until = 2, work.now.replace(year=work.now.year + 1)
        await audit.record(work, "know the caller", contact)
        chosen = next(one.key for one in run.script.steps if one.kind == "situation")
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        run = await intake.finish_step(work, intake_id, chosen, run.revision, {"situation": situation.value})
    before = await left_behind(desk)
    early = [one for one in run.script.steps if one.kind in EARLY]
    assert early or situation is Situation.SERVICE_REQUEST
    for one in early:
        with pytest.raises(WrongMoment):
            await _send(desk, intake_id, one.key)
        assert await left_behind(desk) == before, one.key
    async with desk.look(SYSTEM) as work:
        order = await work.session.get_one(Order, order_id)
        assert (order.status, order.amended) == (OrderStatus.CONFIRMED, 0)
        assert (await work.session.get_one(Contact, run.contact_id)).closed_at is None


async def test_support_begins_with_the_serial_number_wherever_it_was_put(desk: Desk) -> None:
    """S4-5.3"""
    await known(desk)
    await in_force(desk, {**plain(dict(pack()["opening"].told)), "version": ""})
    told = backwards("support")
    heard = {"key": "heard", "kind": "statement", "name": "Heard", "title": "What happened?"}
    noted = step("noted", question("colour"))
    await in_force(desk, {**told, "steps": [heard, noted, *told["steps"]]})
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        await intake.finish_step(work, intake_id, "about", run.revision, {"situation": "support"})
    for key in ("heard", "noted"):
        with pytest.raises(WrongMoment, match="the serial number"):
            await _send(desk, intake_id, key)
    async with desk.work(CORA) as work:
        now = await runs.find(work, intake_id)
        serial = now.script.of_kind("serial")
        assert serial is not None
        answers = {"none": "yes", "reason": "Rubbed off.", "proof": "none"}
        await intake.finish_step(work, intake_id, serial.key, now.revision, answers)
    await _send(desk, intake_id, "noted")
