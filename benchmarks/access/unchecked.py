"""`capacity serve` with one change: whoever sends a plain report or hold is let in unseen, and has no budget.

What a report would cost had nobody to be recognised; all else is as in the product, and the same bytes are sent. A
measure, not a switch: the product has no such mode.
"""

from capacity.board.access import Action, Caller, Grant, Permission, Scope
from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.services.budgets import ReportBudget
from capacity.vocabulary.roles import Role
from capacity.web.access import Guard

_LET_IN = {
    action: Permission(action, Scope.TERRITORY, Grant(Role.ADMIN), Caller("benchmarks"))
    for action in (Action.REPORT, Action.HOLD)
}


def _recognises(guard: Guard, _secret: str | None, _territory: str) -> Permission | None:
    return _LET_IN.get(guard._action)  # noqa: SLF001  # the product lends nobody its table; we measure its cost


def _take(_budget: ReportBudget, _credential: str, _reports: int) -> bool:
    return True


if __name__ == "__main__":
    Guard.recognises = _recognises  # type: ignore[method-assign]  # what we measure is the server without it
    ReportBudget.take = _take  # type: ignore[method-assign]  # likewise
    run(read_settings())
