"""What support rests on: trees that can be walked and say what is wrong with them, links that lead somewhere. S2-4"""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from models import AuditEntry, ProductLink
from models.words import LinkKind
from portal.desk import product_links, trees
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA
from tests.shop import CHAIR, LAMP, stocked


def node(key: str, *to: str, **more: str) -> dict[str, Any]:
    answers = [{"label": one.capitalize(), "to": one} for one in to]
    return {"key": key, "ask": f"Is it {key}?", "answers": answers, **more}


def tree(key: str, *nodes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key.capitalize(), "products": ["*"], "nodes": list(nodes), **more}


SOLVED, OVER = {"key": "well", "end": "solved"}, {"key": "over", "end": "unsolved"}
PLAIN = tree(
    "plain", node("on", "well", "plug"), node("plug", "well", "over", solution="Plug it in."), SOLVED, OVER
)


def read(*told: dict[str, Any]) -> tuple[trees.Tree, ...]:
    return trees.read({"trees": list(told)})


def test_a_tree_fits_by_code_then_by_category_then_anything() -> None:
    found = read(
        PLAIN,
        tree("light", SOLVED, products=[], categories=["Light"]),
        tree("lamp", SOLVED, products=["LA-1"]),
    )
    fits = [
        trees.fitting(found, *told) for told in (("la-1", "Light"), ("LA-2", "light"), ("X", "Y"), ("", ""))
    ]
    assert [one.key if one else None for one in fits] == ["lamp", "light", "plain", "plain"]
    assert trees.fitting(found[1:], "X", "Y") is None


@pytest.mark.parametrize(
    ("values", "way", "at"),
    [
        ([], [], "on"),
        (["2"], ["Is it on? – Plug"], "plug"),
        (["2", "1"], ["Is it on? – Plug", "Plug it in. Is it plug? – Well"], "well"),
        (["2", "2"], ["Is it on? – Plug", "Plug it in. Is it plug? – Over"], "over"),
        (["9"], [], "on"),
        (["1", "1", "1"], ["Is it on? – Well"], "well"),
    ],
)
def test_answers_lead_as_far_as_they_lead(values: list[str], way: list[str], at: str) -> None:
    """S2-4.2"""
    (found,) = read(PLAIN)
    walked = trees.walked(found, values)
    reached = trees.reached(found, walked)
    assert ([one.words for one in walked], reached.key if reached else "") == (way, at)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ([], "It has no tree."),
        ([PLAIN, PLAIN], "There are two trees called plain."),
        (
            [tree("a", SOLVED, products=["LA-1"])],
            'No tree fits every product: one needs products = ["*"].',
        ),
        ([tree("a", SOLVED, products=[])], "Tree a: it fits no product and no category."),
        ([tree("a")], "Tree a: it has no questions."),
        ([tree("a", node("on", "well", "moon"), SOLVED)], "Tree a: on leads to moon, which is not there."),
        ([tree("a", node("on", "well"), SOLVED)], "Tree a: on needs two answers or an end."),
        ([tree("a", node("on", "well", "on"), SOLVED)], "Tree a: on is asked twice on one way: a loop."),
        ([tree("a", node("on", "well", "well"), SOLVED, OVER)], "Tree a: nothing leads to over."),
        (
            [tree("a", node("on", "well", "over"), SOLVED, {**OVER, "end": "sleep"})],
            "Tree a: over ends as sleep;",
        ),
    ],
)
def test_a_tree_says_what_is_wrong_with_it(told: list[dict[str, Any]], problem: str) -> None:
    assert any(one.startswith(problem) for one in trees.problems({"trees": told}))


@pytest.mark.parametrize(
    "told", [None, 7, {"trees": 7}, {"trees": [7]}, {"trees": [{"nodes": [{"answers": 1}]}]}]
)
def test_what_is_no_tree_is_named_and_harms_nothing(told: object) -> None:
    assert trees.problems(told) != []
    assert all(trees.walked(one, ["1", "1"]) == [] for one in trees.read(told))


def test_a_whole_tree_has_no_problem() -> None:
    assert trees.problems({"trees": [PLAIN]}) == []


async def test_a_link_is_added_changed_and_removed_and_each_is_written_down(desk: Desk) -> None:
    """S3-3.1.3b"""
    await stocked(desk)
    async with desk.work(MARA) as work:
        link = await product_links.add(work, CHAIR, LinkKind.GUIDE, "Guide", "https://shop.example.com/chair")
        await product_links.change(
            work, link, kind=LinkKind.PAGE, title="The chair", address="http://shop.example.com/c"
        )
    async with desk.look(CORA) as work:
        told = [(one.kind, one.title, one.address) for one in await product_links.of(work, CHAIR)]
        assert (told, await product_links.of(work, LAMP)) == (
            [(LinkKind.PAGE, "The chair", "http://shop.example.com/c")],
            [],
        )
    async with desk.work(MARA) as work:
        await product_links.remove(work, await product_links.load(work, link.id))
    async with desk.look(SYSTEM) as work:
        deeds = (await work.session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id))).all()
        left = (await work.session.scalars(select(ProductLink))).all()
    assert (list(deeds)[-3:], list(left)) == (
        ["add product link", "change product link", "remove product link"],
        [],
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "chair",
        "ftp://x.example.com",
        "javascript:alert(1)",
        "https://",
        "https://[",
        "https://a b",
        "//x",
    ],
)
async def test_a_link_leads_to_the_web(desk: Desk, address: str) -> None:
    await stocked(desk)
    async with desk.work(MARA) as work:
        with pytest.raises(NotAccepted) as refused:
            await product_links.add(work, CHAIR, LinkKind.PAGE, "Page", address)
    assert list(refused.value.fields) == ["address"]


async def test_whoever_takes_calls_gives_no_links(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await product_links.add(work, CHAIR, LinkKind.PAGE, "Page", "https://shop.example.com")
