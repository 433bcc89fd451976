"""What was said in a call is kept, found by those alone who may see the contact, corrected, and taken away. S3-6.1.1a"""

import pytest
from sqlalchemy import select

from models import AuditEntry, ContactTranscript
from models.words import CaseKind, Channel
from portal.desk import cases, finding, transcripts
from portal.desk.cases import NewCase
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.transcripts import Kept
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM
from tests.desk.callers import came


async def kept(desk: Desk, contact_id: int, words: str, *, after: int = 0, who: Actor = CORA) -> int:
    async with desk.work(who) as work:
        contact = await transcripts.contact_of(work, contact_id)
        return await transcripts.add(work, contact, words, after=after)


async def read(desk: Desk, contact_id: int, number: int | None = None, who: Actor = CORA) -> Kept:
    async with desk.look(who) as work:
        return await transcripts.of_contact(work, contact_id, number)


async def finds(desk: Desk, text: str) -> dict[str, list[int]]:
    found = {}
    for who in (CORA, CEM, SAM, MARA, FIN):
        async with desk.look(who) as work:
            found[who.name] = [one.id for one in (await finding.find(work, text)).contacts]
    return found


async def trail(desk: Desk) -> list[tuple[str, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(AuditEntry.deed, AuditEntry.reason)
            .where(AuditEntry.deed.like("%transcript"))
            .order_by(AuditEntry.id)
        )
        return [(deed, reason) for deed, reason in rows]


async def test_it_is_kept_corrected_found_and_taken_away(desk: Desk) -> None:
    call, other = await came(desk), await came(desk, "HT-2", actor=CEM)
    assert await kept(desk, call, "Ana: My kettel leaks, my card is 4111 1111 1111 1111.") == 1
    assert await kept(desk, call, "Ana: My kettel leaks, my card is 4111 1111 1111 1111.") == 1
    assert await kept(desk, other, "Somebody else’s lamp.", who=CEM) == 1
    with pytest.raises(NotAccepted, match="Somebody changed the transcript meanwhile"):
        await kept(desk, call, "Ana: What I have heard.")
    assert await kept(desk, call, "Ana: My kettle leaks.", after=1, who=SAM) == 2
    now, before = await read(desk, call), await read(desk, call, 1)
    assert [
        (one.shown.number, one.shown.added_by.name, one.shown.words) for one in (now, before) if one.shown
    ] == [
        (2, "Sam", "Ana: My kettle leaks."),
        (1, "Cora", "Ana: My kettel leaks, my card is [card number left out]."),
    ]
    mine = {"Cora": [call], "Cem": [], "Sam": [call], "Mara": [call], "Fin": []}
    nobody: dict[str, list[int]] = {name: [] for name in mine}
    assert [await finds(desk, one) for one in ("kettle leak", "kettel", "lamp kettle")] == [
        mine,
        nobody,
        nobody,
    ]
    with pytest.raises(NotFound):
        await kept(desk, call, "Not mine.", who=CEM)
    for who, why, refusal in ((CORA, "Wrong call.", NotAllowed), (SAM, " ", NotAccepted)):
        with pytest.raises(refusal):
            async with desk.work(who) as work:
                await transcripts.remove(work, await transcripts.contact_of(work, call), why)
    async with desk.work(SAM) as work:
        await transcripts.remove(work, await transcripts.contact_of(work, call), "Of another  call.")
    gone = await read(desk, call)
    assert (gone.shown, gone.current, gone.last) == (None, None, 2)
    assert [
        (one.number, one.removed_because, one.removed_by and one.removed_by.name) for one in gone.versions
    ] == [
        (2, "Of another call.", "Sam"),
        (1, "Of another call.", "Sam"),
    ]
    assert await finds(desk, "kettle") == nobody
    async with desk.look(SYSTEM) as work:
        left = (
            await work.session.scalars(
                select(ContactTranscript.words).where(ContactTranscript.contact_id == call)
            )
        ).all()
        told = (await work.session.scalars(select(AuditEntry.changes))).all()
        assert (left, "kettle" in str(told)) == (["", ""], False)
    for number in (1, 2):
        with pytest.raises(NotFound):
            await read(desk, call, number)
    with pytest.raises(WrongMoment, match="has no transcript"):
        async with desk.work(SAM) as work:
            await transcripts.remove(work, await transcripts.contact_of(work, call), "Once more.")
    assert await kept(desk, call, "Ana: My kettle leaks.", after=2) == 3
    assert await finds(desk, "kettle") == mine
    assert await trail(desk) == [
        ("add transcript", ""), ("add transcript", ""), ("correct transcript", ""),
        ("remove transcript", "Of another call."), ("add transcript", ""),
    ]  # fmt: skip


async def test_of_a_legal_case_it_is_read_and_found_by_those_alone_who_may_see_such(desk: Desk) -> None:
    """S3-5.1.2"""
    call = await came(desk)
    await kept(desk, call, "Ana: You hear from my lawyer.")
    new = NewCase(
        CaseKind.COMPLAINT, Channel.PHONE, "A kettle", statement="It leaks.", customer_id=ANA, contact_id=call, legal=True
    )  # fmt: skip
    async with desk.work(CORA) as work:
        await cases.open_case(work, new)
    assert await finds(desk, "lawyer") == {"Cora": [], "Cem": [], "Sam": [], "Mara": [call], "Fin": []}
    assert [(await read(desk, call, who=who)).shown is None for who in (CORA, SAM, MARA)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("words", "name", "content", "refused"),
    [
        ("", "", None, {"words": "Paste what was said, or choose a file."}),
        ("a", "a.txt", b"b", {"file": "Paste the words or choose a file, not both."}),
        (
            "",
            "a.docx",
            b"PK",
            {"file": "a.docx cannot be taken: send plain text (.txt) or subtitles (.vtt, .srt)."},
        ),
        ("", "a.txt", b"", {"file": "a.txt is empty."}),
        (
            "",
            "a.txt",
            "é".encode("latin-1"),
            {"file": "a.txt is not written in UTF-8: save it as UTF-8 text first."},
        ),
        ("", "a.srt", b"a\0b", {"file": "a.srt is no text: save it as UTF-8 text first."}),
        ("", "a.vtt", b"WEBVTT\n\nNOTE nothing", {"file": "There is not a word in it."}),
        ("", "a.txt", b"x" * (transcripts.LARGEST + 1), {"file": "a.txt is larger than 1 MB."}),
        ("1 " * 5_001, "", None, {"words": "More than 5,000 digits: this is not what somebody said."}),
        ("\n" * 50_001 + "a", "", None, {"words": "At most 50,000 lines."}),
        ("x" * 200_001, "", None, {"words": "At most 200,000 characters; these are 200,001."}),
    ],
)
async def test_what_is_no_transcript(
    desk: Desk, words: str, name: str, content: bytes | None, refused: dict[str, str]
) -> None:
    call = await came(desk)
    with pytest.raises(NotAccepted) as told:
        async with desk.work(CORA) as work:
            await transcripts.add(work, await transcripts.contact_of(work, call), words, name, content)
    assert told.value.fields == refused
