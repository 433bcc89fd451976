"""What customers said in a month, made once it is over. S3-11.1.1a, S3-11.1.1b"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from portal.desk import feedback_analysis, policy
from portal.pages.evidence import in_words
from portal.web import Visit


async def index(visit: Visit) -> Response:
    """Every analysis, the newest month first."""
    async with visit.look() as work:
        found = await feedback_analysis.listed(work, visit.asked("before"))
    older = f"/evidence/feedback?before={found.older}" if found.older else ""
    return visit.page("evidence/analyses.html", found=found, older=older, in_words=in_words)


async def show(visit: Visit) -> Response:
    """One month beside the one before: the kinds that score low, and the words that come again."""
    async with visit.look() as work:
        row = await feedback_analysis.load(work, visit.number("analysis_id"))
    return visit.page(
        "evidence/analysis.html",
        row=row,
        told=feedback_analysis.read(row.figures),
        named=in_words(row.month),
        before=in_words(row.month - timedelta(days=1)),
        few=policy.FEW_ANSWERS,
        recurring=policy.RECURRING,
    )
