"""A step as a form and back: every text of it a field by itself, so that it can be edited without knowing the file.

Pure: documents in, documents out, nothing read or written. What a form leaves as it was stays exactly as it was
written; `document.read` then says whether the whole can be walked.
"""

from __future__ import annotations

from portal.desk.scripts.editing.documents import (
    as_text,
    digest_of,
    free_key,
    inserted,
    moved,
    place_of,
    removed,
    renamed,
    replaced,
)
from portal.desk.scripts.editing.forms import anchor_of, conditions_of, errors_of, form_of
from portal.desk.scripts.editing.reading import step_of
from portal.desk.scripts.editing.rows import (
    MOST_FIELDS,
    ROWS,
    Form,
    is_group,
    moved_row,
    rows_of,
    text_form,
    with_row,
    without_row,
)
from portal.desk.scripts.editing.settings import leads

__all__ = [
    "MOST_FIELDS",
    "ROWS",
    "Form",
    "anchor_of",
    "as_text",
    "conditions_of",
    "digest_of",
    "errors_of",
    "form_of",
    "free_key",
    "inserted",
    "is_group",
    "leads",
    "moved",
    "moved_row",
    "place_of",
    "removed",
    "renamed",
    "replaced",
    "rows_of",
    "step_of",
    "text_form",
    "with_row",
    "without_row",
]
