"""Cases to try things on: the digital one, and public studies of the library's registry. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from liverseg import samples as public
from liverseg.errors import CancelledError, InputError
from liverseg.records import Progress
from napari_liverseg.errands import StoppedError

DIGITAL = "digital"


@dataclass(frozen=True)
class Sample:
    """What can be had: its key, a title for a menu, and a note on size and source."""

    key: str
    title: str
    note: str = ""


def list_samples() -> Sequence[Sample]:
    """Samples in the order of the menu: the digital case, then public ones, small ones first.

    The public ones are left out where this installation has no registry of them.
    """
    digital = Sample(
        DIGITAL,
        "Digital case (made on this machine)",
        "a phantom patient with known truth and a report to compare with; takes a minute",
    )
    try:
        return (digital, *(_described(one) for one in public.list_samples()))
    except InputError:
        return (digital,)


def make_sample(sample: Sample, *, progress: Progress | None = None) -> Path:
    """Path of a sample on this machine; made or fetched the first time. May be a folder.

    `progress` may raise `StoppedError` to end a download; what arrived is kept, and the
    next time goes on from there.
    """
    if sample.key == DIGITAL:
        return digital_case(sample_folder() / sample.key, progress=progress)
    return _fetch(sample.key, progress)


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


def __getattr__(name: str) -> Callable[[], list[tuple[Any, ...]]]:
    """`open_hcc_018` and the like: one command for each sample, as napari's menu needs."""
    keys = {command_of(one.key): one for one in list_samples()} if name.startswith("open_") else {}
    if name not in keys:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return lambda: _open(keys[name])


def command_of(key: str) -> str:
    """Name of the command that opens a sample: "hcc-018" -> "open_hcc_018"."""
    return "open_" + "".join(letter if letter.isalnum() else "_" for letter in key)


def _open(sample: Sample) -> list[tuple[Any, ...]]:
    import napari

    from napari_liverseg.window import dock_of

    dock_of(napari.current_viewer()).opening.open_sample(sample)
    return []


def _described(sample: public.Sample) -> Sample:
    size = (
        f"{sample.size_mb:.0f} MB" if sample.size_mb < 1000 else f"{sample.size_mb / 1000:.1f} GB"
    )
    licences = ", ".join(sample.licences)
    return Sample(
        sample.name,
        f"{sample.name}: {sample.title} ({size}, {licences})",
        f"{sample.teaches}\nFrom {', '.join(sample.dois)}. {public.NO_IDENTIFICATION}",
    )


def _fetch(name: str, progress: Progress | None) -> Path:
    stopped: list[StoppedError] = []

    def tell(text: str, share: float) -> None:
        try:
            if progress is not None and not stopped:
                progress(text, share)
        except StoppedError as stop:
            stopped.append(stop)

    try:
        folder = sample_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return public.fetch_sample(
            public.sample_named(name), folder, progress=tell, cancelled=lambda: bool(stopped)
        ).folder
    except CancelledError:
        raise (stopped[0] if stopped else StoppedError()) from None
