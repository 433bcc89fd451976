"""The words for what is said and written: contacts and their scripts, letters, mail, chats, and what follows of them."""

from enum import StrEnum


class Channel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    SOCIAL = "social"
    ONLINE = "online"
    IN_PERSON = "in_person"


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


class Mark(StrEnum):
    """How far a scored contact met one criterion of the card."""

    FULLY = "fully"
    PARTLY = "partly"
    NOT = "not"
    NEEDLESS = "needless"
    """It did not come up: not counted."""


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
