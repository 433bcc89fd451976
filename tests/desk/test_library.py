"""The library: articles with owner, last day and versions, and the version an answer rests on. S2-7.1, S0-3.3.2"""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from jobs.tell_owners import tell_owners
from models import Article, ArticleVersion, Citation, Message, SearchToken
from models.words import ArticleKind, CaseKind, Channel
from portal.desk import cases, library
from portal.desk.cases import NewCase
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM, START, Clock

ENGLISH = Text("en", "Freight abroad", "We send to every country of the Union.")
GERMAN = Text("de", "Fracht ins Ausland", "Wir liefern in jedes Land der Union.")
TODAY = START.date()


async def written(desk: Desk, **card: object) -> None:
    async with desk.work(SAM) as work:
        await library.add(work, "freight-abroad", Card(**card), ENGLISH, GERMAN)  # type: ignore[arg-type]  # a card's own fields


async def titles(desk: Desk, **asked: object) -> list[str]:
    async with desk.look(CORA) as work:
        return [leaf.title for leaf in await library.in_force(work, **asked)]  # type: ignore[arg-type]  # named as they are there


async def rewritten(desk: Desk, body: str, *, seen: int = 1, language: str = "en") -> ArticleVersion:
    async with desk.work(SAM) as work:
        article = await library.load(work, "freight-abroad")
        text = Text(language, "Freight abroad", body, note="The fares changed.")
        return await library.write_version(work, article, seen, text, Card())


async def test_an_article_is_found_by_its_words_in_the_language_asked_for(desk: Desk) -> None:
    """S2-7.1"""
    await written(desk)
    assert await titles(desk, text="union freig") == ["Freight abroad"]
    assert await titles(desk, text="liefern", language="de") == ["Fracht ins Ausland"]
    assert await titles(desk, text="submarine") == []
    assert await titles(desk, text="…") == []
    assert await titles(desk, slugs=["freight-abroad", "nothing"]) == ["Freight abroad"]
    assert await titles(desk, product_ids=[1]) == []


async def test_a_change_is_the_next_version_and_the_older_one_stays(desk: Desk, clock: Clock) -> None:
    """S2-7.5"""
    await written(desk)
    clock.forward(days=1)
    await rewritten(desk, "We send to every country of the world.")
    async with desk.look(CORA) as work:
        now = await library.opened(work, "freight-abroad")
        then = await library.opened(work, "freight-abroad", language="en", number=1)
        german = await library.opened(work, "freight-abroad", language="de")
        with pytest.raises(NotFound):
            await library.opened(work, "freight-abroad", language="en", number=3)
    assert (now.leaf.number, now.leaf.body, now.newest) == (2, "We send to every country of the world.", 2)
    assert (then.leaf.number, then.leaf.body, then.newest) == (1, "We send to every country of the Union.", 2)
    assert (german.leaf.number, german.leaf.title) == (1, "Fracht ins Ausland")
    assert [(one.language, one.number, one.note) for one in now.versions] == [
        ("en", 2, "The fares changed."),
        ("de", 1, ""),
        ("en", 1, ""),
    ]
    assert await titles(desk, text="world") == ["Freight abroad"]


async def test_the_second_of_two_authors_sees_both_texts_and_overwrites_nothing(desk: Desk) -> None:
    await written(desk)
    await rewritten(desk, "Sam was here.")
    with pytest.raises(Conflict) as raised:
        await rewritten(desk, "So was Mara.", seen=1)
    assert (raised.value.yours["body"], raised.value.theirs["body"], raised.value.saved_by) == (
        "So was Mara.",
        "Sam was here.",
        "Sam",
    )
    async with desk.look(CORA) as work:
        assert (await library.opened(work, "freight-abroad")).leaf.body == "Sam was here."


async def test_what_ran_out_is_offered_to_nobody_and_its_owner_is_told_once(desk: Desk, clock: Clock) -> None:
    """S2-7.1"""
    await written(desk, owner_id=SAM.person_id, valid_until=TODAY + timedelta(days=1))
    clock.forward(days=1)
    assert (await titles(desk), await tell_owners(desk)) == (["Freight abroad"], 0)
    clock.forward(days=1)
    assert (await titles(desk), await titles(desk, text="freight")) == ([], [])
    assert (await tell_owners(desk), await tell_owners(desk)) == (1, 0)
    async with desk.look(SYSTEM) as work:
        told = (await work.session.execute(select(Message.template, Message.to_address))).all()
        assert [leaf.title for leaf in await library.listed(work, everything=True)] == ["Freight abroad"]
    assert [tuple(one) for one in told] == [("article-ran-out", "sam@example.com")]
    async with desk.work(SAM) as work:
        article = await library.load(work, "freight-abroad")
        with pytest.raises(NotAccepted):
            await library.extend(work, article, article.version, TODAY)
        await library.extend(work, article, article.version, TODAY + timedelta(days=30))
    assert await titles(desk) == ["Freight abroad"]
    clock.forward(days=40)
    assert (await tell_owners(desk), await tell_owners(desk)) == (1, 0)


async def test_an_article_nobody_owns_is_told_of_to_the_supervisors(desk: Desk, clock: Clock) -> None:
    await written(desk, valid_until=TODAY)
    clock.forward(days=2)
    assert await tell_owners(desk) == 1
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(Message.to_name))).all() == ["Sam"]


async def test_a_case_shows_the_version_it_rests_on_and_that_it_changed_since(desk: Desk) -> None:
    """S0-3.3.2: edit the article after the answer, and the case still shows the cited version."""
    await written(desk)
    async with desk.work(CORA) as work:
        case = await cases.open_case(work, NewCase(CaseKind.INQUIRY, Channel.PHONE, subject="Abroad?"))
        leaf = (await library.in_force(work))[0]
        await library.cite(work, [leaf.version_id], case_id=case.id)
        await cases.answer(work, case, "Yes, we do.")
    async with desk.look(CORA) as work:
        assert [one.outdated for one in await library.cited_on(work, case.id)] == [""]
    await rewritten(desk, "We send nothing abroad any more.")
    async with desk.look(CORA) as work:
        (cited,) = await library.cited_on(work, case.id)
        shown = await library.opened(work, cited.slug, language=cited.language, number=cited.number)
    assert (cited.title, cited.number, cited.outdated) == (
        "Freight abroad",
        1,
        "changed since: version 2 is in force",
    )
    assert cited.address == "/library/freight-abroad?language=en&version=1"
    assert shown.leaf.body == "We send to every country of the Union."


async def test_what_is_often_the_answer_is_known_for_each_kind_of_case(desk: Desk) -> None:
    """S3-7.1.1b: once is no habit, and a complaint is not an inquiry."""
    await written(desk)
    seen = []
    for kind in (CaseKind.INQUIRY, CaseKind.COMPLAINT, CaseKind.INQUIRY, CaseKind.INQUIRY):
        async with desk.work(CORA) as work:
            new = NewCase(kind, Channel.PHONE, subject="Abroad?", statement="Do you send abroad?")
            case = await cases.open_case(work, new)
            leaf = (await library.in_force(work))[0]
            await library.cite(work, [leaf.version_id], case_id=case.id)
            await cases.answer(work, case, "Yes, we do.")
        async with desk.look(CORA) as work:
            seen.append(list((await library.often(work, CaseKind.INQUIRY)).values()))
            assert await library.often(work, CaseKind.COMPLAINT) == {}
    assert seen == [[], [], [2], [3]]
    async with desk.look(CORA) as work:
        (common,) = await library.in_force(work, article_ids=await library.often(work, CaseKind.INQUIRY))
    assert common.slug == "freight-abroad"


async def test_only_what_is_in_force_can_be_cited(desk: Desk) -> None:
    await written(desk)
    async with desk.look(CORA) as work:
        old = (await library.in_force(work))[0].version_id
    await rewritten(desk, "We send nothing abroad any more.")
    async with desk.work(CORA) as work:
        case = await cases.open_case(work, NewCase(CaseKind.INQUIRY, Channel.PHONE, subject="Abroad?"))
        with pytest.raises(NotAccepted):
            await library.cite(work, [old], case_id=case.id)
        assert await work.session.scalar(select(func.count()).select_from(Citation)) == 0


async def test_what_is_retired_stays_to_be_read_and_cannot_be_changed(desk: Desk) -> None:
    await written(desk)
    async with desk.work(SAM) as work:
        article = await library.load(work, "freight-abroad")
        with pytest.raises(NotAccepted):
            await library.retire(work, article, article.version, " ")
        await library.retire(work, article, article.version, "We stopped that.")
    assert await titles(desk) == []
    async with desk.look(CORA) as work:
        assert (await library.opened(work, "freight-abroad")).leaf.title == "Freight abroad"
    with pytest.raises(WrongMoment):
        await rewritten(desk, "Again", seen=2)


@pytest.mark.parametrize(
    ("slug", "text", "field"),
    [
        ("Freight Abroad", ENGLISH, "slug"),
        ("new", ENGLISH, "slug"),
        ("freight-abroad", ENGLISH, "slug"),
        ("other", Text("en", " ", "Something"), "title"),
        ("other", Text("en", "Something", ""), "body"),
        ("other", Text("fr", "Something", "Something"), "language"),
        ("other", Text("en", "Something", "Card 4111 1111 1111 1111"), "body"),
    ],
)
async def test_an_article_that_cannot_be_kept_is_refused(
    desk: Desk, slug: str, text: Text, field: str
) -> None:
    await written(desk)
    async with desk.work(SAM) as work:
        with pytest.raises(NotAccepted) as raised:
            await library.add(work, slug, Card(), text)
    assert list(raised.value.fields) == [field]


def test_links_are_read_a_line_each() -> None:
    """S3-3.1.3b"""
    assert library.read_links("Guide | https://shop.example.com/guide\n\nhttps://shop.example.com/faq") == (
        {"title": "Guide", "address": "https://shop.example.com/guide"},
        {"title": "https://shop.example.com/faq", "address": "https://shop.example.com/faq"},
    )
    for wrong in ("Guide | javascript:alert(1)", "just words", "Guide | //shop.example.com"):
        with pytest.raises(NotAccepted):
            library.read_links(wrong)


async def test_the_pack_is_written_once_and_edits_stay(desk: Desk) -> None:
    """S0-7.1, S0-7.2, S0-7.3, S1-7.2, S2-7.4, S3-14.1.1a"""
    async with desk.work(SYSTEM) as work:
        assert await library.install(work) == 9
    async with desk.work(MARA) as work:
        article = await library.load(work, "privacy-policy")
        text = Text("en", "Privacy policy", "Ours is another one.")
        await library.write_version(work, article, article.version, text, Card(ArticleKind.POLICY))
    async with desk.work(SYSTEM) as work:
        assert await library.install(work) == 0
        kinds = {row.slug: row.kind for row in await work.session.execute(select(Article.slug, Article.kind))}
        languages = await work.session.execute(
            select(ArticleVersion.language, func.count(func.distinct(ArticleVersion.article_id))).group_by(
                ArticleVersion.language
            )
        )
        assert {row[0]: row[1] for row in languages} == {"en": 9, "de": 9}
        assert await work.session.scalar(select(func.count()).where(SearchToken.kind == "article")) != 0
    assert [slug for slug, kind in kinds.items() if kind is ArticleKind.POLICY] == [
        "complaint-policy", "data-protection", "payment-procedure", "privacy-policy",
    ]  # fmt: skip
    async with desk.look(CORA) as work:
        (policy,) = await library.in_force(work, slugs=["privacy-policy"])
    assert (policy.number, policy.body) == (2, "Ours is another one.")


async def test_representatives_read_and_do_not_write(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await library.add(work, "mine", Card(valid_until=date(2030, 1, 1)), ENGLISH)
