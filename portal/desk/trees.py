"""Troubleshooting trees: questions with answers that lead on, as data in a step, and the way a caller took. S2-4.2

A tree stands in `options.trees` of a step of kind `troubleshoot`:

```toml
[[steps.options.trees]]
key = "stove"
name.en = "Stove"
products = ["STOVE-G"]                    # codes of the catalogue
categories = ["Cooking outdoors"]         # or its categories; products = ["*"] fits whatever has no other tree
[[steps.options.trees.nodes]]             # the first one is where it begins
key = "gas"
ask.en = "Is there gas in the cartridge?"
help.en = "Shake it: you hear whether it is empty."
solution.en = "Screw on a new cartridge." # what is tried here; then the question says whether it helped
answers = [{label.en = "Yes", to = "flame"}, {label.en = "No", to = "cartridge"}]
[[steps.options.trees.nodes]]
key = "burns"
end = "solved"                            # solved, unsolved or escalate
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

SOLVED, UNSOLVED, ESCALATE = "solved", "unsolved", "escalate"
ENDS = (SOLVED, UNSOLVED, ESCALATE)
ANYTHING = "*"
MOST = 40
"""Questions on one way through a tree."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question, and where it leads."""

    value: str
    """Its place among the answers, from 1."""
    label: str
    to: str


@dataclass(frozen=True, slots=True)
class Node:
    """A question with its answers, or an end."""

    key: str
    ask: str = ""
    help: str = ""
    solution: str = ""
    end: str = ""
    answers: tuple[Answer, ...] = ()

    def answer(self, value: str) -> Answer | None:
        return next((one for one in self.answers if one.value == value), None)


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, in one language."""

    key: str
    name: str
    products: tuple[str, ...]
    categories: tuple[str, ...]
    start: str
    nodes: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """One question that was answered on the way."""

    node: Node
    answer: Answer

    @property
    def words(self) -> str:
        tried = f"{self.node.solution} " if self.node.solution else ""
        return f"{tried}{self.node.ask} – {self.answer.label}"


def read(told: object) -> tuple[Tree, ...]:
    """The trees of a step in one language, as far as they can be read: what is broken is named by `problems`."""
    return tuple(_tree(one) for one in _tables(told, "trees"))


def fitting(trees: Sequence[Tree], sku: str, category: str) -> Tree | None:
    """The tree of a product: by its code, else by its category, else the one for anything; None where none fits."""
    by_code = (one for one in trees if sku and sku.casefold() in _folded(one.products))
    by_category = (one for one in trees if category and category.casefold() in _folded(one.categories))
    for_anything = (one for one in trees if ANYTHING in one.products)
    return next(chain(by_code, by_category, for_anything), None)


def _folded(words: Sequence[str]) -> set[str]:
    return {one.casefold() for one in words}


def walked(tree: Tree, values: Sequence[str]) -> list[Taken]:
    """The questions that these answers lead through, as far as they lead: what is no answer ends the way."""
    way: list[Taken] = []
    node = tree.nodes.get(tree.start)
    for value in values[:MOST]:
        answer = node.answer(value) if node else None
        if node is None or answer is None:
            break
        way.append(Taken(node, answer))
        node = tree.nodes.get(answer.to)
    return way


def reached(tree: Tree, way: Sequence[Taken]) -> Node | None:
    """Where a way has led: the next question, or an end; None where the tree is broken."""
    return tree.nodes.get(way[-1].answer.to if way else tree.start)


def problems(told: object) -> list[str]:
    """Say in words what is wrong with the trees of a step, given in one language; nothing when they can be walked."""
    trees = read(told)
    found = [] if trees else ["It has no tree."]
    keys = [tree.key for tree in trees]
    found += [
        f"There are two trees called {key}." for key in sorted({one for one in keys if keys.count(one) > 1})
    ]
    if trees and not any(ANYTHING in tree.products for tree in trees):
        found.append('No tree fits every product: one needs products = ["*"].')
    for tree in trees:
        found += [f"Tree {tree.key or 'without a name'}: {words}" for words in _problems(tree)]
    return found


def _problems(tree: Tree) -> Iterator[str]:
    if not (tree.key and tree.name):
        yield "it needs a key and a name."
    if not tree.nodes:
        yield "it has no questions."
    if not (tree.products or tree.categories):
        yield "it fits no product and no category."
    for node in tree.nodes.values():
        yield from _problems_of(node, tree)
    if circle := _circle(tree):
        yield f"{circle} is asked twice on one way: a loop."
    elif lost := sorted(tree.nodes.keys() - _reachable(tree)):
        yield f"nothing leads to {', '.join(lost)}."


def _problems_of(node: Node, tree: Tree) -> Iterator[str]:
    if node.end:
        if node.end not in ENDS:
            yield f"{node.key} ends as {node.end}; there are {', '.join(ENDS)}."
        return
    if not node.ask:
        yield f"{node.key} asks nothing."
    if len(node.answers) < 2:  # noqa: PLR2004  a question with one answer is none
        yield f"{node.key} needs two answers or an end."
    for answer in node.answers:
        if answer.to not in tree.nodes:
            yield f"{node.key} leads to {answer.to or 'nowhere'}, which is not there."
        if not answer.label:
            yield f"an answer of {node.key} has no words."


def _reachable(tree: Tree) -> set[str]:
    found: set[str] = set()
    waiting = [tree.start]
    while waiting:
        key = waiting.pop()
        if key in found or key not in tree.nodes:
            continue
        found.add(key)
        waiting += [answer.to for answer in tree.nodes[key].answers]
    return found


def _circle(tree: Tree) -> str:
    """A question that leads back to itself; empty when none does."""
    left = {
        key: {answer.to for answer in node.answers} & tree.nodes.keys() for key, node in tree.nodes.items()
    }
    while left:  # take away whatever leads nowhere else, until nothing or a circle is left
        done = {key for key, onward in left.items() if not onward}
        if not done:
            return min(left)
        left = {key: onward - done for key, onward in left.items() if key not in done}
    return ""


def _tree(told: Mapping[str, Any]) -> Tree:
    nodes = [_node(one) for one in _tables(told, "nodes")]
    return Tree(
        key=_text(told, "key"),
        name=_text(told, "name"),
        products=_texts(told, "products"),
        categories=_texts(told, "categories"),
        start=_text(told, "start") or (nodes[0].key if nodes else ""),
        nodes={node.key: node for node in reversed(nodes)},
    )


def _node(told: Mapping[str, Any]) -> Node:
    return Node(
        key=_text(told, "key"),
        ask=_text(told, "ask"),
        help=_text(told, "help"),
        solution=_text(told, "solution"),
        end=_text(told, "end"),
        answers=tuple(
            Answer(str(place), _text(one, "label"), _text(one, "to"))
            for place, one in enumerate(_tables(told, "answers"), 1)
        ),
    )


def _tables(told: object, name: str) -> list[Mapping[str, Any]]:
    found = told.get(name, ()) if isinstance(told, Mapping) else ()
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name, "")
    return found.strip() if isinstance(found, str) else ""


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = told.get(name, ())
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()
