"""The tables and the words of the desk. Importing this package makes every table known."""

from models.amendments import Amendment, RefundRequest
from models.announcements import Announcement
from models.availability import AvailabilityRequest
from models.base import Base
from models.cases import Case, CaseLink, CaseNote, ClockEvent, Deadline, Escalation, EscalationTurn
from models.chats import Chat, ChatMessage
from models.consents import Consent, ConsentWording, Offer, ResearchList, ResearchRow
from models.contacts import Contact, Intake
from models.courses import Course, CoursePlan, CourseQuestion, CourseReminder, CourseTry
from models.customers import Customer, CustomerMerge, CustomerNeed, SearchToken
from models.data_requests import DataRequest
from models.disclosures import Disclosure
from models.duty import OnDuty
from models.erasures import Erasure
from models.feedback import Feedback, SurveySettings
from models.followups import FollowUp
from models.incoming import IncomingMessage, ShopOrder
from models.library import Article, ArticleVersion, Citation, LinkCheck, Reading
from models.mails import Mail, MailFile, MailPlace
from models.messages import Message
from models.order_notes import OrderNote, OrderNoteCall
from models.order_papers import OrderPaper
from models.order_terms import OrderTerms
from models.orders import HandOver, Order, OrderLine, SpecialRequest
from models.payments import PaymentEntry, PaymentLimit, PaymentWay
from models.people import Person, SignInAttempt, SignInSession
from models.policy import BusinessCalendar, CalendarDay, PolicyVersion, Recompute
from models.prices import ListPrice, OrderApproval, OrderRules, PriceList
from models.products import Product
from models.promises import Promise
from models.quality import QualityCard, QualitySample, QualityScore
from models.records import AuditEntry, AuditSeal, IdempotencyKey, JobSlot, NumberSequence
from models.replays import Replay, ReplayMove
from models.returns import Return, ReturnLine, ReturnPeriod
from models.reviews import FeedbackAnalysis, Improvement, MonthReview
from models.scripts import ContactAnswer, ContactStep, ScriptComment, ScriptOwner, ScriptVersion, StepCount
from models.standards import ServiceStandard
from models.support import Attachment, ProductLink, Serial
from models.tone import ListedWord
from models.training import TrainingRecord
from models.transcripts import ContactTranscript
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
    "AvailabilityRequest",
    "Base",
    "BusinessCalendar",
    "CalendarDay",
    "CallerTries",
    "Case",
    "CaseLink",
    "CaseNote",
    "ChannelRule",
    "Chat",
    "ChatMessage",
    "Citation",
    "ClockEvent",
    "Consent",
    "ConsentWording",
    "Contact",
    "ContactAnswer",
    "ContactStep",
    "ContactTranscript",
    "Course",
    "CoursePlan",
    "CourseQuestion",
    "CourseReminder",
    "CourseTry",
    "Customer",
    "CustomerMerge",
    "CustomerNeed",
    "DataRequest",
    "Deadline",
    "Disclosure",
    "Erasure",
    "Escalation",
    "EscalationTurn",
    "Feedback",
    "FeedbackAnalysis",
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
    "Offer",
    "OnDuty",
    "OneTimeCode",
    "Order",
    "OrderApproval",
    "OrderLine",
    "OrderNote",
    "OrderNoteCall",
    "OrderPaper",
    "OrderRules",
    "OrderTerms",
    "OwnChannel",
    "PaymentEntry",
    "PaymentLimit",
    "PaymentWay",
    "Person",
    "PolicyVersion",
    "PriceList",
    "Product",
    "ProductLink",
    "Promise",
    "QualityCard",
    "QualitySample",
    "QualityScore",
    "Reading",
    "Recompute",
    "RefundRequest",
    "Replay",
    "ReplayMove",
    "ResearchList",
    "ResearchRow",
    "Return",
    "ReturnLine",
    "ReturnPeriod",
    "ScriptComment",
    "ScriptOwner",
    "ScriptVersion",
    "SearchToken",
    "Serial",
    "ServiceStandard",
    "ShopOrder",
    "SignInAttempt",
    "SignInSession",
    "SpecialRequest",
    "StepCount",
    "SurveySettings",
    "TrainingRecord",
    "VerificationMethodRule",
    "VerificationNeed",
]
