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
    if viewer is None:
        import napari

        viewer = napari.Viewer(title="liverseg", show=True)
        viewer.window.resize(*_start_size())
    bench: Bench = dock_of(viewer).open(Path(path), exam_id=exam_id)
    return bench


def show_case(path: Path | str, *, exam_id: str | None = None) -> None:
    """Open a case in napari and stay until the window is closed (`liverseg open`)."""
    import napari

    open_case(path, exam_id=exam_id)
    napari.run()


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


def read_case(path: str | list[str]) -> Callable[[Any], list[tuple[Any, ...]]] | None:
    """Reader of napari for *.liverseg: a case dropped on the window opens on the bench."""
    first = path if isinstance(path, str) else path[0]
    if not first.endswith(".liverseg"):
        return None
    return _open_dropped


def _open_dropped(path: str | list[str]) -> list[tuple[Any, ...]]:
    import napari

    first = path if isinstance(path, str) else path[0]
    open_case(first, viewer=napari.current_viewer())
    return [(None,)]  # napari's word for "read, but no layer from here"
