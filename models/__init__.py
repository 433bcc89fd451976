"""The tables and the words of the desk. Importing this package makes every table known."""

from models.base import Base
from models.cases import Case, CaseNote, ClockEvent, Deadline, Escalation
from models.contacts import Contact, Intake
from models.customers import Customer, SearchToken
from models.feedback import Feedback
from models.followups import FollowUp
from models.messages import Message
from models.orders import Order, OrderLine, SpecialRequest
from models.payments import PaymentEntry
from models.people import Person, SignInAttempt, SignInSession
from models.policy import BusinessCalendar, CalendarDay, DeadlineRule, EscalationRule
from models.products import Product
from models.records import AuditEntry, IdempotencyKey, JobSlot, NumberSequence

__all__ = [
    "AuditEntry",
    "Base",
    "BusinessCalendar",
    "CalendarDay",
    "Case",
    "CaseNote",
    "ClockEvent",
    "Contact",
    "Customer",
    "Deadline",
    "DeadlineRule",
    "Escalation",
    "EscalationRule",
    "Feedback",
    "FollowUp",
    "IdempotencyKey",
    "Intake",
    "JobSlot",
    "Message",
    "NumberSequence",
    "Order",
    "OrderLine",
    "PaymentEntry",
    "Person",
    "Product",
    "SearchToken",
    "SignInAttempt",
    "SignInSession",
    "SpecialRequest",
]
