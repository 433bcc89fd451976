"""Trees of questions: nodes nobody comes to, nodes that lead nowhere, ways in a circle."""

from __future__ import annotations

from portal.desk.scripts.findings import Draft, Findings


def find(draft: Draft) -> Findings:
    """What is wrong with the trees of a script."""
    yield from ()
