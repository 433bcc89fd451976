"""The desk's own questions: none may take the name of an answer that the kind of step keeps itself."""

from __future__ import annotations

from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import key_of, parts
from portal.desk.scripts.steps import STEP_KINDS


def find(draft: Draft) -> Findings:
    """Questions whose answers would be lost in another answer."""
    for step in draft.steps:
        kind = str(step.get("kind", ""))
        names = [str(asked.get("name", "")) for asked in parts(step, "ask")]
        for name in dict.fromkeys(names):
            if name in STEP_KINDS.get(kind, ()):
                yield draft.finding(
                    key_of(step),
                    f"ask.{name}.name",
                    f"The question “{name}” is called like an answer that a step of the kind"
                    f" {kind.replace('_', ' ')} keeps itself.",
                    "Give the question another name.",
                )
