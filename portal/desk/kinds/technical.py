"""A complaint that technical support solves: its support case, opened and linked without typing anything twice. S3-4.1.3d"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import select

from models import Case, Order, OrderLine
from models.words import CaseKind, NoteKind
from portal.desk import case_links, case_notes, cases, invented
from portal.desk.kinds.base import KINDS, NOTHING, Answers, Finished, Run, Typed
from portal.desk.kinds.need import serial_first
from portal.desk.kinds.on_case import CaseKindOfStep, case_of
from portal.desk.scripts import Step
from portal.desk.work import Work

CHOSEN = "technical_support"
"""The solution that leads here."""
SAID = "Technical support takes it on."


class OpenSupport(CaseKindOfStep):
    """The support case of a complaint: of the same customer, order and piece, with the customer's own words.

    Opened and linked with the saving of this step, once, however often it is sent. Answer for conditions: `trouble`.
    """

    name = "support_case"
    guarantees: ClassVar[str] = (
        "A complaint leads to one support case, which names it and is named by it; "
        "it is not opened before the serial number, or why there is none."
    )
    after: ClassVar[tuple[str, ...]] = ("statement or heard", "serial")
    labels: ClassVar[dict[str, str]] = {"trouble": "What technical support is to look at"}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return super().locked(run) or serial_first(run)

    def closed(self, run: Run) -> str:
        opened = opened_here(run)
        return f"{opened} was opened for it and is linked." if opened else super().closed(run)

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        case = await case_of(work, run) if run.case_id is not None else None
        return self._shown(run, case.statement if case else "")

    def example(self, step: Step) -> Typed:
        return {"trouble": invented.STATEMENT}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return self._shown(run, invented.STATEMENT)

    def _shown(self, run: Run, statement: str) -> dict[str, Any]:
        piece = run.mark_of("serial")
        return {
            "opened": opened_here(run),
            "opened_id": run.mark_of(self.name).get("case"),
            "statement": statement,
            "serial": piece.get("serial", ""),
            "product": piece.get("product", ""),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Open and link it; one that the complaint led to before is named instead. Raises as `cases.open_case` does."""
        if opened_here(run):
            return NOTHING
        complaint = await case_of(work, run)
        support = await case_links.support_of(work, complaint)
        if support is None:
            support = await self._open(work, run, complaint, typed.get("trouble", ""))
            await case_links.link(work, complaint, support)
            case_notes.write(work, complaint, NoteKind.ACTION, SAID, "trouble")
        return Finished(mark={"case": support.id, "number": support.number})

    async def _open(self, work: Work, run: Run, complaint: Case, trouble: str) -> Case:
        piece = run.mark_of("serial")
        order_id = complaint.order_id or piece.get("order_id")
        return await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind.SUPPORT,
                channel=run.channel,
                own_channel=run.own_channel,
                subject=complaint.subject,
                statement=trouble.strip() or complaint.statement,
                restated=complaint.restated,
                customer_id=complaint.customer_id,
                contact_id=run.contact_id,
                order_id=order_id,
                serial=piece.get("serial", ""),
                product_id=piece.get("product_id") or await _only_product(work, order_id),
                legal=complaint.legal,
                regulatory=complaint.regulatory,
                received_at=run.started_at,
            ),
        )


def opened_here(run: Run) -> str:
    """The number of the support case that was opened in this contact; empty while there is none."""
    return str(run.mark_of(OpenSupport.name).get("number", ""))


async def purchase_known(work: Work, run: Run, order_id: int | None) -> Answers:
    """What the step for the serial number need not ask again: the order that the complaint is about. S4-5.4"""
    step = run.script.of_kind("serial")
    if step is None or order_id is None or run.typed(step.key) or KINDS["serial"].closed(run):
        return {}
    order = await work.session.get_one(Order, order_id)
    return {step.key: {"proof": "order", "order": order.number}}


async def _only_product(work: Work, order_id: int | None) -> int | None:
    """The product of an order of one product; None where it could be several."""
    found = await work.session.scalars(
        select(OrderLine.product_id)
        .where(OrderLine.order_id == order_id, OrderLine.product_id.is_not(None))
        .distinct()
        .limit(2)
    )
    products = found.all()
    return products[0] if len(products) == 1 else None
