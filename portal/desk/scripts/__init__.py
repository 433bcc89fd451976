"""The procedures as versioned data: what a script is, how it is written, and what a contact walks. S1-6.2, S2-0

`steps` is what the wizard walks, `document` one script as it is written, `text` its file, `pack` what ships with
the product, `composing` what a contact is made of, `versions` what the desk writes and publishes.
"""

from __future__ import annotations

from portal.desk.scripts.document import Document, read
from portal.desk.scripts.pack import FOLDER, library, pack
from portal.desk.scripts.steps import (
    ANY,
    CLOSING,
    DIFFICULT,
    FIELD_KINDS,
    OPENING,
    PLACEHOLDERS,
    SCRIPTS,
    STEP_KINDS,
    BrokenScript,
    Choice,
    Condition,
    Field,
    Help,
    Next,
    Script,
    Step,
)

__all__ = [
    "ANY",
    "CLOSING",
    "DIFFICULT",
    "FIELD_KINDS",
    "FOLDER",
    "OPENING",
    "PLACEHOLDERS",
    "SCRIPTS",
    "STEP_KINDS",
    "BrokenScript",
    "Choice",
    "Condition",
    "Document",
    "Field",
    "Help",
    "Next",
    "Script",
    "Step",
    "library",
    "pack",
    "read",
]
