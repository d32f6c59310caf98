"""The tablets of the sites: staff who tap late, clocks that are wrong, lines that drop and answers that get lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
MOST_A_POST = 200


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says of a pool, and the moment that it speaks of, by the true clock.

    A confirmation has no fields: the number that the person saw is known only at sending.
    """

    at_ms: int
    pool: str
    type: str
    fields: dict[str, Any]
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One batch: when it is sent, by a tablet whose clock is ahead by so much. `keys` name its sayings for good."""

    due_ms: int
    site: str
    ahead_ms: int
    sayings: tuple[Saying, ...]
    keys: tuple[str, ...]
    is_resent: bool = False


@dataclass(frozen=True, slots=True)
class Tablet:
    """One site's tablet: how far its clock is off, how late its people are, and when it has no network."""

    site: str
    ahead_ms: int
    late_minutes: float
    offline: tuple[tuple[int, int], ...]

    @classmethod
    def drawn(cls, site: str, chance: Random, length_ms: int) -> "Tablet":
        """Most clocks are right to the second, some minutes off, a few a whole hour; a fifth drop out for a while."""
        lot = chance.random()
        if lot < 0.8:
            ahead_ms = chance.randint(-2 * SECOND_MS, 2 * SECOND_MS)
        elif lot < 0.95:
            ahead_ms = chance.choice((-1, 1)) * chance.randint(MINUTE_MS, 6 * MINUTE_MS)
        else:
            ahead_ms = chance.choice((-1, 1)) * 60 * MINUTE_MS
        late_minutes = 25.0 if chance.random() < 0.2 else 1.0
        offline = []
        if chance.random() < 0.2:
            begins = chance.randrange(length_ms)
            offline.append((begins, begins + chance.randint(15, 75) * MINUTE_MS))
        return cls(site, ahead_ms, late_minutes, tuple(offline))

    def posts(self, sayings: Iterable[Saying], chance: Random) -> list[Post]:
        """The sayings as this tablet sends them: late, what was said offline in one go, and now and then twice."""
        written = sorted(
            ((saying.at_ms + self._delay_ms(chance), saying) for saying in sayings), key=lambda pair: pair[0]
        )
        keyed = [(at_ms, saying, f"{self.site}/{number}") for number, (at_ms, saying) in enumerate(written)]
        waiting: dict[int, list[tuple[Saying, str]]] = {}
        for at_ms, saying, key in keyed:
            waiting.setdefault(self._line_is_back_ms(at_ms), []).append((saying, key))
        posts = [post for due_ms, queue in waiting.items() for post in self._batches(due_ms, queue)]
        return posts + [again for post in posts for again in self._again(post, chance)]

    def _delay_ms(self, chance: Random) -> int:
        return int(chance.expovariate(1 / self.late_minutes) * MINUTE_MS)

    def _line_is_back_ms(self, at_ms: int) -> int:
        return next((ends for begins, ends in self.offline if begins <= at_ms < ends), at_ms)

    def _batches(self, due_ms: int, queue: list[tuple[Saying, str]]) -> Iterator[Post]:
        for start in range(0, len(queue), MOST_A_POST):
            sayings, keys = zip(*queue[start : start + MOST_A_POST], strict=True)
            yield Post(due_ms, self.site, self.ahead_ms, sayings, keys)

    def _again(self, post: Post, chance: Random) -> Iterator[Post]:
        """An answer that got lost: the same batch with the same ids, the more likely the worse the line was."""
        if chance.random() < (0.4 if len(post.sayings) > 1 else 0.03):
            later_ms = post.due_ms + chance.randint(5 * SECOND_MS, MINUTE_MS)
            yield replace(post, due_ms=later_ms, is_resent=True)
