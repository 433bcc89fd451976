"""Chats between a customer on the desk's page and a representative: said once, kept for good. S2-12.3

`talking` is the customer's side, behind a secret that only their browser holds; `serving` the representative's;
`attending` says whether somebody is there; `listed` reads; `tending` what happens to those nobody takes; `transcript`
tells what was said, on cases and in a letter.
"""

from portal.desk.chat.attending import Attended, attended
from portal.desk.chat.lines import COUNTS_AS, Line
from portal.desk.chat.listed import (
    ChatRow,
    Queue,
    colleagues,
    ended,
    load,
    messages,
    of_customer,
    queue,
    waiting,
)
from portal.desk.chat.serving import begin_contact, end, hand_back, hand_over, say, take
from portal.desk.chat.talking import CHATTER, Opening, begin, behind, leave, new_secret, stop, write
from portal.desk.chat.tending import late, leave_untaken, tell, untaken
from portal.desk.chat.transcript import of_case, of_contact, send, transcripts

__all__ = [
    "CHATTER",
    "COUNTS_AS",
    "Attended",
    "ChatRow",
    "Line",
    "Opening",
    "Queue",
    "attended",
    "begin",
    "begin_contact",
    "behind",
    "colleagues",
    "end",
    "ended",
    "hand_back",
    "hand_over",
    "late",
    "leave",
    "leave_untaken",
    "load",
    "messages",
    "new_secret",
    "of_case",
    "of_contact",
    "of_customer",
    "queue",
    "say",
    "send",
    "stop",
    "take",
    "tell",
    "transcripts",
    "untaken",
    "waiting",
    "write",
]
