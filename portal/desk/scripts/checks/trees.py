"""Trees of questions: nodes nobody comes to, nodes without answers, ways in a circle or to nowhere."""

from __future__ import annotations

from portal.desk import trees
from portal.desk.scripts.document import options_in
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import key_of

KIND = "troubleshoot"


def find(draft: Draft) -> Findings:
    """What is wrong with the trees of a script, said as the trees themselves say it."""
    for step in draft.steps:
        if step.get("kind") != KIND:
            continue
        told = [options_in(step.get("options", {}), language) for language in draft.context.languages]
        for words in dict.fromkeys(words for one in told for words in trees.problems(one)):
            yield draft.finding(
                key_of(step),
                "options.trees",
                words,
                "Mend the tree: every answer leads on to a question or an end.",
            )
