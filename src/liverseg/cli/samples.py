"""`liverseg samples`: real public studies to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from liverseg.cli.scan import print_ledger
from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.errors import InputError
from liverseg.ingest import scan_folder
from liverseg.records import FileState, Ledger
from liverseg.samples import (
    NO_IDENTIFICATION,
    FetchedSample,
    Sample,
    VerifiedSample,
    fetch_sample,
    licence_lines,
    list_samples,
    read_citations,
    sample_named,
    verify_sample,
)

app = typer.Typer(
    name="samples",
    help="Real public liver studies of the Imaging Data Commons, to begin with.",
    no_args_is_help=True,
)
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def list_all(as_json: AS_JSON = False) -> None:
    """Show the samples: size, licence, and what each teaches. Needs no network."""
    samples = list_samples()
    if as_json:
        print_json([sample_row(sample) for sample in samples])
        return
    table = Table(title="Samples", title_justify="left")
    table.add_column("name", no_wrap=True)
    table.add_column("what")
    table.add_column("files", justify="right")
    table.add_column("MB", justify="right")
    table.add_column("licence", no_wrap=True)
    table.add_column("teaches")
    for sample in samples:
        table.add_row(
            sample.name,
            sample.title,
            str(sample.instances),
            f"{sample.size_mb:.0f}",
            "\n".join(sample.licences),
            sample.teaches,
        )
    out = console()
    out.print(table)
    out.print("fetch one: liverseg samples fetch NAME")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="Name of a sample; `samples list` shows them.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder in which the sample's folder is made.")
    ] = Path("samples"),
    endpoint: Annotated[
        str | None,
        typer.Option(help="S3 server to ask; default: Amazon's, or LIVERSEG_S3_ENDPOINT."),
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Fetch a sample, check every file, and say what is in it.

    An interrupted fetch goes on where it stopped when it is started again.
    """
    sample = sample_named(name)
    screen = console()
    if not as_json:
        screen.print(f"{sample.name}: {sample.title}", highlight=False)
        screen.print(f"{sample.instances} files, {sample.size_mb:.1f} MB", highlight=False)
        for line in licence_lines(sample, read_citations()):
            screen.print(line, soft_wrap=True, highlight=False)
        screen.print(NO_IDENTIFICATION)
    with progress_bar() as progress:
        fetched = fetch_sample(sample, out, endpoint=endpoint, progress=progress)
        ledger = scan_folder([fetched.folder], progress=progress)
    if as_json:
        print_json(_fetched_row(fetched, ledger))
        return
    print_ledger(ledger)
    unchecked = [file for file in fetched.manifest.files if not file.checked_by]
    if unchecked:
        screen.print(
            f"{len(unchecked)} files were compared by size only: the archive states no checksum "
            "of them that can be recomputed"
        )
    screen.print(f"all {len(fetched.manifest.files)} files are in {fetched.folder}", soft_wrap=True)
    screen.print(f"measure: {_run_hint(fetched.folder)}", soft_wrap=True, highlight=False)
    drawn = [
        str(fetched.folder / file.path)
        for file in fetched.manifest.files
        if _is_drawn(sample, file.path)
    ]
    if drawn:
        screen.print("masks that come with it:", *drawn, sep="\n  ", soft_wrap=True)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a fetched sample.")],
    as_json: AS_JSON = False,
) -> None:
    """Compare every file of a fetched sample with its SHA-256. Needs no network."""
    with progress_bar() as progress:
        verified = verify_sample(folder, progress=progress)
    if as_json:
        print_json(_verified_row(verified))
    if not verified.right:
        raise _unlike_fetched(verified)
    if not as_json:
        console().print(
            f"all {len(verified.states)} files of {verified.manifest.sample} are as they were "
            f"fetched ({verified.manifest.size_bytes / 1e6:.1f} MB)",
            soft_wrap=True,
        )


def sample_row(sample: Sample) -> dict[str, Any]:
    """A sample as JSON."""
    return {
        "name": sample.name,
        "title": sample.title,
        "teaches": sample.teaches,
        "collection": sample.collection,
        "study_uid": sample.study_uid,
        "modalities": list(sample.modalities),
        "series": len(sample.series),
        "files": sample.instances,
        "size_mb": sample.size_mb,
        "licences": list(sample.licences),
        "dois": list(sample.dois),
    }


def _fetched_row(fetched: FetchedSample, ledger: Ledger) -> dict[str, Any]:
    files = fetched.manifest.files
    return {
        "sample": fetched.sample.name,
        "folder": str(fetched.folder),
        "files": len(files),
        "bytes": fetched.manifest.size_bytes,
        "received_bytes": fetched.received_bytes,
        "compared_by_size_only": sum(not file.checked_by for file in files),
        "licences": list(fetched.sample.licences),
        "dois": list(fetched.sample.dois),
        "scan": {str(state): ledger.count(state) for state in FileState},
        "run": _run_hint(fetched.folder),
    }


def _verified_row(verified: VerifiedSample) -> dict[str, Any]:
    return {
        "sample": verified.manifest.sample,
        "folder": str(verified.folder),
        "complete": verified.manifest.complete,
        "right": verified.right,
        "files": len(verified.states),
        "wrong": [{"path": path, "state": str(state)} for path, state in verified.wrong_files()],
    }


def _unlike_fetched(verified: VerifiedSample) -> InputError:
    wrong = verified.wrong_files()
    remedy = f"liverseg samples fetch {verified.manifest.sample} -o {verified.folder.parent}"
    if not verified.manifest.complete:
        return InputError(
            f"{verified.manifest.sample} is not complete", where=str(verified.folder), remedy=remedy
        )
    path, state = wrong[0]
    return InputError(
        f"{len(wrong)} of {len(verified.states)} files are not as they were fetched, "
        f"the first {path} ({state})",
        where=str(verified.folder),
        remedy=f"{remedy} fetches them again",
    )


def _run_hint(folder: Path) -> str:
    return f"liverseg run {folder} --liver LIVER_MASK --lesion LESION_MASK -o result"


def _is_drawn(sample: Sample, path: str) -> bool:
    """Is this file of a series of masks? Its folder begins with the number of its series."""
    return sample.series[int(path.partition("_")[0]) - 1].modality == "SEG"
