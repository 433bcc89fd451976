"""How the steps of a script hang together: the arrows of its diagram, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.desk import trees
from portal.desk.scripts.phrases import ENGLISH, Told, conditions_in_words, key_of, parts, steps_of
from portal.desk.scripts.steps import END

START = "start"
ENDED = {"solved": "Solved", "unsolved": "Not solved", "escalate": "To be handed up"}


@dataclass(frozen=True, slots=True)
class Arrow:
    """One way from a step to another; `start` and `end` stand for the script's own ends."""

    kind: str
    """`on` to the step behind, `past` conditional steps, `jump` by a declared jump."""
    source: str
    target: str
    words: str = ""
    """When it is taken; empty for always."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps one behind the other that appear under the same conditions."""

    words: str
    """The conditions as a sentence; empty for steps that always appear."""
    steps: tuple[Told, ...]


def stretches(document: Told, known: Mapping[str, Told], language: str = ENGLISH) -> list[Stretch]:
    """The steps of a script in their order, gathered by their conditions."""
    found: list[Stretch] = []
    last: Sequence[Told] | None = None
    for step in steps_of(document):
        conditions = parts(step, "when")
        if found and conditions == last:
            found[-1] = Stretch(found[-1].words, (*found[-1].steps, step))
        else:
            found.append(Stretch(conditions_in_words(conditions, known, language), (step,)))
        last = conditions
    return found


def leads_on(step: Told) -> bool:
    """Whether some answers lead to the step behind: no jump is taken in any case."""
    return all(parts(jump, "when") for jump in parts(step, "next"))


def arrows(document: Told, known: Mapping[str, Told], language: str = ENGLISH) -> list[Arrow]:
    """Every way through a script, from its start to its end."""
    steps = steps_of(document)
    keys = [START, *(key_of(step) for step in steps), END]
    found = [Arrow("on", START, keys[1])]
    for at, step in enumerate(steps, start=1):
        for jump in parts(step, "next"):
            words = conditions_in_words(parts(jump, "when"), known, language)
            found.append(Arrow("jump", keys[at], str(jump.get("to")), words))
            if not words:
                break
        if leads_on(step):
            found.append(Arrow("on", keys[at], keys[at + 1]))
    at = 0
    for one in stretches(document, known, language):
        if one.words and (at == 0 or leads_on(steps[at - 1])):
            found.append(Arrow("past", keys[at], keys[at + len(one.steps) + 1], "otherwise"))
        at += len(one.steps)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One question or end of a tree as it is drawn: under the answer that leads to it."""

    depth: int
    answer: str
    words: str
    end: str = ""


def tree_rows(tree: trees.Tree) -> Iterator[Row]:
    """A tree from its beginning, each question followed by what its answers lead to; a question told before is named."""
    told: set[str] = set()
    waiting = [(0, "", tree.start)]
    while waiting:
        depth, answer, key = waiting.pop()
        node = tree.nodes.get(key)
        if node is None:
            yield Row(depth, answer, f"{key or 'nowhere'}: missing", "unsolved")
        elif node.end:
            yield Row(depth, answer, ENDED.get(node.end, node.end), node.end)
        elif key in told:
            yield Row(depth, answer, f"as above: {node.ask}")
        else:
            told.add(key)
            yield Row(depth, answer, " ".join(filter(None, (node.solution, node.ask))))
            waiting += [(depth + 1, one.label, one.to) for one in reversed(node.answers)]
