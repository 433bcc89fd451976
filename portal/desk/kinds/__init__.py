"""The kinds of steps: one class each, one template each, no `if` in a page."""

from __future__ import annotations

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
from portal.desk.kinds.complaint import Apologise, OfferOptions, Restate, TakeStatement
from portal.desk.kinds.ending import Close, SumUp
from portal.desk.kinds.escalating import AssessSeverity, Escalate
from portal.desk.kinds.inquiry import GiveAnswer
from portal.desk.kinds.need import TakeNeed
from portal.desk.kinds.ordering import ChooseDelivery, ChooseLines
from portal.desk.kinds.placing import CheckAnswers, CrossCheck, PlaceOrder, ReadBack, TakePayment
from portal.desk.kinds.plain import Ask, ChooseSituation, Say
from portal.desk.kinds.settling import Settle
from portal.desk.kinds.who import FindCustomer, Verify

KINDS.update(
    (kind.name, kind)
    for kind in (
        Say(),
        Ask(),
        FindCustomer(),
        Verify(),
        ChooseSituation(),
        ChooseLines(),
        ChooseDelivery(),
        CrossCheck(),
        CheckAnswers(),
        ReadBack(),
        PlaceOrder(),
        TakePayment(),
        TakeStatement(),
        Restate(),
        Apologise(),
        OfferOptions(),
        AssessSeverity(),
        Escalate(),
        Settle(),
        TakeNeed(),
        GiveAnswer(),
        SumUp(),
        Close(),
    )
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
    "masked",
    "words_of",
]
