"""The tables and the words of the desk. Importing this package makes every table known."""

from models.amendments import Amendment, RefundRequest
from models.announcements import Announcement
from models.base import Base
from models.cases import Case, CaseLink, CaseNote, ClockEvent, Deadline, Escalation, EscalationTurn
from models.contacts import Contact, Intake
from models.customers import Customer, CustomerMerge, CustomerNeed, SearchToken
from models.disclosures import Disclosure
from models.duty import OnDuty
from models.feedback import Feedback
from models.followups import FollowUp
from models.incoming import IncomingMessage
from models.library import Article, ArticleVersion, Citation, LinkCheck, Reading
from models.mails import Mail, MailFile, MailPlace
from models.messages import Message
from models.orders import HandOver, Order, OrderLine, SpecialRequest
from models.payments import PaymentEntry, PaymentWay
from models.people import Person, SignInAttempt, SignInSession
from models.policy import BusinessCalendar, CalendarDay, PolicyVersion, Recompute
from models.prices import ListPrice, OrderApproval, OrderRules, PriceList
from models.products import Product
from models.promises import Promise
from models.records import AuditEntry, AuditSeal, IdempotencyKey, JobSlot, NumberSequence
from models.replays import Replay, ReplayMove
from models.returns import Return, ReturnLine, ReturnPeriod
from models.reviews import Improvement, MonthReview
from models.scripts import ContactAnswer, ContactStep, ScriptComment, ScriptOwner, ScriptVersion, StepCount
from models.support import Attachment, ProductLink, Serial
from models.tone import ListedWord
from models.training import TrainingRecord
from models.trouble import AbuseReport, HelpCall, Mandate
from models.verification import (
    CallerTries,
    ChannelRule,
    OneTimeCode,
    OwnChannel,
    VerificationMethodRule,
    VerificationNeed,
)

__all__ = [
    "AbuseReport",
    "Amendment",
    "Announcement",
    "Article",
    "ArticleVersion",
    "Attachment",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "BusinessCalendar",
    "CalendarDay",
    "CallerTries",
    "Case",
    "CaseLink",
    "CaseNote",
    "ChannelRule",
    "Citation",
    "ClockEvent",
    "Contact",
    "ContactAnswer",
    "ContactStep",
    "Customer",
    "CustomerMerge",
    "CustomerNeed",
    "Deadline",
    "Disclosure",
    "Escalation",
    "EscalationTurn",
    "Feedback",
    "FollowUp",
    "HandOver",
    "HelpCall",
    "IdempotencyKey",
    "Improvement",
    "IncomingMessage",
    "Intake",
    "JobSlot",
    "LinkCheck",
    "ListPrice",
    "ListedWord",
    "Mail",
    "MailFile",
    "MailPlace",
    "Mandate",
    "Message",
    "MonthReview",
    "NumberSequence",
    "OnDuty",
    "OneTimeCode",
    "Order",
    "OrderApproval",
    "OrderLine",
    "OrderRules",
    "OwnChannel",
    "PaymentEntry",
    "PaymentWay",
    "Person",
    "PolicyVersion",
    "PriceList",
    "Product",
    "ProductLink",
    "Promise",
    "Reading",
    "Recompute",
    "RefundRequest",
    "Replay",
    "ReplayMove",
    "Return",
    "ReturnLine",
    "ReturnPeriod",
    "ScriptComment",
    "ScriptOwner",
    "ScriptVersion",
    "SearchToken",
    "Serial",
    "SignInAttempt",
    "SignInSession",
    "SpecialRequest",
    "StepCount",
    "TrainingRecord",
    "VerificationMethodRule",
    "VerificationNeed",
]
