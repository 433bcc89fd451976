"""Who the customer is: found by one box or taken down anew, with a look for the same person twice. S1-4.1.2a"""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import CustomerKind, PreferredChannel
from portal.desk import consents, customers, invented, notices, open_cases, orders
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import SENT_ON, YES, Finished, Kind, Run, Typed, contact_of, masked, typed_with
from portal.desk.kinds.on_case import chosen_here
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import Step
from portal.desk.work import Work

NEW = "new"
SHORTEST = 2
"""Characters before anything is looked for."""
LANGUAGES = (("en", "English"), ("de", "German"))


class FindCustomer(Kind):
    """One box for phone, e-mail, order number and name; the last row takes a new customer down."""

    name = "customer"
    finds = True
    labels: ClassVar[dict[str, str]] = {"look": "Looked for", "choice": "Customer chosen"}
    looks = True
    NAMES = frozenset({"look", "choice", "same", *consents.FIELDS, *customers.DETAILS})

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def closed(self, run: Run) -> str:
        if chosen_here(run):
            return f"It is about {run.case_number}, a case of this customer."
        if run.order_id is not None or run.case_id is not None:
            return f"{run.order_number or run.case_number} was already made for this customer."
        return ""

    def needless(self, run: Run) -> str:
        return SENT_ON if run.redirected else ""

    def asks_for(self, run: Run, step: Step, typed: Typed) -> str:
        """Enter in the box looks for the customer until one is chosen."""
        return "" if typed.get("choice") else "look" if len(typed.get("look", "").strip()) >= SHORTEST else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        chosen = typed.get("choice", "")
        if chosen == NEW or number_in(chosen) is not None:
            return {}
        return {"look": "Look for the customer and choose one, or take a new customer down."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        typed = run.typed(step.key)
        wanted = typed.get("look", run.handle).strip()
        looked = len(wanted) >= SHORTEST and not typed.get("choice")
        found = await customers.find(work, wanted) if looked else []
        duplicates: list[customers.Duplicate] = []
        if typed.get("choice") == NEW and typed.get("name"):
            duplicates = await customers.duplicates(work, _compared(typed))
        chosen = await self._chosen(work, typed)
        return {
            "chosen": chosen,
            "wanted": wanted,
            "looked": looked,
            "found": [customers.masked(one) for one in found],
            "duplicates": [(customers.masked(one.customer), one.because) for one in duplicates],
            "asked": await _asked(work, typed.get("language", "")) if typed.get("choice") == NEW else [],
            **OFFERED,
        }

    def example(self, step: Step) -> Typed:
        return {"look": invented.CUSTOMER}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {
            "chosen": None,
            "wanted": invented.CUSTOMER,
            "looked": True,
            "found": [masked(run.caller)] if run.caller else [],
            "duplicates": [],
            "asked": [],
            **OFFERED,
        }

    async def _chosen(self, work: Work, typed: Typed) -> customers.MaskedCustomer | None:
        choice = number_in(typed.get("choice", ""))
        return customers.masked(await customers.load(work, choice)) if choice is not None else None

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`new` opens the form for a new customer, `look` chooses the only one found, `other` begins anew."""
        if do == NEW:
            return typed_with(typed, {"choice": NEW, **_begun(typed)})
        if do == "other":
            return typed_with(typed, {"choice": None, "look": None})
        if do == "look":
            found = await customers.find(work, typed.get("look", ""))
            return typed_with(typed, {"choice": str(found[0].id) if len(found) == 1 else None})
        return typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Tie the contact to its customer. Raises NotAccepted where the same person may be there already."""
        contact = await contact_of(work, run)
        if typed["choice"] != NEW:
            customer = await customers.load(work, int(typed["choice"]))
            if customer.erased_at is not None:
                raise NotAccepted(look=f"{customer.number} was erased. Take this customer down anew.")
        else:
            details = await customers.ready(work, customers.from_form(_details(typed)))
            if typed.get("same") != YES and await customers.duplicates(work, details):
                raise NotAccepted(
                    same="Somebody like this is known. Choose them, or tick that this is somebody else."
                )
            customer = await customers.create(work, details)
            for purpose, wording_id in consents.ticked(typed):
                await consents.agree(work, customer, purpose, wording_id, contact)
        if contact.customer_id != customer.id:
            contact.customer_id = customer.id
            contact.verified_until, contact.verified_strength, contact.verified_by = None, 0, ""
            if contact.language == LANGUAGES[0][0]:  # unless another one was chosen already
                contact.language = notices.language_of(customer)
        kept = {"look": typed.get("look", ""), "choice": str(customer.id)}
        known = typed["choice"] != NEW and await self._is_on_record(work, customer.id)
        made = customer.id if typed["choice"] == NEW else run.done[step.key].get("made")
        return Finished(
            mark={"made": made, "new": made == customer.id, "first": not known},
            answers={step.key: {name: value for name, value in kept.items() if value}},
        )

    async def _is_on_record(self, work: Work, customer_id: int) -> bool:
        """Whether there is something to compare an order with: an earlier one, or a case that is open. S1-4.2.2"""
        if await orders.last_orders(work, customer_id, 1):
            return True
        return await open_cases.any_told_to_all(work, customer_id)


_CHANNELS = {
    PreferredChannel.EMAIL: "by e-mail",
    PreferredChannel.CALL: "by a call",
    PreferredChannel.MESSAGE: "by a message",
}
_KINDS = {CustomerKind.PERSON: "Private person", CustomerKind.COMPANY: "Company"}
OFFERED: dict[str, Any] = {
    "kinds": [(one.value, label) for one, label in _KINDS.items()],
    "channels": [(one.value, label) for one, label in _CHANNELS.items()],
    "languages": LANGUAGES,
}
"""What a customer's details are chosen from: (value, words)."""


async def _asked(work: Work, language: str) -> list[tuple[str, int, str]]:
    """What a new customer may agree to: (purpose, number of the words, the words in their language). S4-3.1"""
    said = await consents.wordings(work)
    return [(one.value, row.id, consents.words_in(row, language)) for one, row in said.items()]


def _details(typed: Typed) -> Typed:
    return {name: value for name, value in typed.items() if name in customers.DETAILS}


def _compared(typed: Typed) -> customers.CustomerDetails:
    """What a customer is known again by, whatever else was typed: a wrong choice is told of when the step is sent."""
    chosen_from = {"kind", "preferred_channel"}
    return customers.from_form(
        {name: one for name, one in _details(typed).items() if name not in chosen_from}
    )


def _begun(typed: Typed) -> Typed:
    """Give the first answer about a new customer: what was looked for, in the field it looks like."""
    wanted = typed.get("look", "").strip()
    if not wanted or any(typed.get(name) for name in ("name", "email", "phone")):
        return {}
    if "@" in wanted:
        return {"email": wanted}
    return {"phone": wanted} if sum(sign.isdigit() for sign in wanted) > len(wanted) / 2 else {"name": wanted}
