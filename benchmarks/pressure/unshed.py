"""`capacity serve` with one change: nobody is refused for want of time. A measure, not a switch."""

from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.web.turning_away import TurningAway

if __name__ == "__main__":
    TurningAway.is_calm = property(lambda _: True)  # type: ignore[assignment,method-assign]  # the peer refuses nobody
    run(read_settings())
