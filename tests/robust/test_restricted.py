"""A legal case is gone for everybody who may not see such: on every page, in every list, figure and file. S3-5.1.2"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from models import (
    AbuseReport,
    Attachment,
    Chat,
    ChatMessage,
    Contact,
    ContactAnswer,
    ContactTranscript,
    Intake,
)
from models.words import CaseKind, Channel, ChatAuthor, ChatEnd, ChatStatus
from portal.desk import audit, cases, intake, promises, runs, search, transcripts
from portal.desk.errors import NotFound
from portal.desk.promises import About
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, berlin
from tests.desk.test_refunds import asked, bought
from tests.house.test_doors import doors, may
from tests.visits import Visitor

WORD = "Zebrafish"
"""Stands in every text of the contact, and nowhere else."""
LOOKED_FOR = "?q=zebrafi"
"""Finds it, and does not say it again."""
QUERIES = ("", LOOKED_FOR, "?as=csv", "?show=month", "?show=all", "?show=team", "?show=decided", "?show=past")


class Secret:
    """The ids of one contact whose case is legal."""

    def __init__(self, **ids: int) -> None:
        self.ids = ids

    def addresses(self, actor: Actor) -> Iterator[str]:
        """Every page this person may open, with the ids of the secret where ids stand."""
        words = {
            "script": "difficult", "step": "calm_agree", "field": "next", "clause": "S1-3.4c", "slug": "returns",
            "token": "x.y", "scenario": "billing", "path": "css/tabler.min.css",
        }  # fmt: skip
        for method, path, permission in doors():
            if method != "GET" or not may(actor, permission) or path.startswith(("/sign", "/admin/statics")):
                continue
            known = {**words, **{name: str(value) for name, value in self.ids.items()}}
            if "{pk}" in path:
                known["pk"] = str(self.ids.get(path.split("/")[2], 1))
            filled = path
            for name in re.findall(r"\{([^}:]+)", path):
                filled = re.sub(rf"\{{{name}(:\w+)?\}}", known.get(name, "1"), filled)
            yield from (filled + query for query in (QUERIES if "{" not in path else QUERIES[:3]))


@pytest.fixture(params=["opened in it", "open before"])
async def secret(desk: Desk, request: pytest.FixtureRequest) -> Secret:
    """Cora took it; her contact has ended. Everything that can hang on a contact hangs on it.

    Its case was opened in it, or was open already when the customer came back to it.
    """
    order_id = await bought(desk)
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
    async with desk.work(CORA) as work:
        run = await runs.find(work, intake_id)
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind.COMPLAINT, channel=Channel.PHONE, subject=f"{WORD} subject", statement=f"{WORD} said",
                customer_id=ANA, order_id=order_id, legal=True,
                contact_id=run.contact_id if request.param == "opened in it" else None,
            ),
        )  # fmt: skip
        refund = await asked(work, order_id, 500, reason=f"{WORD} reason", case_id=case.id)
        promise = await promises.make(
            work,
            f"{WORD} promise",
            MARA.person_id,
            berlin("2026-03-03 10:00"),
            About(ANA, run.contact_id, case.id, order_id),
        )
        row = await work.session.get_one(Intake, intake_id)
        row.case_id, row.order_id = case.id, order_id
        row.answers = {"notes": {"notes": f"{WORD} note"}}
        contact = await work.session.get_one(Contact, run.contact_id)
        contact.customer_id, contact.summary = ANA, f"{WORD} summary"
        work.session.add(
            AbuseReport(
                contact_id=run.contact_id, reported_by_id=CORA.person_id, reported_at=work.now, words=f"{WORD} shouted",
                warned=True,
            )
        )  # fmt: skip
        talk = Chat(
            number="HG-1", key="nobody’s", name=f"{WORD} name", language="en", subject=f"{WORD} chat", customer_id=ANA,
            contact_id=run.contact_id, status=ChatStatus.ENDED, taken_by_id=CORA.person_id, ended_as=ChatEnd.CUSTOMER,
            opened_at=work.now, due_at=work.now, ended_at=work.now,
        )  # fmt: skip
        work.session.add(talk)
        await work.session.flush()
        told = {"author": ChatAuthor.CUSTOMER, "words": f"{WORD} typed", "written_at": work.now}
        work.session.add(ChatMessage(chat_id=talk.id, **told))
        await audit.record(work, "make it secret", contact)
    async with desk.work(CORA) as work:
        await intake.abandon(work, intake_id, f"{WORD} broke off")
    async with desk.work(SYSTEM) as work:
        version = next(iter(run.script.versions))
        plain = {"contact_id": run.contact_id, "version_id": version, "ended_at": work.now}
        await work.session.execute(
            insert(ContactAnswer).execution_options(audited=True),
            [
                {
                    **plain,
                    "script": "difficult",
                    "step": "calm_agree",
                    "field": "next",
                    "kind": "long",
                    "value": f"{WORD} wish",
                }
            ],
        )
        file = await work.session.scalar(
            insert(Attachment)
            .values(
                contact_id=run.contact_id, step="need", field="wish", name=f"{WORD}.txt", media_type="text/plain", size=9,
                digest="0" * 64, content=WORD.encode(), added_by_id=CORA.person_id, added_at=work.now,
            )
            .returning(Attachment.id)
            .execution_options(audited=True)
        )  # fmt: skip
        said = {"number": 1, "words": f"{WORD} spoken", "added_by_id": CORA.person_id, "added_at": work.now}
        work.session.add(ContactTranscript(contact_id=run.contact_id, **said))
        await search.index_all(
            work, transcripts.KIND, [(run.contact_id, {"zebrafish", "spoken"})], known=True
        )
        await audit.record(work, "make it secret")
    return Secret(
        case_id=case.id, cases=case.id, order_id=order_id, orders=order_id, customer_id=ANA, customers=ANA,
        intake_id=intake_id, contact_id=run.contact_id, contacts=run.contact_id, request_id=refund.id,
        refunds=refund.id, promises=promise.id, follow_up_id=int(promise.follow_up_id or 0), attachment_id=int(file or 0),
        version_id=version, chat_id=talk.id,
    )  # fmt: skip


async def telling(visitor: Visitor, actor: Actor, secret: Secret) -> set[str]:
    """The pages that say the word to this person."""
    browser, found = await visitor(actor), set()
    for address in secret.addresses(actor):
        answer = await browser.get(address)
        assert answer.status_code < 500, address
        if WORD in answer.text:
            found.add(address)
    return found


@pytest.mark.parametrize("actor", [SAM, CEM, FIN], ids=["supervisor", "colleague", "finance"])
async def test_nobody_reads_a_word_of_it(visitor: Visitor, secret: Secret, actor: Actor) -> None:
    assert await telling(visitor, actor, secret) == set()


async def test_who_may_see_such_reads_all_of_it(visitor: Visitor, secret: Secret) -> None:
    """So that the test above would notice."""
    pages = {
        re.sub(r"\d+", "1", address.partition("?")[0]) for address in await telling(visitor, MARA, secret)
    }
    assert pages >= {
        "/cases", "/cases/1", "/answers/difficult/calm_agree/next",
        "/contacts/1", "/contacts/1/form", "/attachments/1", "/refunds", "/evidence/left-out",
        "/follow-ups", "/help-calls", "/admin/contacts/details/1", "/admin/promises/list", "/admin/refunds/details/1",
    }  # fmt: skip


async def test_a_colleague_cannot_step_into_it(desk: Desk, secret: Secret) -> None:
    async with desk.work(SYSTEM) as work:
        row = await work.session.get_one(Intake, secret.ids["intake_id"])
        row.finished_at = None
        await audit.record(work, "open it again", row)
    for actor in (SAM, CEM):
        with pytest.raises(NotFound):
            async with desk.work(actor) as work:
                await intake.take_over(work, secret.ids["intake_id"])
