"""The command `capacity`: what can be asked for at a terminal, and nothing of how it is done.

Every body imports what it needs, so that `--help` answers at once.
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from capacity.errors import CapacityError
from capacity.vocabulary.roles import Role
from capacity.vocabulary.words import Channel

RUN, TRY, KEEP = "Run the service", "See it move", "Look after it"


class ByPurpose(TyperGroup):
    """The commands in the order of this file, under what they are for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 the order does not depend on it
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 the purposes say it all
        for purpose in (RUN, TRY, KEEP):
            with formatter.section(purpose):
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(limit=200))
                        for name, command in self.commands.items()
                        if getattr(command, "rich_help_panel", None) == purpose
                    ]
                )


app = typer.Typer(
    cls=ByPurpose,
    help="Live board of free places in shelters, haltes and day centres.",
    epilog="To try it: capacity up --demo, then open the address that it prints.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its import takes longer than everything else together
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How the registry is written to a file."""

    CSV = "csv"
    JSON = "json"


Url = Annotated[str, typer.Argument(help="The address of a running service.", show_default=True)]
Territory = Annotated[
    str, typer.Option("--territory", "-t", help="The territory's id: a département code or any slug.")
]
Data = Annotated[
    Path | None,
    typer.Option(help="The data folder of a running capacity up. Else CAPACITY_REDIS_URL and "
                      "CAPACITY_DATABASE_URL count, else the folder that `up` takes by itself."),
]  # fmt: skip
Map = Annotated[Path | None, typer.Option("--map", help="A mapping file, for a table that is not ours. See examples/.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="A file with the backup's key, 16 signs or more. Else CAPACITY_BACKUP_KEY counts."),
]
Encoding = Annotated[str | None, typer.Option(help="The file's encoding, where it is not UTF-8.")]
HERE = "http://127.0.0.1:8000"
PARIS = "75"


@app.command(rich_help_panel=RUN)
def up(
    demo: Annotated[bool, typer.Option("--demo", help="Fill an empty board with a Paris to try it with.")] = False,
    data: Annotated[Path | None, typer.Option(help="Where the data lives. Default: your data directory.")] = None,
    host: Annotated[str, typer.Option(help="Where to listen; other machines reach 0.0.0.0.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    redis_url: Annotated[str | None, typer.Option(help="A Redis or Valkey of yours, instead of starting one.")] = None,
    database_url: Annotated[str | None, typer.Option(help="A Postgres of yours, instead of starting one.")] = None,
) -> None:
    """Run everything on this machine: its own Valkey and Postgres, serve and record.

    Prints ready http://… when it is; Ctrl-C stops all of it and keeps the data.
    """
    from capacity.processes.up import Options, run

    run(Options(host, port, demo, data, redis_url, database_url))


@app.command(rich_help_panel=RUN)
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on, else CAPACITY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port, else CAPACITY_PORT.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes on this port, one a core at most; else CAPACITY_WORKERS, else 1."),
    ] = None,
) -> None:
    """Answer the API, the feed and the pages. As many as wanted may run side by side.

    With several workers each has its share of the connections; one that dies is started again, while the others serve
    on. Limits are those of each process, but for signing in; /metrics is that of the one which answers.
    """
    from capacity.processes.settings import read_settings

    settings = read_settings(host=host, port=port, workers=workers)
    if settings.workers > 1:
        from capacity.processes.workers import run
    else:
        from capacity.processes.serve import run
    run(settings)


@app.command(rich_help_panel=RUN)
def record() -> None:
    """Take the numbered commands from the stream into the ledger. One is active, the others wait."""
    from capacity.processes.record import run
    from capacity.processes.settings import read_settings

    run(read_settings())


@app.command(rich_help_panel=RUN)
def migrate() -> None:
    """Bring the database at CAPACITY_DATABASE_URL to this version's schema. Two at once are safe."""
    import asyncio

    from capacity.processes import migrating
    from capacity.processes.settings import read_settings

    applied = asyncio.run(migrating.migrate(read_settings().ledger_url))
    typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")


@app.command(rich_help_panel=TRY)
def watch(
    url: Url = HERE,
    territory: Territory = PARIS,
    audience: Annotated[str | None, typer.Option(help="Only the pools for them: women, families, men, …")] = None,
    channel: Annotated[Channel, typer.Option(help="Whose free places to tell beside everybody's.")] = Channel.THE_115,
) -> None:
    """Show the board and the active holds live in the terminal, until Ctrl-C."""
    from capacity.commands.watch import run

    run(url, territory, audience, channel)


@app.command(rich_help_panel=TRY)
def simulate(
    url: Url = HERE,
    territory: Territory = PARIS,
    seed: Annotated[int, typer.Option(help="The same seed plays the same night.")] = 1,
    speed: Annotated[float, typer.Option(min=0.1, help="How many times faster than life.")] = 60,
    hours: Annotated[float, typer.Option(min=0.01, max=72, help="How many hours of the night to play.")] = 14,
    start_hour: Annotated[float, typer.Option("--from", min=0, max=24, help="The hour at which it begins.")] = 18,
    most_a_second: Annotated[float, typer.Option(min=1, help="At most so many messages a second.")] = 200,
    calls: Annotated[float, typer.Option(min=0, help="Households that ask, in an hour of the evening; 0: none.")] = 45,
) -> None:
    """Play a night of reports and holds against a running service, and tell what came back.

    The sites: arrivals by hour and kind, staff who report late, tablets with wrong clocks that go offline and resend.

    The street: households call the 115 or meet a maraude, a place is held, and they arrive, or fewer do, or nobody
    does; some call again, and sometimes the two sides tell different things of it.

    Everything is sped up but the life of a hold, which ends by the service's own clock, after 5 real minutes or more:
    at --speed 60 those that nobody ends keep their places longer than they would in life.
    """
    from capacity.commands.night import Night
    from capacity.commands.simulate import Wish, run

    run(Wish(url, territory, Night(seed, hours, start_hour), speed, most_a_second, calls))


@app.command(rich_help_panel=TRY)
def replay(
    file: Annotated[Path, typer.Argument(help="A CSV file of occupancies.")],
    mapping: Annotated[Path, typer.Option("--map", help="Which columns say what. See examples/.")],
    territory: Territory = PARIS,
    speed: Annotated[float, typer.Option(min=0.001, help="How many times faster than the file's clock.")] = 3600,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the file's first so many lines.")] = None,
    url: Annotated[str, typer.Option(help="The address of a running service.")] = HERE,
    verify: Annotated[bool, typer.Option("--verify", help="Compare the history with the file at the end.")] = False,
    encoding: Encoding = None,
) -> None:
    """Send a file of real occupancies as reports, its clock mapped onto now.

    The file's first moment is now, and from there its clock runs so many times faster. Make the sites first:
    capacity import FILE --map MAP.
    """
    from capacity.commands.replay import Request, run

    run(Request(file, mapping, territory, speed, limit, url, verify, encoding))


@app.command("import", rich_help_panel=KEEP)
def import_(
    file: Annotated[Path, typer.Argument(help="CSV (a line a pool), JSON (as GET sites), or any table with --map.")],
    territory: Territory = PARIS,
    name: Annotated[str | None, typer.Option(help="The territory's name, if this opens it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    mapping: Map = None,
    encoding: Encoding = None,
    data: Data = None,
) -> None:
    """Create or replace the sites of a file, all of them or none; sites that it does not name stay."""
    from capacity.commands.transfer import Import, import_file

    import_file(Import(file, territory, name, dry_run, mapping, encoding, data))


@app.command("export", rich_help_panel=KEEP)
def export_(
    territory: Territory = PARIS,
    format_: Annotated[Format | None, typer.Option("--format", help="Else as --output ends, else CSV.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, else the terminal.")] = None,
    excel: Annotated[bool, typer.Option("--excel", help="CSV as French Excel opens it: semicolons and a BOM.")] = False,
    data: Data = None,
) -> None:
    """Write the sites and pools of a territory as CSV or JSON, as `import` reads them."""
    from capacity.commands.transfer import Export, export_file

    as_json = format_ is Format.JSON or (format_ is None and output is not None and output.suffix == ".json")
    export_file(Export(territory, as_json, output, excel, data))


@app.command(rich_help_panel=KEEP)
def token(
    role: Annotated[Role, typer.Option("--role", "-r", help="What its bearer may do.")],
    territory: Territory = PARIS,
    site: Annotated[list[str] | None, typer.Option(help="A site it is for; staff and integration need one.")] = None,
    label: Annotated[str, typer.Option(help="Whose it is, as the list of devices shows it.")] = "capacity token",
    days: Annotated[float | None, typer.Option(min=0.001, help="When it ends; else when it is revoked.")] = None,
    data: Data = None,
) -> None:
    """Make a bearer token for a system and print it on the last line. It is told only once."""
    from capacity.commands.token import Wish, run

    run(Wish(role, territory, tuple(site or ()), label, days, data))


@app.command(rich_help_panel=KEEP)
def person(
    email: Annotated[str, typer.Option(help="What they sign in by.")],
    role: Annotated[Role, typer.Option("--role", "-r", help="What they may do.")],
    territory: Territory = PARIS,
    site: Annotated[list[str] | None, typer.Option(help="A site they are for; staff needs one.")] = None,
    forget_second_factor: Annotated[
        bool, typer.Option("--forget-second-factor", help="For one who has lost the phone and the recovery codes.")
    ] = False,
    url: Annotated[str, typer.Option(help="Where people reach the service.")] = HERE,
    data: Data = None,
) -> None:
    """Let a person in and print a link on the last line: it signs in once within 7 days. The first admin is made so."""
    from capacity.commands.person import Wish, run

    run(Wish(email, role, territory, tuple(site or ()), forget_second_factor, url, data))


@app.command(rich_help_panel=KEEP)
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    key_file: KeyFile = None,
    data: Data = None,
) -> None:
    """Write the ledger, the registry, people, devices and the audit to one file, as they are at one instant.

    Nothing need be stopped. The live store is not in it: it is rebuilt from the ledger.
    """
    from capacity.commands.backup import Backup, back_up

    back_up(Backup(file, key_file, data))


@app.command(rich_help_panel=KEEP)
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `capacity backup` has written.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read all of it and say what is in it, no more.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take away what is in the database now, for good.")
    ] = False,
    key_file: KeyFile = None,
    data: Data = None,
) -> None:
    """Put a backup into an empty database, all of it or nothing. Stop capacity first.

    A backup of an older version is brought to this version's schema.
    """
    from capacity.commands.backup import Restore, restore

    restore(Restore(file, key_file, data, dry_run, replace))


@app.command(rich_help_panel=KEEP)
def rebuild(
    territory: Territory = PARIS,
    discard: Annotated[
        bool, typer.Option("--discard", help="Also where the live store has what the ledger lacks.")
    ] = False,
    lacking: Annotated[
        Path | None, typer.Option(help="Where to keep what the ledger lacks, one command a line.")
    ] = None,
    data: Data = None,
) -> None:
    """Make a territory of the live store anew from the ledger. Every serve does so by itself where nothing can be lost.

    For what `capacity doctor` sends here: the two stores are not of one history, and somebody has decided.
    """
    from capacity.commands.rebuild import Wish, run

    run(Wish(territory, discard, lacking, data))


@app.command(rich_help_panel=KEEP)
def doctor(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Check every setting and invariant of the running stores, and say what to do.

    Exit code 1 if anything is wrong.
    """
    from capacity.commands.doctor import run

    raise typer.Exit(run(data, as_json=as_json))


def main() -> None:
    """Run what the command line asks for; what goes wrong in a known way is one sentence, not a traceback."""
    try:
        app()
    except (CapacityError, ExceptionGroup) as problem:
        known = next(_known(problem), None)
        if known is None:
            raise
        typer.echo(f"capacity: {known}", err=True)
        sys.exit(1)


def _known(problem: Exception) -> Iterator[CapacityError]:
    if isinstance(problem, CapacityError):
        yield problem
    elif isinstance(problem, ExceptionGroup):
        for inner in problem.exceptions:
            yield from _known(inner)
