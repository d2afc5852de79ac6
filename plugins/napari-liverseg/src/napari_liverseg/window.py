"""Open a case in a napari window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from napari_liverseg.bench import Bench

PLUGIN = "napari-liverseg"
WIDGET = "liverseg bench"
#: The window starts as large as the screen, but within these limits.
LEAST_PX, MOST_PX = (1366, 768), (1920, 1080)


def open_case(path: Path | str, *, exam_id: str | None = None, viewer: Any | None = None) -> Bench:
    """Open a case file in napari (in `viewer`, else in a new window) and return its bench.

    Images are read in the background; `Bench.is_idle` tells when they are there. Raises
    `CaseError` when the case file cannot be opened; then no window appears.
    """
    from napari_liverseg.case_store import CaseStore

    CaseStore(Path(path)).exam_ids()  # before a window is made: a wrong path ends in one line
    bench: Bench = dock_of(viewer or _new_viewer()).open(Path(path), exam_id=exam_id)
    return bench


def open_path(path: Path | str | None = None, *, viewer: Any | None = None) -> Any:
    """Open the workbench in napari with a case, a study, or nothing yet; returns its dock.

    A folder, zip archive or DICOMDIR shows the study browser. Raises `InputError` or
    `CaseError` before a window is made when the path cannot be opened.
    """
    from napari_liverseg.study import kind_of

    if path is not None and kind_of(Path(path)) == "case":
        return dock_of(open_case(path, viewer=viewer).viewer)
    dock = dock_of(viewer or _new_viewer())
    if path is not None:
        dock.opening.open_path(Path(path))
    return dock


def show_case(path: Path | str | None = None, *, exam_id: str | None = None) -> None:
    """Open the workbench and stay until the window is closed (`liverseg open`)."""
    import napari

    if exam_id is not None and path is not None:
        open_case(path, exam_id=exam_id)
    else:
        open_path(path)
    napari.run()


def _new_viewer() -> Any:
    import napari

    viewer = napari.Viewer(title="liverseg", show=True)
    viewer.window.resize(*_start_size())
    return viewer


def _start_size() -> tuple[int, int]:
    """Width and height of a new window on this screen, in pixels."""
    from qtpy.QtWidgets import QApplication

    screen = QApplication.primaryScreen()
    if screen is None:
        return LEAST_PX
    free = screen.availableGeometry()
    width, height = (
        min(max(size, least), most)
        for size, least, most in zip((free.width(), free.height()), LEAST_PX, MOST_PX, strict=True)
    )
    return width, height


def dock_of(viewer: Any) -> Any:
    """The bench dock of a viewer; made if there is none."""
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    return dock


def read_path(path: str | list[str]) -> Callable[[Any], list[tuple[Any, ...]]] | None:
    """Reader of napari for cases, DICOM files, and folders or archives that hold some.

    Decided by looking: a folder without DICOM is left to other readers.
    """
    from liverseg.case import looks_like_case
    from liverseg.ingest import holds_dicom

    first = Path(path if isinstance(path, str) else path[0])
    if looks_like_case(first) or holds_dicom(first):
        return _open_dropped
    return None


def _open_dropped(path: str | list[str]) -> list[tuple[Any, ...]]:
    import napari

    first = path if isinstance(path, str) else path[0]
    open_path(first, viewer=napari.current_viewer())
    return [(None,)]  # napari's word for "read, but no layer from here"


def open_study() -> None:
    """Menu entry of napari: choose a DICOM folder and set its dynamic study up."""
    import napari

    dock_of(napari.current_viewer()).opening.ask_for_folder()
