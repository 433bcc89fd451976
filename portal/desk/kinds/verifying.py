"""Is it really this customer? Facts, a code by mail, a call back: compared by the desk and never shown. S2-2.1"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from models.words import VerificationMethod
from portal.desk import verification
from portal.desk.errors import WrongMoment
from portal.desk.kinds.base import NOTHING, SENT_ON, Finished, Kind, Run, Typed, contact_of
from portal.desk.scripts import Step
from portal.desk.work import Work

FACTS = {fact.value for fact in verification.Fact}


class Verify(Kind):
    """Two of five facts, a one-time code, or a call back on the number on record. Decision 18, S2-1.4, S2-2.1"""

    name = "verify"
    guarantees = "Nobody is verified before it is known who they are, and no answer on record is ever shown."
    after = ("customer",)
    keeps = False
    WORDS: ClassVar[dict[verification.Fact, tuple[str, str]]] = {
        verification.Fact.ORDER_NUMBER: ("Order number", "Any order of this customer."),
        verification.Fact.POSTCODE: ("Postcode", ""),
        verification.Fact.EMAIL: ("E-mail address", ""),
        verification.Fact.PHONE: ("Phone number", "With or without the country."),
        verification.Fact.LAST_ORDER_ON: ("Day of the last order", "Such as 2026-02-14."),
    }

    def takes(self, step: Step, name: str) -> bool:
        return name in FACTS or name in {"code", "dial_reason"}

    def needless(self, run: Run) -> str:
        if run.redirected:
            return SENT_ON
        if run.is_new:
            return "A new customer: there is nothing to compare with yet."
        return "There is no customer to verify." if "skipped" in run.mark_of("customer") else ""

    def locked(self, run: Run) -> str:
        return "" if run.caller else "First: Customer."

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        contact = await contact_of(work, run)
        stands = await verification.standing(work, contact)
        locked = run.caller.locked_until if run.caller else None
        dial_until = await verification.dialled_until(work, contact) if run.caller else None
        rules = await verification.in_force(work)
        barred = {
            way: await verification.barred(work, contact, one, locked) for way, one in rules.methods.items()
        }
        return {
            **self._ways(rules, run, stands, {way: why for way, why in barred.items() if why}),
            "locked_until": locked if locked and locked > work.now else None,
            "code": await verification.open_code(work, contact) if run.caller else None,
            "dial_until": dial_until,
            "dials": run.caller.phone if run.caller and dial_until else "",
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """Before the first try, with the methods that are in force."""
        rules = await verification.in_force(work)
        facts = rules.methods.get(VerificationMethod.FACTS)
        stands = verification.Verification(0, rules.facts_needed, facts.tries if facts else 0, until=None)
        nothing = {"locked_until": None, "code": None, "dial_until": None, "dials": ""}
        return {**self._ways(rules, run, stands, {}), **nothing}

    def _ways(
        self,
        rules: verification.Rules,
        run: Run,
        stands: verification.Verification,
        barred: Mapping[VerificationMethod, str],
    ) -> dict[str, Any]:
        """How this caller can be verified from here on: what would be refused is not asked for. S2-2.6"""
        methods = {way: one for way, one in rules.methods.items() if way not in barred}
        strongest = max((one.strength for one in methods.values()), default=0)
        return {
            "stands": stands,
            "barred": "" if stands.verified else next(iter(barred.values()), ""),
            "asks_facts": VerificationMethod.FACTS in methods and not stands.verified,
            "asked": [
                (fact.value, *words, fact.value in stands.matched) for fact, words in self.WORDS.items()
            ],
            "more": stands.strength < strongest,
            "by_code": VerificationMethod.ONE_TIME_CODE in methods and bool(run.caller and run.caller.email),
            "by_call": VerificationMethod.CALL_BACK in methods and bool(run.caller and run.caller.phone),
            "ending": f"••••{run.caller.phone[-2:]}" if run.caller and run.caller.phone else "",
        }

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`send_code` sends a code, `dial` shows the number to call, `reached` and `stranger` say who answered there."""
        if why := self.needless(run) or self.locked(run):
            raise WrongMoment(why)
        contact = await contact_of(work, run)
        match do:
            case "send_code":
                await verification.send_code(work, contact)
            case "dial":
                await verification.dial(work, contact, typed.get("dial_reason", ""))
            case "reached" | "stranger":
                await verification.call_back(work, contact, reached=do == "reached")
        return typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Compare what the caller said; stay here until enough has matched, or the code was right."""
        said = typed.get("code", "")
        given = {name: value for name, value in typed.items() if name in FACTS and value.strip()}
        if run.strength(work.now) and not given and not said:
            return NOTHING
        contact = await contact_of(work, run)
        if said.strip():
            before = verification.strength_now(work, contact)
            stands = await verification.check_code(work, contact, said)
            stays = VerificationMethod.ONE_TIME_CODE.value not in stands.methods or stands.strength < before
        else:
            stands = await verification.verify(work, contact, given)
            stays = not stands.verified
        return Finished(stays=stays, mark={"facts": list(stands.matched), "methods": list(stands.methods)})
