"""The words for orders and what becomes of them, in goods and in money."""

from enum import StrEnum


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


class ErrorCause(StrEnum):
    """Why an order had to be corrected for a mistake of ours; counted, to see what to mend first. S0-6.2b"""

    MISHEARD = "misheard"
    MISTYPED = "mistyped"
    NOT_READ_BACK = "not_read_back"
    WRONG_INFORMATION = "wrong_information"
    WRONG_PRICE = "wrong_price"
    WRONG_STOCK = "wrong_stock"
    SYSTEM = "system"
    OTHER = "other"


class ReturnReason(StrEnum):
    FAULTY = "faulty"
    DAMAGED = "damaged"
    WRONG_ARTICLE = "wrong_article"
    NOT_WANTED = "not_wanted"
    OTHER = "other"
