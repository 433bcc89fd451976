"""Troubleshooting: a tree as data, one question at a time; what was tried is kept and goes with the case. S2-4"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import func, select

from models import ContactAnswer
from models.words import CaseStatus, NoteKind, ResolutionCode
from portal.desk import cases, trees
from portal.desk.kinds.base import YES, Finished, Kind, Run, Typed, typed_with
from portal.desk.kinds.need import serial_first
from portal.desk.kinds.on_case import OVER, case_of, settled_of, told_of
from portal.desk.scripts import Step
from portal.desk.trees import Node, Taken, Tree
from portal.desk.work import Work

BACK, ANOTHER = "back", "another"
FILLED = frozenset({"settled", "code", "what_was_done", "actions", "why", "handed_up"})
"""The answers of `settle` and `escalate` that an end fills in."""
FOLLOWS = frozenset({"severity", "escalate", "settle"})
"""The kinds of steps that a tree leads to."""
COUNTED = timedelta(days=365)
LONGEST_NAME = 60
WORDS = {trees.SOLVED: "solved", trees.UNSOLVED: "not solved", trees.ESCALATE: "to be handed up"}


class Troubleshoot(Kind):
    """A tree as data, one question at a time, back and forth; what was tried is kept step by step. S2-4.2, S4-5.2

    The trees stand in the step, see `portal/desk/trees.py`. Answers for conditions: `solved` (yes, no). The end
    fills in what `settle` or `escalate` ask behind it, so that nothing is typed twice. S2-4.4
    """

    name = "troubleshoot"
    guarantees: ClassVar[str] = (
        "No question of a tree before the serial number; what was tried is kept step by step and goes with the case."
    )
    after: ClassVar[tuple[str, ...]] = ("serial",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"solved": (YES, "no")}
    labels: ClassVar[dict[str, str]] = {
        "tree": "Which piece",
        "path": "Answers so far",
        "place": "Question",
        "answer": "Answer",
        "solved": "Solved",
    }

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return serial_first(run)

    def closed(self, run: Run) -> str:
        return f"{run.case_number} was settled here." if settled_of(run) in OVER else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found = _trees(step)
        tree = _tree_of(run, found, typed)
        if tree is None:
            return {"tree": "Choose what comes closest."} if found else {}
        node = _place(tree, typed)[1]
        asked = node is not None and not node.end and "place" in typed
        if asked and node is not None and node.answer(typed.get("answer", "")) is None:
            return {"answer": "Choose an answer."}
        return {}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        shown = self._question(run, step)
        tree, node = shown["tree"], shown["node"]
        tries = tree is not None and node is not None and bool(node.solution)
        return {**shown, "rate": await helped(work, step, _name(tree.key, node.key)) if tries else None}

    def example(self, step: Step) -> Typed:
        return {"tree": next((one.key for one in _trees(step)), "")}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """The first question of the first tree."""
        return {**self._question(run, step), "rate": Rate(tried=8, helped=5)}

    def _question(self, run: Run, step: Step) -> dict[str, Any]:
        """Where the answers so far lead."""
        typed, found = run.typed(step.key), _trees(step)
        tree = _tree_of(run, found, typed)
        way, node = _place(tree, typed) if tree else ([], None)
        later = _values(typed)[len(way) :]
        return {
            "tree": tree,
            "trees": found,
            "way": way,
            "node": node,
            "ends": WORDS,
            "chosen": typed.get("answer") or (later[0] if later else ""),
            "choosable": len(found) > 1 and _of_product(run, found) is None,
        }

    def found_out(self, run: Run, step: Step) -> list[tuple[str, bool]]:
        """Which solutions were tried, and whether each helped. S2-4.3"""
        mark = run.done.get(step.key, {})
        tried = mark.get("steps") or []
        return [(_name(str(mark.get("tree", "")), str(node)), bool(well)) for node, well in tried]

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`back` goes to the question before and keeps every answer; `another` begins with another tree."""
        tree = _tree_of(run, _trees(step), typed)
        if do == BACK and tree is not None:
            place = max(len(_place(tree, typed)[0]) - 1, 0)
            return typed_with(typed, {"place": str(place), "answer": None, "solved": None})
        return typed_with(typed, dict.fromkeys(self.labels)) if do == ANOTHER else typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Answer one question and stay for the next; at an end keep what was tried and fill in what follows."""
        tree = _tree_of(run, _trees(step), typed)
        if tree is None:  # a script without a tree: there is nothing to try
            return Finished(mark={"path": [], "end": trees.UNSOLVED})
        way, node = _place(tree, typed)
        answer = node.answer(typed.get("answer", "")) if node else None
        if node is not None and answer is not None:
            way = [*way, Taken(node, answer)]
            node = trees.reached(tree, way)
        kept = {**_own(step, typed), **_kept(typed, tree, way)}
        if node is not None and not node.end:
            return Finished(stays=True, answers={step.key: kept})
        end = node.end if node else trees.UNSOLVED
        tried = [one.words for one in way]
        before = run.done.get(step.key, {})
        if run.case_id is not None and (before.get("path"), before.get("end")) != (tried, end):
            await _note(work, run, tree, tried, end)
        kept["solved"] = YES if end == trees.SOLVED else "no"
        return Finished(
            mark={
                "tree": tree.key,
                "path": tried,
                "end": end,
                "says": node.ask if node else "",
                "steps": _tried(way, solved=end == trees.SOLVED),
            },
            answers={**_filled(run, tree, way, node), step.key: kept},
        )


def guide_said(run: Run, step: Step) -> str:
    """With which words the tree ended, on the steps that follow from it: an end is read by nobody on its own. S4-5.2

    What has to be told at once, such as to stop using a stove that leaks, has to stand on the page that comes next.
    """
    if step.kind not in FOLLOWS:
        return ""
    return str(run.mark_of(Troubleshoot.name).get("says", ""))


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a solution helped in the contacts of the last year."""

    tried: int
    helped: int

    @property
    def percent(self) -> int:
        return round(100 * self.helped / self.tried)


async def helped(work: Work, step: Step, name: str) -> Rate | None:
    """How often a solution helped so far; None while nobody has tried it. One look into an index. S2-4.3"""
    tried, well = (
        await work.session.execute(
            select(func.count(), func.coalesce(func.sum(ContactAnswer.number), 0)).where(
                ContactAnswer.script == step.script,
                ContactAnswer.step == step.key,
                ContactAnswer.field == name,
                ContactAnswer.ended_at >= work.now - COUNTED,
            )
        )
    ).one()
    return Rate(tried, int(well or 0)) if tried else None


def _name(tree: str, node: str) -> str:
    """Under which the tries of a solution are counted."""
    return f"{tree}.{node}"[:LONGEST_NAME]


def _trees(step: Step) -> tuple[Tree, ...]:
    return trees.read(told_of(step))


def _own(step: Step, typed: Typed) -> Typed:
    """The answers to the script's own questions."""
    return {one.name: typed[one.name] for one in step.ask if one.name in typed}


def _kept(typed: Typed, tree: Tree, way: list[Taken]) -> Typed:
    """The way so far; what was answered further on stays while it still leads on from here."""
    values, later = [one.answer.value for one in way], _values(typed)
    kept = later if later[: len(values)] == values else values
    return {"tree": tree.key, "path": " ".join(kept), "place": str(len(way))}


def _values(typed: Typed) -> list[str]:
    return typed.get("path", "").split()[: trees.MOST]


def _tree_of(run: Run, found: tuple[Tree, ...], typed: Typed) -> Tree | None:
    """The tree of the product; where none is known, the one that was chosen, or the only one."""
    fixed = _of_product(run, found)
    if fixed is not None:
        return fixed
    wanted = typed.get("tree", "")
    return next((one for one in found if one.key == wanted), found[0] if len(found) == 1 else None)


def _of_product(run: Run, found: tuple[Tree, ...]) -> Tree | None:
    piece = run.mark_of("serial")
    if piece.get("product_id") is None:
        return None
    return trees.fitting(found, piece.get("sku", ""), piece.get("category", ""))


def _place(tree: Tree, typed: Typed) -> tuple[list[Taken], Node | None]:
    """The way to the question on the screen, and that question."""
    way = trees.walked(tree, _values(typed))
    told = typed.get("place", "")
    place = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else len(way)  # noqa: PLR2004  no way is as long
    way = way[:place]
    return way, trees.reached(tree, way)


def _tried(way: list[Taken], *, solved: bool) -> list[list[Any]]:
    """Every solution that was tried, and whether it helped: the last one before a good end did. S2-4.3"""
    tried: list[list[Any]] = [[one.node.key, False] for one in way if one.node.solution]
    if tried and solved:
        tried[-1][1] = True
    return tried


async def _note(work: Work, run: Run, tree: Tree, tried: list[str], end: str) -> None:
    """Write what was tried on the case while it is open. S2-4.2"""
    case = await case_of(work, run)
    if case.status in {CaseStatus.OPEN, CaseStatus.WAITING}:
        steps = [f"{place}. {words}" for place, words in enumerate(tried, 1)]
        told = "\n".join([f"{tree.name}: {WORDS.get(end, end)}.", *steps])
        await cases.add_note(work, case, told, NoteKind.ACTION)


def _filled(run: Run, tree: Tree, way: list[Taken], end: Node | None) -> dict[str, Typed]:
    """What the steps behind would ask, as it is known already; more than that, typed by hand, stays. S2-4.4"""
    told: dict[str, Typed]
    if end is not None and end.end == trees.SOLVED:
        helped = next((one.node.solution for one in reversed(way) if one.node.solution), tree.name)
        tried = "\n".join(one.words for one in way)
        code = ResolutionCode.TECHNICAL_SUPPORT.value
        told = {"settle": {"settled": "resolved", "code": code, "what_was_done": helped, "actions": tried}}
    else:
        because = f"{tree.name}: {end.ask if end and end.ask else 'nothing in the guide helped.'}"
        told = {
            "settle": {"settled": "handed_on", "why": because},
            "escalate": {"handed_up": YES, "why": because},
        }
    steps = {kind: run.script.of_kind(kind) for kind in told}
    return {
        step.key: told[kind]
        for kind, step in steps.items()
        if step is not None and step.key not in run.done and run.typed(step.key).keys() <= FILLED
    }
