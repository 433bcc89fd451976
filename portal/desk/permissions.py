"""Who may do what: one table. Pages, admin views and deeds all name a `May`. Decision 17"""

from __future__ import annotations

from enum import StrEnum

from models.words import Role


class May(StrEnum):
    """A permission, named for the deed."""

    TAKE_CONTACTS = "take contacts"
    SEE_CONTACTS = "see contacts"
    SEE_CUSTOMERS = "see customers"
    EDIT_CUSTOMERS = "edit customers"
    SEE_PRODUCTS = "see products"
    EDIT_PRODUCTS = "edit products"
    SEE_ORDERS = "see orders"
    PLACE_ORDERS = "place orders"
    CANCEL_ORDERS = "cancel orders"
    APPROVE_ORDERS = "approve or refuse orders of others"
    HAND_OUT_ORDERS = "prepare, dispatch and deliver orders"
    RECEIVE_ORDERS = "tick which orders the department has"
    DECIDE_REQUESTS = "decide special requests"
    ANNOUNCE_RETURNS = "announce returns"
    RECEIVE_RETURNS = "mark which returns arrived"
    SEE_PAYMENTS = "see payments"
    RECORD_PAYMENTS = "record payments"
    SEE_CASES = "see cases"
    WORK_CASES = "work cases"
    TAKE_ESCALATIONS = "take escalations"
    SEE_RESTRICTED = "see legal and regulatory cases"
    SEE_FOLLOW_UPS = "see follow-ups"
    WORK_FOLLOW_UPS = "work follow-ups"
    SEE_TEAM = "see the whole team's rows"
    SEE_FEEDBACK = "see feedback"
    SET_SURVEYS = "set which surveys go out, and when"
    SEE_MESSAGES = "see messages"
    RESEND_MESSAGES = "send messages again"
    SEE_POLICY = "see calendars, targets and the escalation matrix"
    EDIT_POLICY = "edit calendars, targets and the escalation matrix"
    SEE_PEOPLE = "see people"
    EDIT_PEOPLE = "edit people"
    SEE_AUDIT = "see the audit trail"
    SEE_JOBS = "see jobs"
    EXPORT = "export tables"
    SEND_OFFERS = "write offers and make lists for research, of those who agreed"
    ERASE_CUSTOMERS = "erase customers"
    ANSWER_DATA_REQUESTS = "answer what customers ask of their own data"
    SEE_SCRIPTS = "see scripts and their diagrams"
    EDIT_SCRIPTS = "write scripts"
    PUBLISH_SCRIPTS = "approve and publish scripts"
    SEE_EVIDENCE = "see how well the procedures are followed"
    SCORE_CONTACTS = "draw samples of contacts and score them"
    EDIT_CARD = "write the card that contacts are scored by"
    SEE_LIBRARY = "read the library"
    EDIT_LIBRARY = "write the library"
    AMEND_ORDERS = "amend orders"
    ASK_REFUNDS = "ask for refunds"
    DECIDE_REFUNDS = "approve or refuse refunds"
    ANSWER_HELP = "answer calls for help and review abuse"
    PRACTISE = "practise"
    SEE_TRAINING = "see what the team has practised"


class Open(StrEnum):
    """For pages that need no permission: said aloud, never by leaving something out."""

    PUBLIC = "anybody"
    SIGNED_IN = "anybody signed in, also without a role"


_DESK = {
    May.TAKE_CONTACTS,
    May.SEE_CONTACTS,
    May.SEE_CUSTOMERS,
    May.EDIT_CUSTOMERS,
    May.SEE_PRODUCTS,
    May.SEE_ORDERS,
    May.PLACE_ORDERS,
    May.CANCEL_ORDERS,
    May.ANNOUNCE_RETURNS,
    May.RECORD_PAYMENTS,
    May.SEE_CASES,
    May.WORK_CASES,
    May.SEE_FOLLOW_UPS,
    May.WORK_FOLLOW_UPS,
    May.SEE_MESSAGES,
    May.SEE_LIBRARY,
    May.AMEND_ORDERS,
    May.ASK_REFUNDS,
    May.PRACTISE,
}
_LEAD = _DESK | {
    May.SEE_TEAM,
    May.DECIDE_REQUESTS,
    May.TAKE_ESCALATIONS,
    May.SEE_PAYMENTS,
    May.SEE_FEEDBACK,
    May.SET_SURVEYS,
    May.RESEND_MESSAGES,
    May.SEE_POLICY,
    May.EXPORT,
    May.SEE_JOBS,
    May.SEE_SCRIPTS,
    May.SEE_EVIDENCE,
    May.SCORE_CONTACTS,
    May.EDIT_LIBRARY,
    May.DECIDE_REFUNDS,
    May.APPROVE_ORDERS,
    May.ANSWER_HELP,
    May.SEE_TRAINING,
}

GRANTS: dict[Role, frozenset[May]] = {
    Role.REPRESENTATIVE: frozenset(_DESK),  # S0-2.1a
    Role.SUPERVISOR: frozenset(_LEAD),  # S0-2.2
    Role.MANAGER: frozenset(
        _LEAD
        | {
            May.SEE_RESTRICTED,
            May.EDIT_POLICY,
            May.EDIT_PRODUCTS,
            May.SEE_PEOPLE,
            May.SEE_AUDIT,
            May.EDIT_SCRIPTS,
            May.PUBLISH_SCRIPTS,
            May.EDIT_CARD,
            May.SEND_OFFERS,
            May.ERASE_CUSTOMERS,
            May.ANSWER_DATA_REQUESTS,
        },
    ),
    Role.FINANCE: frozenset(  # S0-2.3a: payments read-only; its own deeds come as forms of their own
        {
            May.SEE_PAYMENTS,
            May.SEE_ORDERS,
            May.SEE_CASES,
            May.TAKE_ESCALATIONS,
            May.EXPORT,
            May.SEE_LIBRARY,
            May.DECIDE_REFUNDS,
        },
    ),
    Role.INVENTORY: frozenset(
        {
            May.SEE_PRODUCTS,
            May.EDIT_PRODUCTS,
            May.SEE_ORDERS,
            May.RECEIVE_ORDERS,
            May.DECIDE_REQUESTS,
            May.RECEIVE_RETURNS,
            May.SEE_LIBRARY,
        }
    ),  # S1-3.2
    Role.FULFILMENT: frozenset(
        {
            May.SEE_PRODUCTS,
            May.SEE_ORDERS,
            May.HAND_OUT_ORDERS,
            May.RECEIVE_ORDERS,
            May.DECIDE_REQUESTS,
            May.RECEIVE_RETURNS,
            May.SEE_LIBRARY,
        }
    ),  # S1-3.3
    Role.ADMINISTRATOR: frozenset(
        {
            May.SEE_PEOPLE,
            May.EDIT_PEOPLE,
            May.SEE_AUDIT,
            May.SEE_POLICY,
            May.EDIT_POLICY,
            May.SEE_JOBS,
            May.SEE_MESSAGES,
            May.RESEND_MESSAGES,
            May.EXPORT,
            May.SEE_SCRIPTS,
        },
    ),
}


PRACTICE = GRANTS[Role.REPRESENTATIVE]
"""What can be done in the practice room: a representative's work. S2-0.3"""


def granted(roles: tuple[str, ...]) -> frozenset[May]:
    """Everything these roles allow; unknown words allow nothing."""
    words = set(roles)  # not `in Role`: Python 3.11 refuses to look for a plain word in an enumeration
    return frozenset(may for role, allowed in GRANTS.items() if role.value in words for may in allowed)
