"""Running a draft of the policy over what happened, before it is published. S2-14.1

What would have been missed or saved, what would have come to whom and when, which due times of open cases would move:
`outcomes` says what a policy would have made of one case, `portal.desk.foreseeing` what would move now, `figures` counts it,
`running` goes through the cases in batches, `reading` shows it to whoever may see it.
"""

from portal.desk.replay.figures import Figures
from portal.desk.replay.reading import Shown, moves, of_version
from portal.desk.replay.running import MOST_KEPT, ask, step

__all__ = ["MOST_KEPT", "Figures", "Shown", "ask", "moves", "of_version", "step"]
