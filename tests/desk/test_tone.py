"""Words that are pointed out before a customer gets them, and blanks that nobody filled in. S0-3.2.1, S3-3.2.1"""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from models import AuditEntry, Case, Customer, ListedWord, Message
from models.words import CaseKind, Channel, ResolutionCode
from portal.desk import audit, cases, tone
from portal.desk.cases import NewCase
from portal.desk.errors import Conflict, NotAccepted, NotAllowed
from portal.desk.tone import ListedWords
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, MARA


@pytest.fixture
async def case(desk: Desk) -> int:
    """An inquiry by mail of Ana's, on a desk with the list that ships."""
    async with desk.work(SYSTEM) as work:
        await tone.ensure_defaults(work)
    async with desk.work(CORA) as work:
        new = NewCase(CaseKind.INQUIRY, Channel.EMAIL, subject="Where is it?", customer_id=ANA)
        return (await cases.open_case(work, new)).id


async def of(work: Work, case: int) -> Case:
    return await work.session.get_one(Case, case)


async def refused(desk: Desk, case: int, words: str) -> NotAccepted:
    with pytest.raises(NotAccepted) as raised:
        async with desk.work(CORA) as work:
            await cases.answer(work, await of(work, case), words)
    return raised.value


async def letters(desk: Desk) -> list[str]:
    async with desk.look(SYSTEM) as work:
        found = select(Message.template).where(Message.template == "case-answer").order_by(Message.id)
        return list(await work.session.scalars(found))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("no idea", "I have NO\n idea.", [("I have ", False), ("NO\n idea", True), (".", False)]),
        ("no idea", "The casino ideal", [("The casino ideal", False)]),
        ("cheap*", "Cheaper, cheap: acheap", [("Cheaper", True), (", ", False), ("cheap", True), (": acheap", False)]),
        ("cheap", "cheaper", [("cheaper", False)]),
        ("c++ (old)", "We sell C++ (old).", [("We sell ", False), ("C++ (old)", True), (".", False)]),
        ("unmöglich", "Das ist unmo\u0308glich!", [("Das ist ", False), ("unmöglich", True), ("!", False)]),
        ("a b", "a b a b", [("a b", True), (" ", False), ("a b", True)]),
        ("x", "", []),
    ],
)  # fmt: skip
def test_a_phrase_is_found_as_whole_words(phrase: str, text: str, found: list[tuple[str, bool]]) -> None:
    assert tone.marked(text, [phrase]) == found


def test_phrases_that_overlap_are_marked_once() -> None:
    assert tone.marked("not my job", ["my job", "not my", "not my job"]) == [
        ("not my", True),
        (" job", False),
    ]


async def test_a_blank_that_nobody_filled_in_is_refused_whatever_is_ticked(desk: Desk, case: int) -> None:
    """S0-3.2.1"""
    told = await refused(desk, case, "Dear {{name}}, it comes on {{ day }}. {{name}}!")
    assert told.fields == {"answer": "Fill in {{name}} and {{ day }}, or take it out."}
    async with desk.work(CORA) as work:
        tone.send_all_the_same(work)
        mine = await of(work, case)
        with pytest.raises(NotAccepted):
            await cases.answer(work, mine, "Dear {{name}}")
        work.session.expunge_all()
    assert await letters(desk) == []


async def test_what_is_no_name_between_such_signs_is_a_text_like_any_other(desk: Desk, case: int) -> None:
    async with desk.work(CORA) as work:
        await cases.answer(work, await of(work, case), "{{}} {{7*7}} {name} {{ 1 }} }}name{{")
    assert await letters(desk) == ["case-answer"]
    for blank in ("{{customer.name}}", "{{ Datum }}", "{{order-no}}"):
        assert list((await refused(desk, case, f"Dear {blank}")).fields) == ["answer"]


async def test_a_listed_word_is_refused_first_and_sent_when_somebody_says_so(desk: Desk, case: int) -> None:
    """S0-3.2.1"""
    words = "I have no idea. Calm down; no idea."
    told = await refused(desk, case, words)
    assert isinstance(told, ListedWords)
    assert (told.found, told.fields) == (
        ("calm down", "no idea"),
        {
            "answer": "“calm down” is a word we avoid. Better: say that you see why it upsets them. "
            "“no idea” is a word we avoid. Better: say that you find out, and by when.",
            "listed": "Put it another way, or tick that it is sent all the same.",
        },
    )
    assert await letters(desk) == []
    async with desk.work(CORA) as work:
        tone.send_all_the_same(work)
        await cases.answer(work, await of(work, case), words)
    assert await letters(desk) == ["case-answer"]
    async with desk.look(SYSTEM) as work:
        kept = await work.session.execute(
            select(AuditEntry.who, AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.reason).where(
                AuditEntry.deed == "send listed words"
            )
        )
        assert [tuple(one) for one in kept] == [("Cora", "cases", str(case), "calm down, no idea")]


async def test_a_tick_without_a_listed_word_leaves_no_trace(desk: Desk, case: int) -> None:
    async with desk.work(CORA) as work:
        tone.send_all_the_same(work)
        await cases.answer(work, await of(work, case), "It comes tomorrow.")
    async with desk.look(SYSTEM) as work:
        deeds = select(func.count(AuditEntry.id)).where(AuditEntry.deed == "send listed words")
        assert await work.session.scalar(deeds) == 0


async def test_only_the_words_of_the_language_of_the_letter_are_listed(desk: Desk, case: int) -> None:
    assert isinstance(await refused(desk, case, "I have no idea"), ListedWords)
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Customer, ANA)).language = "de-AT"
        await audit.record(work, "learn German")
    told = await refused(desk, case, "No idea, keine Ahnung.")
    assert isinstance(told, ListedWords)
    assert told.found == ("keine Ahnung",)


SAID = "That is not my job."
WAYS: dict[str, Callable[[Work, Case], Awaitable[None]]] = {
    "question": lambda work, case: cases.ask_customer(work, case, SAID),
    "words": lambda work, case: cases.update_customer(work, case, SAID),
    "what_was_done": lambda work, case: cases.resolve(
        work, case, code=ResolutionCode.ANSWERED, what_was_done=SAID, actions=["Looked."]
    ),
}


@pytest.mark.parametrize("field", WAYS)
async def test_every_way_to_write_about_a_case_is_looked_through(desk: Desk, case: int, field: str) -> None:
    async with desk.work(CORA) as work:
        mine = await of(work, case)
        with pytest.raises(ListedWords) as raised:
            await WAYS[field](work, mine)
    assert list(raised.value.fields) == [field, "listed"]


async def test_what_colleagues_alone_read_is_not_looked_through(desk: Desk, case: int) -> None:
    async with desk.work(CORA) as work:
        note = await cases.add_note(work, await of(work, case), "No idea {{who}} this is.")
    assert note.words == "No idea {{who}} this is."


async def test_managers_keep_the_list_and_what_is_off_it_is_sent(desk: Desk, case: int) -> None:
    async with desk.work(MARA) as work:
        row = await tone.add(work, "en", "  dear   sirs ", "write the name.")
        assert (row.phrase, row.instead, row.active) == ("dear sirs", "write the name.", True)
    assert isinstance(await refused(desk, case, "Dear Sirs,"), ListedWords)
    async with desk.work(MARA) as work:
        row = await work.session.get_one(ListedWord, row.id)
        await tone.change(work, row, row.version, phrase=row.phrase, instead=row.instead, active=False)
    async with desk.work(CORA) as work:
        await cases.answer(work, await of(work, case), "Dear Sirs, it comes.")
    async with desk.work(SYSTEM) as work:
        assert await tone.ensure_defaults(work) == 0


@pytest.mark.usefixtures("case")
async def test_the_list_takes_no_word_twice_none_that_is_empty_and_no_second_author(desk: Desk) -> None:
    async with desk.work(MARA) as work:
        for language, phrase, instead, field in (
            ("en", "no idea", "x", "phrase"), ("en", " * ", "x", "phrase"), ("en", "x" * 121, "x", "phrase"),
            ("fr", "zut", "x", "language"), ("en", "zut", " ", "instead"), ("en", "zut", "x" * 301, "instead"),
        ):  # fmt: skip
            with pytest.raises(NotAccepted) as raised:
                await tone.add(work, language, phrase, instead)
            assert list(raised.value.fields) == [field]
        row = await work.session.get_one(ListedWord, 1)
        with pytest.raises(Conflict):
            await tone.change(work, row, 7, phrase="zut", instead="x", active=True)
        with pytest.raises(NotAccepted):
            await tone.change(work, row, 1, phrase="no idea", instead="x", active=True)
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await tone.add(work, "en", "zut", "x")
