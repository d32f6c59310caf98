"""The second factor of a person: codes of an app and recovery codes, each taken once."""

from capacity.board.clocks import Clock
from capacity.board.totp import is_totp, recovery_hash, step_of
from capacity.services.limiting import CODE, Limiting
from capacity.store.people import PeopleStore, Person


class SecondFactor:
    """Takes codes."""

    def __init__(self, people: PeopleStore, limiting: Limiting, *, clock: Clock) -> None:
        self._people = people
        self._limiting = limiting
        self._clock = clock

    async def take(self, person: Person, code: str) -> bool:
        """Use up a code; False when it is wrong or was used before, also by a request at the same time.

        Raises:
            TooManyTries, StoreUnavailable, LedgerUnavailable
        """
        await self._limiting.attempt(CODE, person.id)
        is_right = await self._is_right(person, code.strip())
        if is_right:
            await self._limiting.forget(CODE, person.id)
        return is_right

    async def first_step(self, secret: str, code: str, person_id: str) -> int | None:
        """The step of the first code of a secret that waits; None when it is not its code. Raises as `take`."""
        await self._limiting.attempt(CODE, person_id)
        step = step_of(secret, code.strip(), self._clock())
        if step is not None:
            await self._limiting.forget(CODE, person_id)
        return step

    async def _is_right(self, person: Person, code: str) -> bool:
        if not is_totp(code):
            return await self._people.take_recovery(person.id, recovery_hash(code))
        step = None if person.totp_secret is None else step_of(person.totp_secret, code, self._clock())
        return step is not None and await self._people.take_step(person.id, step)
