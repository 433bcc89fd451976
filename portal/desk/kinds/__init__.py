"""The kinds of steps: one class each, one template each, no `if` in a page."""

from __future__ import annotations

from portal.desk.kinds.amending import CancelOrder, ChooseOrder, ConfirmAmendment
from portal.desk.kinds.base import (
    KINDS,
    NOTES,
    NOTHING,
    Answers,
    Caller,
    Ending,
    Finished,
    Kind,
    Run,
    Typed,
    digest,
    masked,
    words_of,
)
from portal.desk.kinds.calming import EndForAbuse, OfferWithin
from portal.desk.kinds.coming_back import ChooseCase, Hear, TellStanding
from portal.desk.kinds.complaint import Apologise, OfferOptions, Restate, TakeStatement
from portal.desk.kinds.ending import Close
from portal.desk.kinds.escalating import AssessSeverity, Escalate
from portal.desk.kinds.inquiry import GiveAnswer
from portal.desk.kinds.money import AskRefund, ComparePayment
from portal.desk.kinds.need import TakeNeed
from portal.desk.kinds.ordering import ChooseDelivery, ChooseLines, TakeRequests
from portal.desk.kinds.placing import CheckAnswers, CrossCheck, PlaceOrder, ReadBack, TakePayment
from portal.desk.kinds.plain import Ask, ChooseSituation, Say
from portal.desk.kinds.redirecting import Redirect
from portal.desk.kinds.returning import AnnounceReturn
from portal.desk.kinds.settling import Settle
from portal.desk.kinds.summing import SumUp
from portal.desk.kinds.support import AskSerial, TellWarranty
from portal.desk.kinds.technical import OpenSupport
from portal.desk.kinds.troubleshooting import Troubleshoot, guide_said
from portal.desk.kinds.verifying import Verify
from portal.desk.kinds.who import FindCustomer
from portal.desk.scripts.kind_facts import KIND_FACTS, KindFacts

KINDS.update(
    (kind.name, kind)
    for kind in (
        Say(),
        Ask(),
        FindCustomer(),
        Verify(),
        Redirect(),
        ChooseSituation(),
        ChooseLines(),
        ChooseDelivery(),
        CrossCheck(),
        CheckAnswers(),
        ReadBack(),
        PlaceOrder(),
        TakePayment(),
        TakeRequests(),
        ChooseOrder(),
        ConfirmAmendment(),
        CancelOrder(),
        ComparePayment(),
        AskRefund(),
        TakeStatement(),
        Restate(),
        Apologise(),
        OfferOptions(),
        OpenSupport(),
        AnnounceReturn(),
        AssessSeverity(),
        Escalate(),
        Settle(),
        TakeNeed(),
        GiveAnswer(),
        AskSerial(),
        TellWarranty(),
        Troubleshoot(),
        ChooseCase(),
        Hear(),
        TellStanding(),
        OfferWithin(),
        EndForAbuse(),
        SumUp(),
        Close(),
    )
)

KIND_FACTS.update(
    (name, KindFacts(kind.guarantees, kind.after, kind.leads, kind.values, kind.labels))
    for name, kind in KINDS.items()
)

__all__ = [
    "KINDS",
    "NOTES",
    "NOTHING",
    "Answers",
    "Caller",
    "Ending",
    "Finished",
    "Kind",
    "Run",
    "Typed",
    "digest",
    "guide_said",
    "masked",
    "words_of",
]
