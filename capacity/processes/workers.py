"""Several `serve` processes on one port: a parent that answers nothing, and workers that are all alike.

Each worker listens for itself and the kernel gives it its share of those who come, so none waits for another; one that
died gets nobody until it is back. They share nothing but the stores, as `serve` on several machines do.
"""

import asyncio
import sys

import structlog

from capacity.errors import StartFailed
from capacity.processes import logging
from capacity.processes.listening import check_tls, listen, remarks
from capacity.processes.programs import Program
from capacity.processes.settings import Settings
from capacity.processes.stopping import stop_requested
from capacity.processes.supervisor import Supervisor

START_SECONDS = 30.0
END_SECONDS = 1.5
"""What a worker has for ending beyond its grace for open requests; then it is killed."""

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Keep the workers running until asked to stop, and leave none.

    Raises:
        StartFailed: the address is taken, the certificate is of no use, or this system cannot share a port.
    """
    logging.configure("serve", settings.log_level)
    check_tls(settings)
    if sys.platform != "linux":
        raise StartFailed("Several workers on one port need Linux: run one, or several behind a proxy.")
    listen(settings.host, settings.port).close()  # whoever has it is no worker of ours
    for remark in remarks(settings):
        log.warning(remark)
    with listen(settings.host, settings.port, is_shared=True) as held:  # never listened on: it keeps the port for us
        asyncio.run(_keep(settings, held.getsockname()[1]))


async def _keep(settings: Settings, port: int) -> None:
    stop = stop_requested()
    command = (sys.executable, "-m", "capacity", "serve")
    env = {
        "CAPACITY_HOST": settings.host,
        "CAPACITY_PORT": str(port),
        "CAPACITY_WORKERS": "1",
        "CAPACITY_SHARES_PORT": "true",
    }
    async with Supervisor(log.warning, settings.grace_seconds + END_SECONDS) as supervisor:
        supervisor.open_stage()
        for number in range(1, settings.workers + 1):
            worker = Program(f"worker {number}", command, None, env)
            await supervisor.start(worker, within_seconds=START_SECONDS)
        await stop.wait()
