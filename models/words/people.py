"""The words for people: who works here, who the customers are, and what they agreed to or asked for."""

from enum import StrEnum


class Role(StrEnum):
    REPRESENTATIVE = "representative"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    FINANCE = "finance"
    INVENTORY = "inventory"
    FULFILMENT = "fulfilment"
    ADMINISTRATOR = "administrator"


class PreferredChannel(StrEnum):
    """How a customer wants to hear from the desk. S0-3.6.1"""

    EMAIL = "email"
    CALL = "call"
    MESSAGE = "message"


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
