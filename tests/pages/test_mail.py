"""Mail on the screen: listed until it is answered, taken on, joined, set aside, taken up after all. S2-12.2"""

from models import Mail
from models.words import Channel, MailStatus
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, SAM, Clock
from tests.desk.stories import opened
from tests.mails import arrives, bounced, sent_letter, written
from tests.visits import Visitor


async def status_of(desk: Desk, mail_id: int | None) -> MailStatus:
    async with desk.look(SYSTEM) as work:
        return (await work.session.get_one(Mail, mail_id)).status


async def test_mail_is_walked_from_the_list_to_its_case(desk: Desk, visitor: Visitor, clock: Clock) -> None:
    """S2-12.2: what is refused keeps what was typed; every list leads on."""
    raw = written("<b>When</b>?", "Hours <script>", files=[("a.txt", b"Hello"), ("b.exe", b"MZ")])
    mail_id = await arrives(desk, raw, clock.now)
    cora = await visitor(CORA)
    assert "1</" in (await cora.get("/")).text.partition("mail that nobody has answered")[0][-200:]
    listed = (await cora.get("/mail")).text
    assert f'<a href="/mail/{mail_id}">Hours &lt;script&gt;</a>' in listed
    page = (await cora.get(f"/mail/{mail_id}")).text
    assert "&lt;b&gt;When&lt;/b&gt;?" in page
    assert "Not kept: b.exe: not a picture" in page
    file = await cora.get(f"/mail/{mail_id}/files/1")
    assert (file.text, file.headers["content-disposition"]) == (
        "Hello",
        "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt",
    )
    refused = await cora.post(f"/mail/{mail_id}/case", data={"number": "HC-26-9"})
    assert (refused.status_code, refused.text.count("That is no case of ours")) == (422, 2)
    assert 'value="HC-26-9"' in refused.text
    refused = await cora.post(f"/mail/{mail_id}/setting-aside", data={"reason": ""})
    assert (refused.status_code, refused.text.count("Say why nobody has to answer it.")) == (422, 2)
    taken = await cora.post(f"/mail/{mail_id}/holder")
    assert taken.headers["location"] == "/cases/1"
    case = (await cora.get("/cases/1")).text
    assert "Bo Stranger &lt;bo@example.com&gt;, whom we do not know as a customer" in case
    assert f'<a href="/mail/{mail_id}">Mail: Hours &lt;script&gt;</a>' in case
    walked = await cora.post(f"/mail/{mail_id}/contact")
    step = await cora.get((await cora.get(walked.headers["location"])).headers["location"])
    assert "&lt;b&gt;When&lt;/b&gt;?" in step.text


async def test_mail_that_is_set_aside_or_rejected_is_listed_with_why(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    """S0-5.1b, S2-6.6: and is taken up after all; a letter that came back stands among those that did not arrive."""
    aside = await arrives(desk, written(subject="Buy now"), clock.now)
    bulk = await arrives(desk, written(subject="News", precedence="bulk"), clock.now)
    cora = await visitor(CORA)
    assert (
        await cora.post(f"/mail/{aside}/setting-aside", data={"reason": "Advertising."})
    ).status_code == 303
    listed = (await cora.get("/mail?show=not-taken")).text
    assert ("Advertising." in listed, "It went to many (Precedence: bulk)." in listed) == (True, True)
    assert "Every mail is answered." in (await cora.get("/mail?show=anything")).text
    assert (await cora.post(f"/mail/{bulk}/taking-up")).headers["location"] == "/cases/2"
    assert [await status_of(desk, one) for one in (aside, bulk)] == [MailStatus.SET_ASIDE, MailStatus.FILED]
    assert (await cora.post(f"/mail/{bulk}/taking-up")).status_code == 409
    assert (await cora.get("/mail/99")).status_code == 404
    assert (await cora.get(f"/mail/{bulk}/files/1")).status_code == 404


async def test_a_letter_that_came_back_is_shown_wherever_letters_are(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    """S2-6.6"""
    case_id = await opened(desk, channel=Channel.EMAIL)
    letter = await sent_letter(desk)
    await arrives(desk, bounced(letter.message_id), clock.now)
    sam = await visitor(SAM)
    page = (await sam.get("/messages")).text
    assert ("came back" in page, "550 5.1.1 No such mailbox" in page) == (True, True)
    assert "bounced" in (await sam.get(f"/cases/{case_id}")).text.lower()
    assert "Bounced" in (await sam.get("/admin/messages/list")).text
    assert "Reach the customer another way." in (await sam.get("/follow-ups?show=team")).text
    assert (await sam.post(f"/messages/{letter.id}/discarding")).status_code == 303
    assert "came back" not in (await sam.get("/messages")).text
