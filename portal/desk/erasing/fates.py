"""What becomes of each column when a customer is erased: named for every text there is, so that none is forgotten.

Decision 28. S3-10.1.1, S2-3.4, S3-6.2.1
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

ERASED = "erased"
"""What stands where somebody's words stood; where nothing stood, nothing does."""
NAME = "Erased customer"
"""What a customer's record is called afterwards."""


class Fate(Enum):
    """What becomes of a value."""

    GOES = auto()
    """Replaced by `ERASED`: whoever it tells of, it may say anything."""
    BLANK = auto()
    """Emptied: a mark in its place would be taken for a value."""
    NULL = auto()
    """Taken out, where the column may be empty."""
    KNOWN = auto()
    """Stays, but for whatever is known of the person, in words or in a document: the trade has to keep it."""
    MARKS = auto()
    """A document of which the words go, and the moments and numbers stay."""
    EMPTY = auto()
    """An empty document."""
    CONTENT = auto()
    """The bytes of a file: none."""


GOES, BLANK, NULL, KNOWN = Fate.GOES, Fate.BLANK, Fate.NULL, Fate.KNOWN

FATES: Mapping[str, Mapping[str, Fate]] = MappingProxyType(
    {
        "customers": {
            **dict.fromkeys(
                ("organisation", "email", "phone", "street", "city", "region", "postal_code", "country", "note"),
                BLANK,
            ),
            "name": GOES,
            "held_because": BLANK,
            **dict.fromkeys(("source", "source_id", "marketing_consent_at", "research_consent_at"), NULL),
        },
        "contacts": {
            **dict.fromkeys(("summary", "abandoned_because", "handle", "link", "suspect"), GOES),
            "cues": BLANK,
        },
        "contact_transcripts": dict.fromkeys(("name", "words", "removed_because"), GOES),
        "intakes": {"answers": Fate.EMPTY, "done": Fate.MARKS},
        "contact_answers": {"value": GOES, "number": NULL, "day": NULL},
        "contact_steps": {"reason": GOES},
        "attachments": {"name": GOES, "digest": GOES, "content": Fate.CONTENT},
        "help_calls": {"words": GOES, "outcome": GOES},
        "abuse_reports": {"words": GOES, "review": GOES},
        "one_time_codes": {"sent_to": GOES},
        "cases": dict.fromkeys(
            (
                "subject", "statement", "restated", "apology", "options", "resolution", "closed_because", "country",
                "serial",
            ),
            GOES,
        ),
        "case_notes": {"words": GOES, "happened_why": GOES},
        "clock_events": {"reason": GOES},
        "escalations": {"reason": GOES},
        "follow_ups": {"words": GOES, "message": GOES, "result": GOES},
        "quality_scores": {"remarks": KNOWN, "answer": KNOWN},
        "promises": {"what": GOES, "result": GOES},
        "chats": {"name": GOES, "subject": GOES, "address": BLANK},
        "chat_messages": {"words": GOES},
        "feedback": {"comment": GOES, "customer_id": NULL},
        "improvements": {"words": KNOWN, "dropped_because": KNOWN},
        "messages": dict.fromkeys(
            ("to_name", "to_address", "subject", "body_text", "body_html", "last_error", "in_reply_to"), GOES
        ),
        "mails": dict.fromkeys(
            ("sender_name", "sender_address", "subject", "words", "message_id", "because", "left_out"), GOES
        ),
        "mail_files": {"name": GOES, "digest": GOES, "content": Fate.CONTENT},
        "orders": {**dict.fromkeys(("ship_name", "ship_address", "note", "tracking"), GOES), "cancelled_because": KNOWN},
        "order_lines": {"price_reason": KNOWN},
        "order_notes": {"words": GOES},
        "order_papers": {"name": GOES, "content": Fate.CONTENT, "whereabouts": KNOWN},
        "availability_requests": {"question": KNOWN, "remark": KNOWN},
        "order_approvals": {"decision": KNOWN},
        "special_requests": {"wish": KNOWN, "reason": KNOWN},
        "amendments": {"before": KNOWN, "after": KNOWN, "reason": KNOWN},
        "returns": {"words": KNOWN, "ended_because": KNOWN},
        "refund_requests": {"reason": KNOWN, "other_because": KNOWN, "decision": KNOWN},
        "payment_entries": {"reference": KNOWN, "note": KNOWN},
        "disclosures": {"recipient": KNOWN, "what": KNOWN, "reason": KNOWN},
        "customer_merges": {"reason": GOES},
        "data_requests": {"words": GOES, "outcome": GOES},
        "erasures": {"reason": KNOWN},
    }
)  # fmt: skip
"""By table and column. Rows belong to a customer by whatever way they lead there."""

TRADE = frozenset(
    {
        "orders", "order_lines", "order_approvals", "special_requests", "amendments", "returns", "refund_requests",
        "payment_entries", "disclosures",
    }
)  # fmt: skip
"""Tables of which the reason of a deed stays as well, but for what is known of the person."""

PERSONAL_KEYS = frozenset({"ship_name", "ship_address", "note"})
"""What goes of a document of which the rest stays, whatever it says."""

COUNTED = frozenset(
    {"choice", "choices", "yes_no", "tick", "scale", "announcement", "product", "number", "money"}
)
"""Kinds of answers that are counted and say nothing of who gave them; all others go."""

WHY_KEPT = MappingProxyType(
    {
        "orders": "The number, the goods, the days and the amounts: tax and trade law want them kept.",
        "payment_entries": "The ledger: nobody can take anything out of it.",
        "special_requests": "What was asked for with an order, for twelve months at least, without who asked.",
        "amendments": "What an order was before, for twelve months at least, without who asked.",
        "cases": "Its number, its kind and its clocks, for the counts.",
        "feedback": "The score, without a name.",
        "order_papers": "That there is a paper, and where it is: it has to be destroyed by hand.",
        "messages": "That a letter went out and when, without address and words.",
        "audit_entries": "Who did what and when, without what it was about. The seals still hold.",
        "disclosures": "Who was given something of this customer: they have to be told.",
    }
)
"""What stays of the tables where something does, and why."""
