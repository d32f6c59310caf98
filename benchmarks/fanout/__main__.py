"""`python -m benchmarks.fanout`: one publisher, N readers over WebSocket, our feed beside what a team would else pick.

Each peer in turn is alone on the first core; its readers, the publisher and Valkey share the last one. Whatever can be
had is measured, and what cannot is told with its reason.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.fanout import peers, picture, results, telling
from benchmarks.fanout.measuring import Measured, Pace, Setting, measure
from benchmarks.fanout.missing import PeerMissing
from benchmarks.fanout.peers import PEERS, Peer
from benchmarks.load import BadAnswer
from capacity.errors import StartFailed

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "fanout.svg"
CALM, BUSY, BURST = Pace(60, 20), Pace(400, 200), Pace(200)
SETTINGS = (
    Setting(100, (CALM, BUSY, BURST), rounds=1),
    Setting(1_000, (CALM, BUSY, BURST), rounds=3),
    Setting(1_000, (CALM, BURST), rounds=1, deflate=True),
    Setting(5_000, (Pace(40, 20),), rounds=3),
    Setting(10_000, (Pace(30, 20),), rounds=1),
)
QUICK = (Setting(100, (Pace(20, 20), Pace(60, 200), Pace(40)), rounds=1),)


def main() -> None:
    asked = _asked()
    chosen = [peer for peer in PEERS if not asked.peers or any(word in peer.name for word in asked.peers)]
    if not chosen:
        sys.exit(f"There is no such peer; there are {', '.join(peer.name for peer in PEERS)}.")
    settings = _settings(asked)
    present, missing = _present(chosen)
    before = results.read(asked.into) if asked.into else results.Results()
    found = before
    if not asked.told:
        measured = _measured(present, settings, before.rounds)
        found = before.joined(measured, missing, peers.versions(present))
    if asked.into and not asked.told:
        results.write(asked.into, found)
    drawn = PICTURE if not asked.quick and not asked.peers else None
    if drawn:
        drawn.write_text(picture.drawn(found.measured), "utf-8")
    telling.tell(found, drawn)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout", description=__doc__)
    parser.add_argument("peers", nargs="*", help="words of the names of those to measure; all when there is none")
    parser.add_argument("--quick", action="store_true", help="a hundred readers and few messages, for development")
    parser.add_argument("--readers", type=int, action="append", help="only the settings of so many readers")
    parser.add_argument("--kind", choices=("plain", "deflate"), help="only the settings with or without deflate")
    parser.add_argument("--rounds", type=int, help="so many rounds of each setting")
    parser.add_argument("--into", type=Path, help="keep the rounds in this file beside those it has, and tell all")
    parser.add_argument("--told", action="store_true", help="measure nothing, tell what the file of --into has")
    asked = parser.parse_args()
    if asked.told and not asked.into:
        parser.error("--told needs the file that --into names")
    return asked


def _settings(asked: argparse.Namespace) -> list[Setting]:
    return [
        replace(setting, rounds=asked.rounds or setting.rounds)
        for setting in (QUICK if asked.quick else SETTINGS)
        if not asked.readers or setting.readers in asked.readers
        if asked.kind is None or setting.deflate == (asked.kind == "deflate")
    ]


def _present(chosen: Sequence[Peer]) -> tuple[list[Peer], dict[str, str]]:
    """Those that can be measured here, and why each of the others cannot."""
    present, missing = [], {}
    for peer in chosen:
        try:
            peer.install()
            present.append(peer)
        except PeerMissing as reason:
            missing[peer.name] = str(reason)
            figures.progress(f"without {peer.name}: {reason}")
    return present, missing


def _measured(present: Sequence[Peer], settings: Sequence[Setting], first: int) -> list[Measured]:
    found: list[Measured] = []
    with bed.made() as here:
        _fill(here)
        for setting in settings:
            for number in range(first, first + setting.rounds):
                turn = number % len(present)
                for peer in [*present[turn:], *present[:turn]]:  # nobody is always first
                    found += _round(peer, here, setting, number)
    return found


def _fill(here: Bed) -> None:
    """The pools that are reported on, through a server that goes again."""
    ours = next(peer for peer in PEERS if peer.name == peers.OURS)
    with peers.started(ours, here, deflate=False) as server:
        bed.fill(server.port, token=here.token)


def _round(peer: Peer, here: Bed, setting: Setting, number: int) -> list[Measured]:
    kind = "deflate" if setting.deflate else "plain"
    try:
        found = measure(peer, here, setting, number)
    except (BadAnswer, StartFailed, TimeoutError) as reason:
        figures.progress(f"{peer.name}, {setting.readers:,} readers, {kind}: {reason}")
        return []
    for one in found:
        figures.progress(
            f"{one.peer}, {one.readers:,} readers, {kind}, {one.pace}: {one.cpu_us:.1f} µs a delivery (readers "
            f"{one.load_cpu_us:.1f}), last reader p50 {one.p50_ms:.1f} ms, p99 {one.p99_ms:.1f} ms, "
            f"{one.kb_a_reader:.1f} kB{'' if one.is_whole else ', NOT ALL CAME'}"
        )
    return found


if __name__ == "__main__":
    main()
