"""What comes in from a social network by itself: a signed message becomes one case, however often it is sent. S2-12.4

The words stand on the case as they came, with the network, the name and the link they came from. Clocks, holders and
queues are those of any other inquiry; nobody holds it until somebody takes it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update

from models import Case, IncomingMessage
from models.words import CaseKind, Channel, NoteKind
from portal.desk import audit, bulk, case_notes, cases, changes
from portal.desk.cards import without_card_numbers
from portal.desk.cases import NewCase
from portal.desk.channels import Origin
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.saving import storable
from portal.desk.work import Work

LONGEST, LONGEST_ID, LONGEST_SUBJECT = 10_000, 120, 100
_NAMES = ("id", "network", "handle", "link", "text")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as the network tells it; `id` is the network's own and names it for good."""

    id: str
    network: str
    handle: str
    link: str
    text: str


def read(body: bytes) -> Incoming:
    """Read a message. Raises NotAccepted per field, of `body` for what is no object of texts.

    A card number that a customer wrote is left out of what is kept: it cannot be asked back. Decision 7
    """
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise NotAccepted(body="A message is a JSON object.")
    given = {name: told.get(name, "") for name in _NAMES}
    refused = {name: "Text is needed." for name, value in given.items() if not isinstance(value, str)}
    if refused:
        raise NotAccepted.of(refused)
    kept = {name: storable(value).strip() for name, value in given.items()}
    for name, longest in (("id", LONGEST_ID), ("text", LONGEST)):
        if not 0 < len(kept[name]) <= longest:
            refused[name] = f"Between 1 and {longest} characters."
    for name in ("network", "handle"):
        if not kept[name]:
            refused[name] = "Say where it comes from."
    if refused:
        raise NotAccepted.of(refused)
    origin = Origin(kept["handle"], kept["network"], kept["link"]).checked(Channel.SOCIAL)
    words = without_card_numbers(kept["text"])
    return Incoming(kept["id"], origin.network, origin.handle, origin.link, words)


async def take(work: Work, told: Incoming) -> tuple[str, bool]:
    """Open a case for a message; give its number, and whether it is new. Sent again, it is the same one. S2-12.4

    Raises WrongMoment where the network gives one id to two messages.
    """
    digest = hashlib.sha256(json.dumps(asdict(told), sort_keys=True).encode()).hexdigest()
    insert = bulk.insert_of(work.session)
    claim = insert(IncomingMessage).values(
        network=told.network, named=told.id, digest=digest, received_at=work.now
    )
    claimed = await work.session.scalar(
        claim.on_conflict_do_nothing().returning(IncomingMessage.id), execution_options={"audited": True}
    )
    if claimed is None:
        return await _known(work, told, digest), False
    words = " ".join(told.text.split())
    subject = words if len(words) <= LONGEST_SUBJECT else f"{words[: LONGEST_SUBJECT - 1]}…"
    case = await cases.open_case(
        work, NewCase(CaseKind.INQUIRY, Channel.SOCIAL, subject, statement=told.text)
    )
    where = f"Came by itself on {told.network} from {told.handle}"
    case_notes.write(work, case, NoteKind.NOTE, f"{where}: {told.link}" if told.link else f"{where}.", "text")
    await work.session.execute(
        update(IncomingMessage)
        .where(IncomingMessage.id == claimed)
        .values(case_id=case.id)
        .execution_options(audited=True, synchronize_session=False)
    )
    became = {f"incoming_messages/{claimed}": {"case_id": [None, case.id]}}
    await audit.record(work, "take in message", case, changes=became)
    return case.number, True


async def _known(work: Work, told: Incoming, digest: str) -> str:
    """The number of the case that this message became before."""
    changes.accounted(work.session)  # the claim changed nothing: there is nothing to write down
    found = await work.session.execute(
        select(IncomingMessage.digest, Case.number)
        .join(Case, Case.id == IncomingMessage.case_id)
        .where(IncomingMessage.network == told.network, IncomingMessage.named == told.id)
    )
    before, number = found.one()
    if before != digest:
        raise WrongMoment("The network gave this id to another message.")
    return str(number)
