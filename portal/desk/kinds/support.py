"""Support begins with the serial number and with what is known of the warranty. S4-5"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from models import Customer, OrderLine, Product
from models.words import Situation
from portal.desk import invented, products, verification, warranty
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import day_of
from portal.desk.kinds.base import YES, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.need import serial_first
from portal.desk.kinds.on_case import missing
from portal.desk.numbers import read_number
from portal.desk.scripts import Step
from portal.desk.work import Work

NOT_THEIRS = (
    "This number cannot be matched with this customer. Ask to hear it once more, or go on without a number."
)
COVERED = "The days are shown once the customer is verified."
UNKNOWN = "This number is not known yet. Say which product it is, and how the purchase is proved."


class AskSerial(Kind):
    """The serial number of the piece, or why there is none and what proves the purchase. S4-5.3, S4-5.4

    Answers for conditions: `serial` (the number), `none` (yes: there is no number), `reason`, `proof` (order, day,
    none).
    """

    name = "serial"
    guarantees: ClassVar[str] = (
        "In support nothing else starts before the serial number was given, or the reason why there is none."
    )
    leads: ClassVar[str] = Situation.SUPPORT.value
    watches: ClassVar[tuple[str, ...]] = ("customer",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"none": (YES,), "proof": ("order", "day", "none")}
    labels: ClassVar[dict[str, str]] = {
        "serial": "Serial number",
        "none": "No serial number",
        "reason": "Why there is none",
        "product": "Product code",
        "proof": "Proof of purchase",
        "order": "Order number",
        "bought_on": "Day of the purchase",
    }
    PROOFS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("order", "An order number"),
        ("day", "The day on a receipt"),
        ("none", "There is none"),
    )

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def closed(self, run: Run) -> str:
        """Where a complaint leads to a support case, it is that case which is opened for the piece."""
        if step := run.script.of_kind("support_case"):
            opened = str(run.done.get(step.key, {}).get("number", ""))
        else:
            opened = run.case_number if run.case_id is not None else ""
        return f"{opened} was already opened for this piece." if opened else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("none") == YES:
            return {**missing(typed, reason="Say why there is no serial number."), **_unproved(typed)}
        if not typed.get("serial", "").strip():
            return {"serial": "Ask for the serial number first, or tick that there is none."}
        if warranty.read_serial(typed["serial"]) is None:
            return {"serial": warranty.NO_SERIAL}
        return _unproved(typed) if typed.get("proof") else {}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        typed = run.typed(step.key)
        number = None if typed.get("none") == YES else warranty.read_serial(typed.get("serial", ""))
        found = await warranty.look_up(work, number, _caller(run)) if number else warranty.LookUp()
        return {
            "piece": found.piece,
            "dates": _may_show(work, run),
            "not_theirs": NOT_THEIRS if found.foreign else "",
            "unknown": UNKNOWN if number and found == warranty.LookUp() else "",
            "proofs": self.PROOFS,
        }

    def example(self, step: Step) -> Typed:
        return {"serial": invented.SERIAL}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        found = {"piece": invented.piece(work), "dates": True, "not_theirs": "", "unknown": ""}
        return {**found, "proofs": self.PROOFS}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Find the piece, or take down what proves the purchase; a number that is new is registered to it.

        Of somebody else's piece nothing is told: the contact is marked and the step stays. Raises NotAccepted for
        an order that is not this customer's, or a product that is none.
        """
        number = "" if typed.get("none") == YES else warranty.read_serial(typed["serial"]) or ""
        if number:
            found = await warranty.look_up(work, number, _caller(run))
            if found.foreign:
                if run.caller is not None:
                    await verification.suspect(work, await contact_of(work, run), warranty.FOREIGN)
                return Finished(stays=True)
            if found.piece is not None:
                kept = {"serial": typed["serial"], **_own(step, typed)}
                return Finished(mark=_marked(found.piece), answers={step.key: kept})
            if not typed.get("proof"):
                return Finished(stays=True)
        return Finished(mark=await self._proved(work, run, typed, number))

    async def _proved(self, work: Work, run: Run, typed: Typed, number: str) -> dict[str, Any]:
        product = await _product_of(work, typed.get("product", ""))
        line, bought, order_id = None, None, None
        if typed.get("proof") == "order":
            order, line, bought = await warranty.purchase(
                work, _caller(run), typed["order"], product.id if product else None
            )
            order_id = order.id
            if product is None and line is not None and line.product_id is not None:
                product = await products.load(work, line.product_id)
        elif typed.get("proof") == "day":
            bought = day_of(typed["bought_on"])
            if bought and bought > await warranty.today(work):
                raise NotAccepted(bought_on="The purchase cannot be in the future.")
        if number and product is not None and bought is not None:
            await self._register(work, run, number, product, line, bought)
        return {
            "serial": number,
            "product_id": product.id if product else None,
            "sku": product.sku if product else "",
            "product": product.name if product else "",
            "category": product.category if product else "",
            "order_id": order_id,
            "bought": bought.isoformat() if bought else "",
        }

    async def _register(
        self, work: Work, run: Run, number: str, product: Product, line: OrderLine | None, bought: date
    ) -> None:
        customer = await work.session.get(Customer, run.caller.id) if run.caller else None
        try:
            await warranty.register(work, number, product, line=line, customer=customer, purchased_on=bought)
        except NotAccepted as error:
            told = {"number": "serial", "order_line_id": "order", "purchased_on": "bought_on"}
            raise NotAccepted.of(
                {told.get(name, "product"): words for name, words in error.fields.items()}
            ) from error


def _may_show(work: Work, run: Run) -> bool:
    """Whether the day and the order of a purchase may be shown: they are what a caller is verified by. S2-1.4"""
    return run.caller is None or run.knows(work.now)


def _caller(run: Run) -> int | None:
    return run.caller.id if run.caller else None


def _own(step: Step, typed: Typed) -> Typed:
    """The answers to the script's own questions."""
    return {one.name: typed[one.name] for one in step.ask if one.name in typed}


def _marked(piece: warranty.Piece) -> dict[str, Any]:
    return {
        "serial": piece.number,
        "product_id": piece.product_id,
        "sku": piece.sku,
        "product": piece.name,
        "category": piece.category,
        "order_id": piece.order_id,
        "bought": piece.purchased_on.isoformat() if piece.purchased_on else "",
    }


def _unproved(typed: Typed) -> dict[str, str]:
    """What is wrong with the proof of purchase."""
    match typed.get("proof", ""):
        case "order" if read_number(typed.get("order", "")) is None:
            return {"order": "That is no order number of ours; check the last digit."}
        case "day" if day_of(typed.get("bought_on", "")) is None:
            return {"bought_on": "Enter a day such as 2026-03-14."}
        case "order" | "day" | "none":
            return {}
    return {"proof": "Say how the purchase is proved."}


async def _product_of(work: Work, code: str) -> Product | None:
    if not code.strip():
        return None
    try:
        return await products.by_code(work, code)
    except NotAccepted as error:
        raise NotAccepted.of({"product": error.message}) from error


class TellWarranty(Kind):
    """Whether the piece is still covered, before anybody speaks of the trouble. S4-5.1, S4-5.5"""

    name = "warranty"
    guarantees: ClassVar[str] = (
        "The warranty is reckoned by the desk from the purchase, to the day, and never before the serial number."
    )
    after: ClassVar[tuple[str, ...]] = ("serial",)

    def locked(self, run: Run) -> str:
        return serial_first(run)

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        stands = await _standing(work, run)
        if stands.until is not None and not _may_show(work, run):
            stands = replace(stands, until=None, because=COVERED)
        return {"piece": run.mark_of("serial"), "stands": stands}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        piece = invented.piece(work)
        stands = warranty.warranty(24, piece.purchased_on, work.now.date())
        return {"piece": _marked(piece), "stands": stands}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        stands = await _standing(work, run)
        until = stands.until.isoformat() if stands.until else ""
        return Finished(mark={"cover": stands.cover.value, "until": until, "because": stands.because})


async def _standing(work: Work, run: Run) -> warranty.Warranty:
    piece = run.mark_of("serial")
    return await warranty.standing(work, piece.get("product_id"), day_of(piece.get("bought", "")))
