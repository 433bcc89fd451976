"""Which rows of a table a person may see: one rule a thing, for list, detail, search, count, export and lookup.

Decision 17. `visible` gives the condition to put into a statement; None where every row may be seen.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from models import (
    AbuseReport,
    Amendment,
    Announcement,
    Article,
    ArticleVersion,
    AuditEntry,
    AvailabilityRequest,
    Base,
    BusinessCalendar,
    CalendarDay,
    Case,
    CaseLink,
    CaseNote,
    ChannelRule,
    Chat,
    ClockEvent,
    Contact,
    ContactAnswer,
    ContactTranscript,
    Customer,
    CustomerNeed,
    Deadline,
    Disclosure,
    Escalation,
    EscalationTurn,
    Feedback,
    FeedbackAnalysis,
    FollowUp,
    HandOver,
    HelpCall,
    Improvement,
    Intake,
    JobSlot,
    ListedWord,
    ListPrice,
    Mail,
    Mandate,
    Message,
    MonthReview,
    OnDuty,
    Order,
    OrderApproval,
    OrderLine,
    OrderNote,
    OrderPaper,
    OrderRules,
    OrderTerms,
    OwnChannel,
    PaymentEntry,
    PaymentLimit,
    PaymentWay,
    Person,
    PolicyVersion,
    PriceList,
    Product,
    ProductLink,
    Promise,
    QualityScore,
    Recompute,
    RefundRequest,
    Replay,
    ReplayMove,
    Return,
    ReturnLine,
    ReturnPeriod,
    Serial,
    ServiceStandard,
    SpecialRequest,
    VerificationMethodRule,
    VerificationNeed,
)
from models.words import CaseKind, ChatStatus
from portal.desk.notices import GATHERED
from portal.desk.permissions import May
from portal.desk.work import Actor

Condition = ColumnElement[bool] | None


def visible(actor: Actor, model: type[Base]) -> Condition:
    """The rows of this table the person may see; None for all of them, a false condition for none.

    Raises LookupError for a table that has no rule: a forgotten rule must not show everything.
    """
    if model not in _RULES:
        raise LookupError(f"{model.__name__} has no row rule.")
    needed, rule = _RULES[model]
    if not actor.may(needed):
        return false()
    return rule(actor) if rule else None


def narrowed(actor: Actor, model: type[Base], statement: Select) -> Select:  # type: ignore[type-arg]  # any columns
    """The statement with the row rule of its table on it."""
    rule = visible(actor, model)
    return statement if rule is None else statement.where(rule)


def seen(actor: Actor, model: type[Base]) -> ColumnElement[bool]:
    """The row rule of a table as a condition, also where everything may be seen."""
    rule = visible(actor, model)
    return ~false() if rule is None else rule


def _cases(actor: Actor) -> Condition:
    """Legal and regulatory ones are for those who may see them; finance has the payment issues. S3-5.1.2, S0-2.3"""
    rules: list[ColumnElement[bool]] = []
    if not actor.may(May.SEE_RESTRICTED):
        rules += [Case.legal.is_(False), Case.regulatory.is_(False)]
    if not actor.may(May.WORK_CASES):
        rules.append(Case.kind == CaseKind.PAYMENT_ISSUE)
    return and_(*rules) if rules else None


def _of_a_case(actor: Actor, case_id: InstrumentedAttribute[int]) -> Condition:
    """Whatever hangs on a case is seen by those who may see the case."""
    rule = _cases(actor)
    return None if rule is None else exists().where(Case.id == case_id, rule)


def _case_links(actor: Actor) -> Condition:
    """Who may not see one of two cases does not learn from the other that there is one. S3-5.1.2"""
    rules = [_of_a_case(actor, one) for one in (CaseLink.case_id, CaseLink.led_to_id)]
    told = [one for one in rules if one is not None]
    return and_(*told) if told else None


def unless_restricted(actor: Actor, case_id: InstrumentedAttribute[int | None]) -> Condition:
    """What may hang on a case, or on none: hidden only where the case is legal or regulatory."""
    if actor.may(May.SEE_RESTRICTED):
        return None
    secret = exists().where(Case.id == case_id, or_(Case.legal, Case.regulatory))
    return or_(case_id.is_(None), ~secret)


def _messages(actor: Actor) -> Condition:
    """As restricted as its case; a notice of several cases, any of which may become so, is its receiver's. S3-5.1.2"""
    rule = unless_restricted(actor, Message.case_id)
    if rule is None:
        return None
    several = and_(Message.template.in_(GATHERED), Message.case_id.is_(None))
    return and_(rule, or_(~several, Message.person_id == actor.person_id))


def unrestricted(actor: Actor, contact_id: InstrumentedAttribute[int]) -> Condition:
    """Contacts that are about no legal or regulatory case, opened in them or before; None where these may be seen, too.

    S3-5.1.2
    """
    if actor.may(May.SEE_RESTRICTED):
        return None
    secret = or_(Case.legal, Case.regulatory)
    opened = exists().where(Case.contact_id == contact_id, secret)
    chosen = select(Intake.case_id).where(Intake.contact_id == contact_id).correlate(contact_id.class_)
    return and_(~opened, ~exists().where(Case.id == chosen.scalar_subquery(), secret))


def _contacts(actor: Actor) -> Condition:
    """Of the team, or one's own; none whose case is restricted: its summary tells what the case tells."""
    rules = [] if actor.may(May.SEE_TEAM) else [Contact.taken_by_id == actor.person_id]
    if (open_to := unrestricted(actor, Contact.id)) is not None:
        rules.append(open_to)
    return and_(*rules) if rules else None


def _scores(actor: Actor) -> Condition:
    """One's own once they are scored, or all of them for who scores; as restricted as the contact. S2-0.4, S3-5.1.2"""
    rules: list[ColumnElement[bool]] = []
    if not actor.may(May.SCORE_CONTACTS):
        rules += [QualityScore.person_id == actor.person_id, QualityScore.scored_at.is_not(None)]
    if (open_to := unrestricted(actor, QualityScore.contact_id)) is not None:
        rules.append(open_to)
    return and_(*rules) if rules else None


def _transcripts(actor: Actor) -> Condition:
    """Whoever may see the contact reads what was said in it. S3-6.1.1a"""
    rule = _contacts(actor)
    return None if rule is None else exists().where(Contact.id == ContactTranscript.contact_id, rule)


def _chats(actor: Actor) -> Condition:
    """Those that wait, one's own and those of one's contacts, or all of the team; as restricted as what they led to.

    Who is in a chat goes on with it, whatever its case has become meanwhile. S3-5.1.2
    """
    rules: list[ColumnElement[bool]] = []
    mine = Chat.taken_by_id == actor.person_id
    if not actor.may(May.SEE_TEAM):
        begun = exists().where(Intake.contact_id == Chat.contact_id, Intake.held_by_id == actor.person_id)
        rules.append(or_(Chat.status == ChatStatus.WAITING, mine, begun))
    if not actor.may(May.SEE_RESTRICTED):
        secret = or_(Case.legal, Case.regulatory)
        met = select(Intake.case_id).where(Intake.contact_id == Chat.contact_id).correlate(Chat)
        open_to_all = and_(
            ~exists().where(Case.id == Chat.case_id, secret),
            ~exists().where(Case.contact_id == Chat.contact_id, secret),
            ~exists().where(Case.id == met.scalar_subquery(), secret),
        )
        rules.append(or_(and_(Chat.status == ChatStatus.TAKEN, mine), open_to_all))
    return and_(*rules) if rules else None


def _intakes(actor: Actor) -> Condition:
    return None if actor.may(May.SEE_TEAM) else Intake.held_by_id == actor.person_id


def _follow_ups(actor: Actor) -> Condition:
    if not actor.may(May.SEE_TEAM):
        return FollowUp.owner_id == actor.person_id
    return unless_restricted(actor, FollowUp.case_id)


def _promises(actor: Actor) -> Condition:
    if not actor.may(May.SEE_TEAM):
        return Promise.owner_id == actor.person_id
    return unless_restricted(actor, Promise.case_id)


def _audit(actor: Actor) -> Condition:
    """Entries about a restricted case are as restricted as the case."""
    if actor.may(May.SEE_RESTRICTED):
        return None
    about = case((AuditEntry.subject_kind == Case.__tablename__, cast(AuditEntry.subject_id, BigInteger)))
    return ~exists().where(Case.id == about, or_(Case.legal, Case.regulatory))


_RULES: dict[type[Base], tuple[May, Callable[[Actor], Condition] | None]] = {
    Customer: (May.SEE_CUSTOMERS, None),
    Product: (May.SEE_PRODUCTS, None),
    ProductLink: (May.SEE_PRODUCTS, None),
    PriceList: (May.SEE_PRODUCTS, None),
    ListPrice: (May.SEE_PRODUCTS, None),
    Serial: (May.SEE_TEAM, None),
    Order: (May.SEE_ORDERS, None),
    OrderLine: (May.SEE_ORDERS, None),
    OrderApproval: (May.SEE_ORDERS, None),
    OrderNote: (May.SEE_ORDERS, None),
    OrderPaper: (May.SEE_ORDERS, None),
    AvailabilityRequest: (May.SEE_ORDERS, None),
    SpecialRequest: (May.SEE_ORDERS, None),
    HandOver: (May.SEE_ORDERS, None),
    Return: (May.SEE_ORDERS, None),  # its case is named to those alone who may see it
    ReturnLine: (May.SEE_ORDERS, None),
    PaymentEntry: (May.SEE_PAYMENTS, None),
    Amendment: (May.SEE_ORDERS, None),
    RefundRequest: (
        May.SEE_PAYMENTS,
        lambda actor: unless_restricted(actor, RefundRequest.case_id),
    ),
    Case: (May.SEE_CASES, _cases),
    CaseNote: (May.SEE_CASES, lambda actor: _of_a_case(actor, CaseNote.case_id)),
    CaseLink: (May.SEE_CASES, _case_links),
    Deadline: (May.SEE_CASES, lambda actor: _of_a_case(actor, Deadline.case_id)),
    ClockEvent: (May.SEE_CASES, lambda actor: _of_a_case(actor, ClockEvent.case_id)),
    Escalation: (May.SEE_CASES, lambda actor: _of_a_case(actor, Escalation.case_id)),
    MonthReview: (May.SEE_EVIDENCE, None),
    QualityScore: (May.SEE_CONTACTS, _scores),
    Improvement: (May.SEE_EVIDENCE, lambda actor: unless_restricted(actor, Improvement.case_id)),
    EscalationTurn: (May.TAKE_ESCALATIONS, None),
    Contact: (May.SEE_CONTACTS, _contacts),
    ContactTranscript: (May.SEE_CONTACTS, _transcripts),
    Chat: (May.TAKE_CONTACTS, _chats),
    Intake: (May.TAKE_CONTACTS, _intakes),
    ContactAnswer: (May.SEE_EVIDENCE, lambda actor: unrestricted(actor, ContactAnswer.contact_id)),
    FollowUp: (May.SEE_FOLLOW_UPS, _follow_ups),
    Promise: (May.SEE_FOLLOW_UPS, _promises),
    HelpCall: (May.ANSWER_HELP, None),  # whoever calls is helped, whatever it is about
    AbuseReport: (May.ANSWER_HELP, lambda actor: unrestricted(actor, AbuseReport.contact_id)),
    Feedback: (May.SEE_FEEDBACK, lambda actor: unless_restricted(actor, Feedback.case_id)),
    FeedbackAnalysis: (May.SEE_FEEDBACK, None),
    Message: (May.SEE_MESSAGES, _messages),
    Mail: (May.WORK_CASES, lambda actor: unless_restricted(actor, Mail.case_id)),
    Person: (May.SEE_PEOPLE, None),
    AuditEntry: (May.SEE_AUDIT, _audit),
    Disclosure: (May.SEE_AUDIT, None),
    BusinessCalendar: (May.SEE_POLICY, None),
    CalendarDay: (May.SEE_POLICY, None),
    PolicyVersion: (May.SEE_POLICY, None),
    Recompute: (May.SEE_POLICY, None),
    Replay: (May.EDIT_POLICY, None),
    ReplayMove: (May.EDIT_POLICY, lambda actor: _of_a_case(actor, ReplayMove.case_id)),
    OnDuty: (May.SEE_POLICY, None),
    OrderRules: (May.SEE_POLICY, None),
    OrderTerms: (May.SEE_POLICY, None),
    ReturnPeriod: (May.SEE_POLICY, None),
    Mandate: (May.SEE_POLICY, None),
    Article: (May.SEE_LIBRARY, None),
    ArticleVersion: (May.SEE_LIBRARY, None),
    ChannelRule: (May.SEE_POLICY, None),
    OwnChannel: (May.SEE_POLICY, None),
    PaymentLimit: (May.SEE_POLICY, None),
    PaymentWay: (May.SEE_POLICY, None),
    CustomerNeed: (May.SEE_POLICY, None),
    ListedWord: (May.SEE_POLICY, None),
    ServiceStandard: (May.SEE_EVIDENCE, None),
    Announcement: (May.SEE_POLICY, None),
    VerificationMethodRule: (May.SEE_POLICY, None),
    VerificationNeed: (May.SEE_POLICY, None),
    JobSlot: (May.SEE_JOBS, None),
}
