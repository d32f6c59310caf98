"""What everybody is told of a pool: whether there is room, in a word that may be believed. Laws 1 and 7."""

from capacity.board.vacancies import Vacancy
from capacity.vocabulary.finding import Doors
from capacity.vocabulary.public import Room
from capacity.vocabulary.words import Channel, Freshness, Status

FEW_PLACES = 2
FEW_SHARE = 10
"""Almost full: no more places than these, or than one in so many."""

_BELIEVED = (Freshness.FRESH, Freshness.AGEING)
_SHUT = (Status.CLOSED, Status.SUSPENDED)


def room_in(vacancy: Vacancy | None, capacity: int, doors: Doors, now_ms: int) -> Room:
    """The word for a pool of `capacity` places behind these doors; `vacancy` is None where the board has none.

    Places that are kept for others do not count: who reads this calls the 115, or stands at the door. What is unknown
    or stale is to be asked by phone, be it free or full.
    """
    if doors is Doors.CLOSED or (vacancy is not None and vacancy.status in _SHUT):
        return Room.SHUT
    if vacancy is None or vacancy.freshness(now_ms) not in _BELIEVED:
        return Room.ASK
    free = vacancy.free_for(Channel.THE_115, now_ms)
    if free == 0:
        return Room.FULL
    return Room.FEW if free <= FEW_PLACES or free * FEW_SHARE <= capacity else Room.PLACES
