"""Taking in customers, products and orders from files: real rows with real dirt. S1-4.1.1

Every row is taken, corrected with a word about it, or refused with the reason; one bad row never stops the rest,
and taking the same file in again changes nothing. A row is known by its source and its own id there.
"""

from portal.desk.imports.figures import figures
from portal.desk.imports.rows import COLUMNS, Finding, FindingKind, Row, Taken
from portal.desk.imports.taking import TAKE, Kind, take

__all__ = ["COLUMNS", "TAKE", "Finding", "FindingKind", "Kind", "Row", "Taken", "figures", "take"]
