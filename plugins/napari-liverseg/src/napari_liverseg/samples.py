"""Cases to try things on: the digital one, and public studies where the library has them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from liverseg.records import Progress

DIGITAL = "digital"


@dataclass(frozen=True)
class Sample:
    """What can be had: its key, a title for a menu, and a note on size and source."""

    key: str
    title: str
    note: str = ""


def list_samples() -> Sequence[Sample]:
    """Samples in the order of the menu."""
    return (
        Sample(
            DIGITAL,
            "Digital case (made on this machine)",
            "a phantom patient with known truth and a report to compare with; takes a minute",
        ),
    )


def make_sample(sample: Sample, *, progress: Progress | None = None) -> Path:
    """Path of a sample on this machine; made or fetched the first time. May be a folder."""
    return digital_case(sample_folder() / sample.key, progress=progress)


def digital_case(folder: Path, *, progress: Progress | None = None) -> Path:
    """The case file of the digital case in this folder; made there if it is not.

    It is drawn on like any other case: to begin anew, delete the folder.
    """
    from liverseg.workflow import run_demo

    case = folder / "case.liverseg"
    if not case.exists():
        run_demo(folder, overwrite=True, progress=progress)
    return case


def sample_folder() -> Path:
    """Where samples are kept, in the user's data folder."""
    return user_data_path("liverseg") / "samples"
