"""The `liverseg` program: its commands, and how it ends.

Exit codes: 0 done; 2 wrong input or usage, said in one line without a traceback; 130
interrupted.
"""

from __future__ import annotations

import sys

import typer

from liverseg import NOTICE, __version__
from liverseg.cli import (
    compare,
    deidentify,
    delineate,
    demo,
    describe,
    history,
    measure,
    move,
    open_case,
    report,
    run,
    samples,
    scan,
    segments,
)
from liverseg.errors import LiversegError

app = typer.Typer(
    name="liverseg",
    help=f"Annotate liver imaging, measure lesions, compare with what a report says. {NOTICE}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="scan")(scan.scan)
app.command(name="run")(run.run)
app.command(name="measure")(measure.measure)
app.command(name="compare")(compare.compare)
app.command(name="delineate")(delineate.delineate)
app.command(name="deidentify")(deidentify.deidentify)
app.command(name="describe")(describe.describe)
app.command(name="segments")(segments.segments)
app.command(name="move")(move.move)
app.command(name="report")(report.report)
app.command(name="open")(open_case.open_case)
app.command(name="undo")(history.undo)
app.command(name="redo")(history.redo)
app.command(name="history")(history.history)
app.command(name="demo")(demo.demo)
app.add_typer(samples.app)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"liverseg {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Options that stand before a command."""


def main() -> None:
    """Run the program; an error raised on purpose becomes one line and exit code 2."""
    try:
        app()
    except LiversegError as error:
        fail(str(error))
    except OSError as error:
        # A full disk, a folder without permission: the system's own words and the file.
        place = f" | where: {error.filename}" if error.filename else ""
        fail(f"{error.strerror or error}{place}")
    except KeyboardInterrupt:
        sys.exit(130)


def fail(message: str) -> None:
    """Say one line on standard error and end with 2."""
    line = " ".join(message.split())
    print(f"liverseg: {line}", file=sys.stderr)  # noqa: T201
    sys.exit(2)
