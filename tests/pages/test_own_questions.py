"""The desk's own questions in a contact, without a script: every kind asked, kept, refused, left out where it is hidden."""

import hashlib
import re
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from models import Attachment, AuditEntry, ContactAnswer, Customer, Disclosure, Order
from models.words import Channel, DeliveryMethod
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, INA, MARA, SAM
from tests.everything import ANSWERS, STEP, published, question, step
from tests.html import read
from tests.visits import Visitor
from tests.wizard import Walk, known, stored, to_about

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


def words_of(page: httpx2.Response) -> str:
    """What a reader sees of a page, in one line."""
    return " ".join(read(page.text).text.split())


async def at_everything(desk: Desk, client: httpx2.AsyncClient, *steps: dict[str, Any]) -> Walk:
    await known(desk)
    await published(desk, *steps)
    walk = await Walk(client).begin()
    await to_about(walk)
    return walk


async def send_files(
    walk: Walk, name: str, content: bytes, *, do: str = "add-file", field: str = "a_file", **typed: str
) -> httpx2.Response:
    """Post the form as a browser without a script does when it holds a file."""
    answer = await walk.client.post(
        f"/intakes/{walk.id}/{STEP}/files",
        data={"revision": walk.revision, "do": do, **typed},
        files={f"upload-{field}": (name, content, "application/octet-stream")},
    )
    while answer.is_redirect:
        answer = await walk.client.get(answer.headers["location"])
    walk.page = answer
    return answer


async def test_every_kind_is_asked_and_kept_in_its_one_text(desk: Desk, visitor: Visitor) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    assert walk.at == STEP
    answer = await walk.send(**ANSWERS)  # type: ignore[arg-type]  # several values of one name
    assert (answer.status_code, walk.at) == (200, "about")
    kept = (await stored(desk, walk.id)).answers[STEP]
    assert kept == {
        "a_text": "A short one",
        "a_long": "As long\nas it takes",
        "a_number": "12.5",
        "a_money": "19.90",
        "a_date": "2026-03-14",
        "a_slot": "2026-03-02T10:00:00+00:00",
        "a_choice": "green",
        "a_choices": "red\nblue",
        "a_yes_no": "yes",
        "a_tick": "yes",
        "a_scale": "9",
        "a_phone": "+4930901820",
        "a_email": "ana@example.com",
        "a_address": "Example Street 1\n10115 Berlin",
        "a_product": "CH-1",
        "a_serial": "SN-0012",
    }
    contact = (await stored(desk, walk.id)).contact_id
    for page in (f"/contacts/{contact}", f"/contacts/{contact}/form"):
        told = await walk.client.get(page)
        assert "Ask for slot Monday, 2 March 2026, 11:00" in words_of(told), page  # as the wizard offered it
    assert "<dd>As long\nas it takes</dd>" in (await walk.client.get(f"/contacts/{contact}")).text


async def test_what_is_wrong_is_said_beside_each_question_and_nothing_is_lost(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    answer = await walk.send(
        a_number="many",
        a_money="free",
        a_date="soon",
        a_scale="11",
        a_email="ana",
        a_choice="pink",
        a_phone="12",
    )
    assert answer.status_code == 422
    for words in (
        "Enter a number with at most 1 places behind the point, such as 12.5.",
        "Enter an amount such as 12.50 EUR.",
        "Enter a day such as 2026-03-14.",
        "Choose a number from 0 to 10.",
        "Enter an e-mail address such as ana@example.com.",
        "Choose one of the answers offered.",
        "Enter a phone number with its country, such as +49 30 901820.",
        "Say yes or no.",
    ):
        assert words in walk.text
    assert 'value="many"' in answer.text
    assert (await stored(desk, walk.id)).answers[STEP]["a_money"] == "free"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("a_product", "NO-SUCH", "The catalogue has no product with this code."),
        (
            "a_slot",
            "2026-03-02T22:00:00+00:00",
            "This time is no longer open. Choose one of the times offered.",
        ),
        ("a_order", "HR-26-000001-9", "This customer has no order with this number."),
    ],
)
async def test_the_books_are_asked(desk: Desk, visitor: Visitor, name: str, value: str, words: str) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    answer = await walk.send(a_yes_no="yes", **{name: value})
    assert answer.status_code == 422
    assert words in walk.text


async def test_an_order_has_to_be_this_customers(desk: Desk, visitor: Visitor) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    async with desk.work(SYSTEM) as work:
        other = Customer(number="HK-25-000002-2", name="Otto Example", created_at=work.now)
        work.session.add(other)
        await work.session.flush()
        for number, customer in (("HR-26-000001-9", other.id), ("HR-26-000002-0", ANA)):
            order = Order(
                number=number,
                customer_id=customer,
                channel=Channel.PHONE,
                delivery_method=DeliveryMethod.PICKUP,
                currency="EUR",
                total_minor=0,
                placed_at=work.now,
            )
            work.session.add(order)
        await audit.record(work, "place orders", other)
    assert (await walk.send(a_yes_no="yes", a_order="HR-26-000001-9")).status_code == 422
    assert "HR-26-000002-0" in walk.page.text, "the customer's own orders are offered"


async def test_a_question_is_asked_only_where_its_condition_holds(desk: Desk, visitor: Visitor) -> None:
    """Hidden questions are neither required nor shown."""
    first = step(question("number"), key="first")
    then = step(
        question(
            "text",
            required={"en": "Say why it is that far.", "de": "Warum so weit?"},
            when=[{"step": "first", "field": "a_number", "test": "at_least", "values": ["100"]}],
        ),
        key="then",
    )
    walk = await at_everything(desk, await visitor(CORA), first, then)
    await walk.send(a_number="99.5")
    assert walk.at == "then"
    assert "Ask for text" not in walk.text
    await walk.send()
    assert walk.at == "about"
    await walk.open("first")
    await walk.send(a_number="100")
    await walk.open("then")
    answer = await walk.send()
    assert (answer.status_code, "Say why it is that far." in walk.text) == (422, True)


async def test_a_file_is_added_opened_and_removed_without_a_script(desk: Desk, visitor: Visitor) -> None:
    cora = await visitor(CORA)
    walk = await at_everything(desk, cora)
    await send_files(walk, "..\\my \u202ephoto.png", PNG, a_text="Saved with it")
    assert walk.at == STEP
    kept = (await stored(desk, walk.id)).answers[STEP]
    assert kept == {"a_text": "Saved with it", "a_file": "1 my photo.png"}
    opened = await cora.get("/attachments/1")
    assert opened.content == PNG
    assert {
        name: opened.headers[name]
        for name in ("content-type", "content-disposition", "x-content-type-options")
    } == {
        "content-type": "image/png",
        "content-disposition": "attachment; filename=\"my photo.png\"; filename*=UTF-8''my%20photo.png",
        "x-content-type-options": "nosniff",
    }
    assert opened.headers["content-security-policy"].startswith("default-src 'none'; sandbox;")
    removed = await walk.send(do="remove-file:a_file:1", a_text="Saved with it")
    assert removed.status_code == 200, walk.text
    assert (await stored(desk, walk.id)).answers[STEP] == {"a_text": "Saved with it"}
    assert (await cora.get("/attachments/1")).status_code == 404
    async with desk.look(SYSTEM) as work:
        told = await work.session.execute(
            select(AuditEntry.deed, AuditEntry.changes).where(
                AuditEntry.deed.in_(("add file", "remove file"))
            )
        )
        digest = hashlib.sha256(PNG).hexdigest()
        assert [(row.deed, row.changes["attachments/1"]["digest"]) for row in told] == [
            ("add file", [None, digest]),
            ("remove file", [digest, None]),
        ]


async def test_the_same_file_sent_twice_is_kept_once_and_continue_takes_it_along(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    await send_files(walk, "photo.png", PNG)
    await send_files(walk, "photo.png", PNG, do="", a_yes_no="no")
    assert walk.at == "about"
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(Attachment.name))) == ["photo.png"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.html", b"<script>alert(1)</script>", "page.html cannot be taken"),
        ("photo.png", b"<svg onload=alert(1)>", "photo.png cannot be taken"),
        ("photo.html", PNG, "photo.html cannot be taken"),
        (
            "note.txt",
            b"plain",
            "note.txt cannot be taken: send a picture (PNG, JPEG, WebP, GIF, HEIC) or a PDF",
        ),
        ("photo.png", b"", "photo.png is empty."),
        ("photo.png", PNG + bytes(5 * 1024 * 1024), "photo.png is larger than 5 MB."),
    ],
    ids=["a page", "a disguise", "a wrong name", "not asked for", "empty", "too large"],
)
async def test_a_file_that_cannot_be_taken_is_refused_in_words(
    desk: Desk, visitor: Visitor, name: str, content: bytes, words: str
) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    answer = await send_files(walk, name, content, a_text="Still here")
    assert (answer.status_code, words in walk.text, "Still here" in answer.text) == (422, True, True)
    assert "a_file" not in (await stored(desk, walk.id)).answers[STEP]


async def test_far_too_much_is_refused_before_it_is_read_and_files_only_where_they_are_asked_for(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    assert (await send_files(walk, "photo.png", PNG + bytes(7 * 1024 * 1024))).status_code == 413
    await walk.open("about")
    plain = await walk.client.post(
        f"/intakes/{walk.id}/about", data={"revision": walk.revision}, files={"x": ("a.png", PNG)}
    )
    assert plain.status_code == 400


async def test_a_file_is_seen_by_who_may_see_the_contact(desk: Desk, visitor: Visitor) -> None:
    walk = await at_everything(desk, await visitor(CORA))
    await send_files(walk, "photo.png", PNG)
    seen = {}
    for actor in (CORA, CEM, SAM, MARA, INA):
        seen[actor.name] = (await (await visitor(actor)).get("/attachments/1")).status_code
    assert seen == {"Cora": 200, "Cem": 404, "Sam": 200, "Mara": 200, "Ina": 403}


async def test_answers_are_kept_counted_and_taken_away(desk: Desk, visitor: Visitor) -> None:
    cora = await visitor(CORA)
    walk = await at_everything(desk, cora)
    for scale, colours in (("9", ["red", "blue"]), ("4", ["red"]), ("5", [])):
        answers = {**ANSWERS, "a_scale": scale, "a_choices": colours, "a_text": "=1+1"}
        if walk.at != STEP:
            walk = await Walk(cora).begin()
            await to_about(walk)
        await walk.send(**answers)  # type: ignore[arg-type]  # several values of one name
        await cora.post(f"/intakes/{walk.id}/abandonment", data={"reason": "The line broke."})
    async with desk.look(SYSTEM) as work:
        tick = await work.session.scalar(
            select(ContactAnswer).where(ContactAnswer.field == "a_tick").limit(1)
        )
        assert tick is not None
        assert (tick.value, tick.number, tick.script, tick.step) == ("yes\nAsk for tick", 1, "opening", STEP)
    sam = await visitor(SAM)
    index = await sam.get("/answers")
    assert f"/answers/opening/{STEP}/a_scale" in index.text
    report = words_of(await sam.get(f"/answers/opening/{STEP}/a_scale"))
    assert "3 answers" in report
    assert "Mean 6 Median 5 Lowest 4 Highest 9" in report
    several = (await sam.get(f"/answers/opening/{STEP}/a_choices?month=2026-03")).text
    assert "2 answers" in several
    assert "100.0 %" in several
    assert "0 answers" in (await sam.get(f"/answers/opening/{STEP}/a_choices?month=2026-02")).text
    here = f"/answers/opening/{STEP}/a_text"
    for words, found in (("1+1", True), ("nobody said", False)):
        looked = await sam.post(f"{here}/search", data={"q": words, "month": "2026-03"})
        where = looked.headers["location"]
        assert where.startswith(f"{here}?for=")
        assert where.endswith("&month=2026-03")
        assert ("No answer here." not in (await sam.get(where)).text) is found, words
    refused = await sam.post(here, data={"reason": "", "recipient": "Mara", "ground": "contract"})
    assert (refused.status_code, 'value="Mara"' in refused.text) == (422, True)
    why = {"reason": "To see what is asked", "recipient": "Mara", "ground": "contract"}
    table = await sam.post(here, data=why)
    async with desk.look(SYSTEM) as work:
        given = (await work.session.scalars(select(Disclosure))).one()
        assert (given.recipient, given.reason, given.exported) == ("Mara", why["reason"], 3)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.splitlines()[1].endswith(",'=1+1")
    for kind in ("number", "money", "yes_no", "tick", "choice", "date", "long", "phone"):
        assert (await sam.get(f"/answers/opening/{STEP}/a_{kind}")).status_code == 200, kind
    assert "+4930901820" not in (await sam.get(f"/answers/opening/{STEP}/a_phone")).text
    assert (await sam.get(f"/answers/opening/{STEP}/nothing")).status_code == 404
    assert (await cora.get("/answers")).status_code == 403


async def test_forms_for_paper_have_every_question_and_hide_what_they_must(
    desk: Desk, visitor: Visitor
) -> None:
    cora = await visitor(CORA)
    walk = await at_everything(desk, cora)
    await walk.send(**ANSWERS)  # type: ignore[arg-type]  # several values of one name
    blank = (await cora.get("/scripts/opening/form")).text
    assert [
        label
        for label in ("Ask for text", "Ask for slot", "Ask for file", "Green", "Enclosed")
        if label not in blank
    ] == []
    assert "Version 2" in blank
    # What the desk knows stands there, what only the contact tells is written in by pen.
    assert re.search(r"Good ________, [^{}]+, my name is ________\.", blank)
    assert not re.search(r"\{[a-z_]+\}", blank)
    assert (await cora.get("/scripts/nothing/form")).status_code == 404
    filled = (await cora.get("/contacts/1/form")).text
    assert "19.90 EUR" in filled
    assert "+4930901820" in filled
    seen_by_sam = (await (await visitor(SAM)).get("/contacts/1/form")).text
    assert "+4930901820" not in seen_by_sam
    assert "ana@example.com" not in seen_by_sam
    assert (await (await visitor(CEM)).get("/contacts/1/form")).status_code == 404


async def test_the_complaint_form_is_blank_or_filled_from_the_case(desk: Desk, visitor: Visitor) -> None:
    """S3-12.1.1a, S3-12.1.1b, S3-12.1.1c, S3-12.1.1d"""
    await known(desk)
    cora = await visitor(CORA)
    walk = await Walk(cora).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    await walk.send(statement="The chair squeaks.", case_kind="complaint")
    filled = (await cora.get("/cases/1/complaint-form")).text
    for words in (
        "Customer name",
        "Ana Example",
        "Issue description",
        "The chair squeaks.",
        "Actions taken",
        "Follow-up",
    ):
        assert words in filled, words
    assert "/cases/1/complaint-form" in (await cora.get("/cases/1")).text
    seen_by_sam = (await (await visitor(SAM)).get("/cases/1/complaint-form")).text
    assert "Ana Example" not in seen_by_sam
    blank = (await cora.get("/forms/complaint")).text
    assert "The chair squeaks." not in blank
    assert blank.count('class="pr-line"') == 14
