"""The words of the desk. One word per thing; the same list stands in docs/words.md."""

from enum import StrEnum


class Role(StrEnum):
    REPRESENTATIVE = "representative"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    FINANCE = "finance"
    INVENTORY = "inventory"
    FULFILMENT = "fulfilment"
    ADMINISTRATOR = "administrator"


class Channel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    SOCIAL = "social"
    ONLINE = "online"
    IN_PERSON = "in_person"


class PreferredChannel(StrEnum):
    """How a customer wants to hear from the desk. S0-3.6.1"""

    EMAIL = "email"
    CALL = "call"
    MESSAGE = "message"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ContactStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    ABANDONED = "abandoned"


class Situation(StrEnum):
    """What a contact is about: each has a script. S4-1.1"""

    ORDER = "order"
    AMENDMENT = "amendment"
    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    SERVICE_REQUEST = "service_request"
    SUPPORT = "support"
    PAYMENT_ISSUE = "payment_issue"
    OPEN_CASE = "open_case"


class Outcome(StrEnum):
    """How a contact ended. S2-10.3"""

    ORDER_PLACED = "order_placed"
    ORDER_AMENDED = "order_amended"
    RESOLVED = "resolved"
    HANDED_ON = "handed_on"
    FOLLOW_UP = "follow_up"
    NO_ORDER = "no_order"
    REDIRECTED = "redirected"
    LOST = "lost"
    ENDED_FOR_ABUSE = "ended_for_abuse"


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


class CustomerKind(StrEnum):
    """What kind of customer: it says what has to be known of them. S1-4.1.2a"""

    PERSON = "person"
    COMPANY = "company"


class CustomerDetail(StrEnum):
    """What can be required of a new customer besides a name. `reach`: phone or e-mail, whichever."""

    ORGANISATION = "organisation"
    REACH = "reach"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    CITY = "city"
    COUNTRY = "country"


class Tier(StrEnum):
    """What a customer was promised beyond the usual: a condition of the policy's rows."""

    STANDARD = "standard"
    PRIORITY = "priority"


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


class OrderStatus(StrEnum):
    """S1-0.1: the way of an order, with cancelling as its one branch off."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
    PREPARED = "prepared"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class DeliveryMethod(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class SpecialRequestStatus(StrEnum):
    """How far a special request has come. S1-4.5.1a"""

    NEW = "new"
    UNDER_REVIEW = "under_review"
    FEASIBLE = "feasible"
    NOT_FEASIBLE = "not_feasible"


class Department(StrEnum):
    """Who decides on special requests, and is told of orders: by the role of its people. S1-4.5.2"""

    INVENTORY = "inventory"
    FULFILMENT = "fulfilment"


class Availability(StrEnum):
    """What inventory says when it is asked for some of a product. S1-3.2a"""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"


class PaymentKind(StrEnum):
    CHARGE = "charge"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


class PaymentMethod(StrEnum):
    CASH = "cash"
    TRANSFER = "transfer"
    TERMINAL = "terminal"


class ImprovementSource(StrEnum):
    """What an improvement was raised from. S0-2.2c"""

    FEEDBACK = "feedback"
    ERROR = "error"
    REVIEW = "review"


class FollowUpKind(StrEnum):
    CALL_BACK = "call_back"
    PROMISE = "promise"
    DELIVERY_CHECK = "delivery_check"
    RESOLUTION_CHECK = "resolution_check"
    CONFIRMATION_CALL = "confirmation_call"
    AFTER_DIFFICULT = "after_difficult"


class FollowUpStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class DisclosureGround(StrEnum):
    """On what ground somebody was given data of customers. S4-3.3"""

    CONTRACT = "contract"
    CONSENT = "consent"
    OWN_REQUEST = "own_request"
    STATUTORY_DUTY = "statutory_duty"
    INTEREST = "legitimate_interest"


class ConsentPurpose(StrEnum):
    """What a customer's address is used for only with their consent. S4-3.1"""

    MARKETING = "marketing"
    RESEARCH = "research"


class ConsentSource(StrEnum):
    """By what way a customer agreed, or took it back. S4-3.1"""

    CONTACT = "contact"
    COLLEAGUE = "colleague"
    LINK = "link"


class DataRequestKind(StrEnum):
    """What a customer asks of their own data. S2-2.3"""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    PORTABILITY = "portability"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class DataRequestStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class ErasureStatus(StrEnum):
    """How far erasing a customer is. S3-10.1.1"""

    ASKED = "asked"
    RUNNING = "running"
    """Within one transaction alone; nobody ever sees it."""
    DONE = "done"
    DROPPED = "dropped"


class MessageStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    DISCARDED = "discarded"


class ChatStatus(StrEnum):
    """How a chat stands. S2-12.3"""

    WAITING = "waiting"
    """Nobody has taken it."""
    TAKEN = "taken"
    ENDED = "ended"


class ChatEnd(StrEnum):
    """How a chat ended. S2-12.3"""

    CUSTOMER = "customer"
    """The customer ended it."""
    REPRESENTATIVE = "representative"
    LEFT = "left"
    """Nobody was there: it was left as a message, which became a case."""


class ChatAuthor(StrEnum):
    """Who wrote a message of a chat. S2-12.3"""

    CUSTOMER = "customer"
    REPRESENTATIVE = "representative"
    DESK = "desk"
    """The desk itself: who came, who went, that it has ended."""


class MailKind(StrEnum):
    """What a mail that came in is. S2-12.2"""

    CONCERN = "concern"
    """It opens something new."""
    REPLY = "reply"
    """It goes on with something there is."""
    AUTOMATIC = "automatic"
    """A machine wrote it: out of office, a list, bulk."""
    REPORT = "report"
    """What a mail server says of a letter of ours."""


class MailStatus(StrEnum):
    """What became of a mail: none is thrown away. S0-5.1b"""

    FILED = "filed"
    SET_ASIDE = "set_aside"
    REJECTED = "rejected"


class Audience(StrEnum):
    CUSTOMER = "customer"
    COLLEAGUE = "colleague"


class FeedbackKind(StrEnum):
    RESOLUTION = "resolution"
    DELIVERY = "delivery"


class ScriptStatus(StrEnum):
    """The way of a script's version: written, agreed to, in force from a moment on, kept for the record."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class StepState(StrEnum):
    """How a step of an ended contact went."""

    DONE = "done"
    SKIPPED = "skipped"
    MISSING = "missing"
    NEEDLESS = "needless"


class PromiseStatus(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


class ArticleKind(StrEnum):
    ARTICLE = "article"
    POLICY = "policy"
    GUIDE = "guide"


class LinkKind(StrEnum):
    PAGE = "page"
    GUIDE = "guide"
    QUESTIONS = "questions"


class VerificationMethod(StrEnum):
    FACTS = "facts"
    CALL_BACK = "call_back"
    ONE_TIME_CODE = "one_time_code"


class SensitiveDeed(StrEnum):
    """What a caller has to be verified for. S2-2.1"""

    SEE_DETAILS = "see_details"
    CHANGE_DETAILS = "change_details"
    PLACE_ORDER = "place_order"
    AMEND_ORDER = "amend_order"
    ASK_REFUND = "ask_refund"


class RefundReason(StrEnum):
    """What money is given back for, to be counted. S4-4.5"""

    OVERPAID = "overpaid"
    CHARGED_WRONG = "charged_wrong"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    GOODWILL = "goodwill"
    OTHER = "other"


class RefundStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class ApprovalCause(StrEnum):
    """Why somebody else has to agree to an order. S1-4.2.1b, S1-4.3.2a"""

    PRICE = "price"
    VALUE = "value"


class ApprovalStatus(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


class ReturnStatus(StrEnum):
    """The way of what a customer sends back."""

    EXPECTED = "expected"
    ARRIVED = "arrived"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class ReturnReason(StrEnum):
    FAULTY = "faulty"
    DAMAGED = "damaged"
    WRONG_ARTICLE = "wrong_article"
    NOT_WANTED = "not_wanted"
    OTHER = "other"
