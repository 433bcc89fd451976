"""A start loads what the first page needs, and nothing that only a later deed does. P14"""

import concurrent.futures
import gc
import subprocess
import sys
from pathlib import Path

from portal.running import prepare, settled
from portal.settings import read
from tests.harness import databases

ROOT = Path(__file__).resolve().parents[2]
LATER = """
import sys
from pathlib import Path
import portal.__main__, portal.running
from portal.settings import read
portal.running.create_app(read({}, demo=True, port=8000, data=Path(sys.argv[1]), jobs=False))
later = ("alembic", "authlib", "cryptography", "email_validator", "holidays", "httpx2", "joserfc", "phonenumbers")
print([name for name in later if name in sys.modules])
"""


def test_libraries_of_later_deeds_are_not_loaded_by_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_garbage_is_looked_for_once_the_portal_is_ready() -> None:
    """What is there by then stays out of the search, here as well: thawed, it would slow every test after this."""
    frozen = gc.get_freeze_count()
    made_since: list[list[int]] = [[] for _ in range(1000)]
    gc.disable()
    try:
        settled()
        assert (gc.isenabled(), gc.get_freeze_count() - frozen >= len(made_since)) == (True, True)
    finally:
        gc.enable()


def test_replicas_that_start_on_an_empty_database_at_once_all_start(run_folder: Path, tmp_path: Path) -> None:
    """Each waits until the one before it has made the tables and put in what a desk begins with."""
    address = databases.fresh("postgresql", run_folder, migrated=False)
    try:
        settings = read({"HANDRAIL_DATABASE": address}, demo=True, data=tmp_path)
        with concurrent.futures.ThreadPoolExecutor(3) as replicas:
            for one in [replicas.submit(prepare, settings) for _ in range(3)]:
                one.result()
    finally:
        databases.discard(address)
