"""Writing messages to customers and notices to colleagues: rows in the outbox, in the deed's transaction.

A deed that writes must end with `audit.record`, as every deed does. S0-0.2, S1-4.4.1, S3-3.1.1, S3-3.2.2

What happens to many cases at once is gathered: each colleague gets one notice that names all of them.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from models import BusinessCalendar, Case, Customer, Message, Order, Person
from models.words import Audience, MessageStatus, PreferredChannel, Role
from portal.desk import bulk, links, quiet, rota
from portal.desk.work import Work

log = logging.getLogger(__name__)

LANGUAGES = ("en", "de")
"""The languages every template is written in; the first is spoken to everybody else."""

FACTS: dict[str, frozenset[str]] = {
    name: frozenset(facts.split())
    for name, facts in {
        "order-confirmation": "lines total_minor taxes currency delivery_method ship_name ship_address expected_on"
        " wanted_on wanted_hours requests promises terms",
        "order-amended": "version lines freight_minor total_minor taxes old_total_minor currency delivery_method"
        " ship_name ship_address expected_on wanted_on wanted_hours requests terms",
        "refund-decided": "approved correction amount_minor old_minor new_minor currency method another_way"
        " payment_reference reason",
        "payment-receipt": "receipt_number amount_minor balance_minor currency method payment_reference"
        " taken_at order_total_minor taxes",
        "receipt-copy": "receipt_number amount_minor balance_minor currency method payment_reference"
        " taken_at order_total_minor taxes",
        "case-acknowledgement": "kind subject statement answer_by solve_by",
        "case-answer": "subject answer links solve_by",
        "case-question": "subject question",
        "case-update": "subject words",
        "case-delayed": "subject words",
        "case-resolved": "subject what_was_done",
        "delivery-update": "status delivery_method expected_on carrier tracking reason",
        "hand-over-notice": "version delivery_method wanted_on wanted_hours",
        "order-not-received": "department version cancelled told_at",
        "special-requests-decided": "requests",
        "special-request-notice": "wishes due_at requests_link",
        "special-request-late": "wish department due_at leads requests_link",
        "expected-day-moved": "delivery_method expected_on before_on reason",
        "goods-in": "delivery_method expected_on",
        "goods-in-notice": "",
        "return-update": "status lines order_number expected_by reason exchange",
        "feedback-invitation": "kind subject feedback_link surveys_link expires_at",
        "offer": "subject words consents_link",
        "contact-summary": "summary promises",
        "one-time-code": "code expires_at",
        "escalation-notice": "count groups",
        "deadline-warning": "count groups",
        "target-met": "count groups",
        "order-changed-notice": "version changes status reason",
        "order-waits-notice": "causes who total_minor listed_minor currency approvals_link",
        "order-decided-notice": "decision who reason total_minor currency",
        "return-notice": "status lines order_number expected_by reason",
        "follow-up-reminder": "kind words due_at",
        "follow-up-overdue": "kind words due_at owner",
        "article-ran-out": "title valid_until article_link",
        "courses-due": "courses training_link",
        "dead-links": "page_link dead",
        "chat-transcript": "words began_at",
        "chat-waits": "subject opened_at",
        "help-wanted": "who channel words called_at",
        "suspect-caller": "reason",
        "closing-sheet": "closes_at opens_at until clocks follow_ups help_calls more",
    }.items()
}
"""What each template has to be told; `company`, `address`, `name`, `reference`, `link`, `standing_link`, `zone` are added.

Moments (`…_at`, `answer_by`, `solve_by`) are aware datetimes, days (`…_on`) dates, either may be None; `…_minor` minor
units; `kind`, `status`, `method`, `deadline`, `to_role`, `delivery_method` are our own words; everything else
is text, "" where there is none. A line is {description, quantity, unit_price_minor, total_minor, waiting, waits_until}, a
request {wish, status, reason}, a promise {words, due_at}, a tax {tax_bp, tax_minor}. The last five go to
colleagues. A group is {kind, level, to_role, reason, cases} or {kind, deadline, ran_out, words, cases}; a case
(number, subject, link, due_at). `dead` are links (address, what is wrong), `courses` (title, due_at).
A closing-time sheet names clocks (number, subject, deadline, due_at, link), follow-ups (kind, words, owner, due_at)
and calls for help (who, called_at); `more` says that each list may go on.
"""

GATHERED = frozenset({"escalation-notice", "deadline-warning", "target-met", "closing-sheet"})
"""Notices that may name several cases; those that name one stand under it, those that name several under none."""

_ADDRESS = re.compile(r"""[^\s@<>,;:"()\[\]\\]+@[^\s@<>,;:"()\[\]\\]+""")


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who wrote to us and is no customer we know: named, never verified. S2-11.2b"""

    name: str
    email: str
    language: str


Receiver = Customer | Person | Sender


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that is to be written: which template, to whom, about what."""

    template: str
    to: Receiver
    once: str
    reference: str = ""
    order: Order | int | None = None
    case: Case | int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    in_reply_to: str = ""
    """The Message-ID of the mail it answers by itself. S3-3.1.1b"""


class Mention(NamedTuple):
    """One case named in a notice; `key` is what makes it the only mention of its kind."""

    number: str
    subject: str
    case_id: int
    key: str
    hidden: bool
    """Only managers may see the case."""
    due_at: datetime | None = None


@dataclass(slots=True)
class _Gathering:
    """What one colleague is to be told: what stands above each group of cases, and the cases."""

    person: Person
    groups: list[tuple[Mapping[str, object], Sequence[Mention]]] = field(default_factory=list)


class Gathered:
    """Which cases each colleague is to be told of, in one notice each."""

    def __init__(self) -> None:
        self.told: dict[int, _Gathering] = {}

    def add(
        self, people: Iterable[Person], heading: Mapping[str, object], mentions: Sequence[Mention]
    ) -> None:
        """Name cases to these people under a heading: the facts that all of them share."""
        for person in people:
            self.told.setdefault(person.id, _Gathering(person)).groups.append((heading, mentions))


def header_safe(value: str) -> str:
    """The same words, unable to end a header line or to hide another header in an encoded word.

    Python's email package may write what `=?…?=` decodes to, line ends included (CVE-2024-6923), so the
    opening of every encoded word is broken; control characters and line ends become spaces.
    """
    if (
        value.isprintable() and "=?" not in value
    ):  # nearly always, and a sweep asks tens of thousands of times
        return " ".join(value.split())
    calm = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in value)
    while "=?" in calm:
        calm = calm.replace("=?", "= ?")
    return " ".join(calm.split())


def address_of(to: Receiver) -> str:
    """Where a message can be sent, or "" when there is no address that mail could reach."""
    address = (to.email or "").strip()
    if _ADDRESS.fullmatch(address) and header_safe(address) == address:
        return address
    return ""


def by_call(customer: Customer) -> bool:
    """Whether this customer is to be called, not written to: by wish or for want of an address. S0-3.6.1."""
    return customer.preferred_channel is PreferredChannel.CALL or not address_of(customer)


def language_of(to: Receiver | None) -> str:
    """The language a message is written in: the customer's where we offer it, else the first of ours."""
    wanted = (
        "" if to is None or isinstance(to, Person) else to.language.lower().replace("_", "-").split("-")[0]
    )
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


async def words(work: Work, template: str, to: Customer, reference: str, facts: Mapping[str, object]) -> str:
    """What a letter to a customer says, for who sends it by hand: no address is needed. S1-4.4.1d"""
    told = {"reference": reference, "link": work.terms.address, "zone": await customers_zone(work)}
    told["standing_link"] = ""
    name = {"company": work.terms.company, "address": work.terms.address, "name": header_safe(to.name)}
    return work.write(template, language_of(to), {**name, **told, **facts}).text.replace("\0", "")


async def write(  # the facts of a template stand beside the few things every message has
    work: Work,
    template: str,
    *,
    to: Receiver,
    once: str,
    reference: str = "",
    order: Order | int | None = None,
    case: Case | int | None = None,
    in_reply_to: str = "",
    **facts: object,
) -> Message | None:
    """Write one message into the outbox, to be sent after this deed commits. Returns None without an address.

    `once` makes it the only one of its kind: written again, the message that is already there is returned.
    Raises ValueError when a fact of the template is missing or a customer's message has no reference.
    S1-4.4.1c
    """
    row = await _compose(work, Notice(template, to, once, reference, order, case, facts, in_reply_to))
    if row is None:
        return None
    written: Message | None = await work.session.scalar(
        _insert(work).values(row).returning(Message), execution_options={"audited": True}
    )
    if written is None:
        written = await work.session.scalar(select(Message).where(Message.once == once))
    return written


async def write_all(work: Work, notices: Iterable[Notice]) -> int:
    """Write many messages with few statements; those already there stay. Returns how many had an address."""
    rows = [row for notice in notices if (row := await _compose(work, notice)) is not None]
    if rows:  # by the table: mapping each row to an object first takes longer than writing it
        written = _insert_row(work.session.get_bind().dialect.name)
        await work.session.execute(written, rows, execution_options={"audited": True})
    return len(rows)


async def write_gathered(work: Work, template: str, gathered: Gathered) -> None:
    """Write each colleague one notice of everything gathered, but of a hidden case one of its own. S3-5.1.2."""
    told: list[Notice] = []
    for one in gathered.told.values():
        together = []
        for heading, mentions in one.groups:
            told += [
                _naming(work, template, one.person, [(heading, [mention])])
                for mention in mentions
                if mention.hidden
            ]
            if rest := [mention for mention in mentions if not mention.hidden]:
                together.append((heading, rest))
        if together:
            told.append(_naming(work, template, one.person, together))
    await write_all(work, told)


def _naming(
    work: Work, template: str, person: Person, groups: Sequence[tuple[Mapping[str, object], list[Mention]]]
) -> Notice:
    named = [mention for _, mentions in groups for mention in mentions]
    alone = named[0] if len(named) == 1 else None
    if alone is not None:
        once = alone.key
    else:
        once = hashlib.sha256(" ".join([mention.key for mention in named]).encode()).hexdigest()
    address = f"{work.terms.address}/cases"
    facts = {
        "count": len(named),
        "groups": [
            {
                **heading,
                "cases": [
                    (number, subject, f"{address}/{case_id}", due_at)
                    for number, subject, case_id, _, _, due_at in mentions
                ],
            }
            for heading, mentions in groups
        ],
    }
    return Notice(
        template,
        person,
        f"{template}/{once}/{person.id}",
        alone.number if alone else "",
        case=alone.case_id if alone else None,
        facts=facts,
    )


async def tell_role(
    work: Work,
    role: Role,
    template: str,
    *,
    once: str,
    reference: str = "",
    order: Order | int | None = None,
    case: Case | int | None = None,
    **facts: object,
) -> int:
    """Write a notice to whoever is to be told when `role` is, once each. Returns how many. S0-4."""
    return await write_all(
        work,
        [
            Notice(template, person, f"{once}/{person.id}", reference, order, case, facts)
            for person in await people_in(work, role)
        ],
    )


async def people_in(work: Work, role: Role, team: str = "") -> list[Person]:
    """The people a notice to a role reaches now: those on duty, else all who hold it, else the managers. S3-5.2.2

    Of something that is a team's, its own supervisors where it has some. S0-4.1b
    """
    return await rota.people_to_tell(work, role, work.now, team)


async def _compose(work: Work, notice: Notice) -> dict[str, Any] | None:
    to, order, case = notice.to, notice.order, notice.case
    person = to if isinstance(to, Person) else None
    reference = notice.reference or next(
        (row.number for row in (case, order) if isinstance(row, Case | Order)), ""
    )
    missing = FACTS[notice.template] - notice.facts.keys()
    if missing:
        raise ValueError(f"{notice.template} is not told: {', '.join(sorted(missing))}.")
    if person is None and not reference:
        raise ValueError(f"{notice.template} to a customer needs a reference.")  # S1-4.4.1c
    address = address_of(to)
    if not address:
        log.info("No address to send %s about %s to.", notice.template, reference or notice.once)
        return None
    name = header_safe(to.name)
    if not name:
        log.info("No name to greet in %s about %s.", notice.template, reference)  # S3-3.2.2a
    language = language_of(to)
    order_id = order.id if isinstance(order, Order) else order
    case_id = case.id if isinstance(case, Case) else case
    letter = work.write(
        notice.template,
        language,
        {
            "company": work.terms.company,
            "address": work.terms.address,
            "name": name,
            "reference": reference,
            "link": _link(work, order_id, case_id),
            "standing_link": "" if person else links.standing(work.terms, order_id=order_id, case_id=case_id),
            "zone": person.zone if person else await customers_zone(work),
            **notice.facts,
        },
    )
    waits = None
    if person is not None and quiet.may_wait(notice.template, notice.facts):
        waits = quiet.until(person, work.now)
    domain = work.terms.mail_from.rpartition("@")[2] or "localhost"
    return {
        "once": notice.once,
        "template": notice.template,
        "audience": Audience.COLLEAGUE if person else Audience.CUSTOMER,
        "language": language,
        "to_name": name,
        "to_address": address,
        "subject": header_safe(letter.subject)[:500],
        "body_text": letter.text.replace("\0", ""),
        "body_html": letter.html.replace("\0", ""),
        "reference": reference,
        "message_id": f"<{uuid.uuid4().hex}@{header_safe(domain)}>",
        "in_reply_to": header_safe(notice.in_reply_to)[:500],
        "customer_id": to.id if isinstance(to, Customer) else None,
        "person_id": person.id if person else None,
        "order_id": order_id,
        "case_id": case_id,
        "caused_by": work.caused_by[:200],
        "status": MessageStatus.QUEUED,
        "created_at": work.now,
        "next_at": waits or work.now,
    }


def _link(work: Work, order_id: int | None, case_id: int | None) -> str:
    if case_id is not None:
        return f"{work.terms.address}/cases/{case_id}"
    return f"{work.terms.address}/orders/{order_id}" if order_id is not None else work.terms.address


async def customers_zone(work: Work) -> str:
    """Customers read times on the desk's own clock: where they are we do not know."""
    if "customers' zone" not in work.remembered:
        zone = await work.session.scalar(select(BusinessCalendar.zone).where(BusinessCalendar.is_default))
        work.remembered["customers' zone"] = zone or "UTC"
    found: str = work.remembered["customers' zone"]
    return found


def _insert(work: Work) -> Any:
    """An insert that leaves a row with the same `once` as it is."""
    return bulk.insert_of(work.session)(Message).on_conflict_do_nothing(index_elements=["once"])


@cache
def _insert_row(dialect: str) -> postgresql.Insert | sqlite.Insert:
    """The same by the table, said once."""
    make: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    inserted: postgresql.Insert | sqlite.Insert = make(Message.__table__).on_conflict_do_nothing(
        index_elements=["once"]
    )
    return inserted
