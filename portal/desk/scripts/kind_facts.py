"""What the kinds of steps tell about themselves, for whoever reads a script without running it.

The kinds know the scripts, so the scripts cannot know the kinds: `portal/desk/kinds` fills this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KindFacts:
    """One kind of step as its class describes it; the words mean what they mean there."""

    guarantees: str = ""
    after: tuple[str, ...] = ()
    leads: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


KIND_FACTS: dict[str, KindFacts] = {}
"""Every kind by its name."""
