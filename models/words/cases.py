"""The words for cases, the clocks on them, the policy that sets these, and what is learned."""

from enum import StrEnum


class CaseKind(StrEnum):
    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    ORDER_ERROR = "order_error"
    PAYMENT_ISSUE = "payment_issue"
    SERVICE_REQUEST = "service_request"
    SUPPORT = "support"


class Severity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class CaseStatus(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    """Resolved, and asked whether it holds; or written down why nobody could be asked. S3-4.2.1c"""
    CANCELLED = "cancelled"
    MERGED = "merged"


class ResolutionCode(StrEnum):
    ANSWERED = "answered"
    REFUND = "refund"
    EXCHANGE = "exchange"
    TECHNICAL_SUPPORT = "technical_support"
    GOODWILL = "goodwill"
    CORRECTED = "corrected"
    NO_ACTION = "no_action"


class NoteKind(StrEnum):
    NOTE = "note"
    ACTION = "action"
    QUESTION = "question"
    HEARD = "heard"
    """What the customer said or wrote."""
    TOLD = "told"
    """What the customer was told."""


class DeadlineKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    NEXT_ANSWER = "next_answer"
    UPDATE = "update"
    RESOLVE = "resolve"
    ESCALATE = "escalate"


class DeadlineStatus(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    STOPPED = "stopped"


class ClockEventKind(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    REOPEN = "reopen"
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    RECLASSIFIED = "reclassified"
    POLICY_CHANGED = "policy_changed"


class TargetKind(StrEnum):
    """What a deadline counts. Decision 2."""

    ELAPSED = "elapsed"
    BUSINESS = "business"
    BUSINESS_DAYS = "business_days"
    SAME_BUSINESS_DAY = "same_business_day"


class PolicyStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    DROPPED = "dropped"


class ReplayStatus(StrEnum):
    """How far a replay of a draft has come. Given up is one whose draft, or whose policy in force, changed meanwhile."""

    RUNNING = "running"
    FINISHED = "finished"
    GIVEN_UP = "given_up"


class EscalationStatus(StrEnum):
    RAISED = "raised"
    ACCEPTED = "accepted"
    HANDED_BACK = "handed_back"
    RESOLVED = "resolved"


class ImprovementSource(StrEnum):
    """What an improvement was raised from. S0-2.2c"""

    FEEDBACK = "feedback"
    ERROR = "error"
    REVIEW = "review"
