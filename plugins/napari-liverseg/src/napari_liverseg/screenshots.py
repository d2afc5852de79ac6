"""Pictures of the real window for the documentation.

    python -m napari_liverseg.screenshots CASE OUT [WIDTHxHEIGHT]

OUT is a folder (all pictures below that the case has, as PNG) or one `.png` (the first of
them). Needs a display; Xvfb will do. Nothing is drawn or written: the case stays as it is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from liverseg.errors import LiversegError
from napari_liverseg.bench import Bench
from napari_liverseg.window import LEAST_PX, dock_of, open_case

TIMEOUT_S = 300.0
#: Time to draw a picture after a change, s. Software rendering is slow.
DRAW_S = 1.0
ZOOM = 1.4
#: Segments of the right hemiliver, and the landmark beside which they meet.
RIGHT_LIVER, NEAR = ("5", "6", "7", "8"), "rpv"


def main(arguments: list[str]) -> int:
    """Make the pictures; 0 when all are written, 2 for a wrong call or a case that fails."""
    size = _size(arguments[2]) if len(arguments) == 3 else LEAST_PX
    if len(arguments) not in (2, 3) or size is None:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    case, out = (Path(text) for text in arguments[:2])
    try:
        bench = open_case(case)
    except LiversegError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    bench.viewer.window.set_geometry(0, 0, *size)
    _wait(bench)
    if not bench.exam_id:
        sys.stderr.write(f"{bench.last_message[0]}\n")
        bench.viewer.close()
        return 2
    _take(bench, out)
    bench.viewer.close()
    return 0


def _take(bench: Bench, out: Path) -> None:
    """Arrange and save each picture that the case has."""
    names = [name for name in PICTURES if name != EXAM or len(bench.exam_ids) > 1]
    for name in names[:1] if out.suffix == ".png" else names:
        PICTURES[name](bench.viewer, bench)
        _let_draw(DRAW_S)
        path = out if out.suffix == ".png" else out / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        bench.viewer.window.screenshot(str(path), canvas_only=False, flash=False)
        sys.stdout.write(f"{path}\n")


def _size(text: str) -> tuple[int, int] | None:
    parts = text.split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _lesion(viewer: Any, bench: Bench) -> None:
    """The first lesion, seen near, with the first claim on a lesion chosen."""
    dock = dock_of(viewer)
    if rows := bench.lesions():
        bench.choose(rows[0].name)
    found = [line for line, claim in enumerate(bench.claims()) if claim.lesion]
    if found:
        dock.claims_page.claims.table.selectRow(found[0])
    centre = _centre_mm(bench)
    viewer.scene.camera.zoom *= ZOOM
    viewer.scene.camera.center = (0.0, *centre[1:])


def _segments(viewer: Any, bench: Bench) -> None:
    """The whole slice with the Couinaud segments, and what a right resection would leave."""
    viewer.reset_view()
    dock = dock_of(viewer)
    dock.show_page(dock.segments_page)
    _wait(bench)
    desk = dock.segments_page.desk
    for name in [row.name for row in desk.rows() if row.name in RIGHT_LIVER]:
        desk.resect(name, True)
    if desk.landmarks:
        dock.segments_page.points.setChecked(True)
        desk.go_to(NEAR)


def _words(viewer: Any, bench: Bench) -> None:
    """The words of the lesion that is shown, its curve and its profile."""
    dock = dock_of(viewer)
    _lesion(viewer, bench)
    dock.show_page(dock.words_page)
    dock.show_segments.setChecked(False)
    _wait(bench)


def _claims(viewer: Any, bench: Bench) -> None:
    """The claims with their verdict lights, the first one on a lesion chosen."""
    dock = dock_of(viewer)
    dock.show_page(dock.claims_page)
    lines = [line for line, claim in enumerate(bench.claims()) if claim.lesion]
    if lines:
        dock.claims_page.claims.table.selectRow(lines[0])


def _other_exam(viewer: Any, bench: Bench) -> None:
    """The last exam of the case."""
    dock = dock_of(viewer)
    dock.show_segments.setChecked(False)
    if dock.look_page.planes is not None:
        bench.looking.ask_planes()
    bench.looking.arrange(1)
    dock.show_page(dock.lesions_page)
    dock.exams.setCurrentIndex(dock.exams.count() - 1)
    _wait(bench)
    viewer.reset_view()


def _panes(viewer: Any, bench: Bench) -> None:
    """Four phases side by side, the first lesion in the middle, the page "Look" beside them."""
    dock = dock_of(viewer)
    dock.show_segments.setChecked(False)
    dock.show_page(dock.look_page)
    if rows := bench.lesions():
        bench.choose(rows[0].name)
    bench.looking.arrange(4)
    _let_draw(DRAW_S)
    viewer.reset_view()
    down, right = bench.looking.point_mm[1:]
    viewer.scene.camera.zoom *= ZOOM
    viewer.scene.camera.center = (0.0, down, right)
    bench.looking.hover(bench.looking.point_mm)


def _planes(_viewer: Any, bench: Bench) -> None:
    """Axial, coronal and sagittal through the first lesion."""
    bench.looking.arrange(2)
    _let_draw(DRAW_S)
    bench.looking.ask_planes()
    _let_draw(DRAW_S)


EXAM = "napari-exam"
PICTURES: Mapping[str, Callable[[Any, Bench], None]] = {
    "napari": _lesion,
    "napari-segments": _segments,
    "napari-words": _words,
    "napari-claims": _claims,
    "napari-panes": _panes,
    "napari-mpr": _planes,
    EXAM: _other_exam,
}


def _centre_mm(bench: Bench) -> tuple[float, float, float]:
    """Centre of the reference grid in mm of the display frame."""
    scene = bench.stage.scene
    if scene is None:
        return 0.0, 0.0, 0.0
    pairs = zip(scene.frame.shape, scene.frame.spacing_mm, strict=True)
    size = [(n - 1) * step / 2 for n, step in pairs]
    return size[0], size[1], size[2]


def _wait(bench: Bench) -> None:
    """Until nothing is read or written any more."""
    stop = time.monotonic() + TIMEOUT_S
    while not bench.is_idle and time.monotonic() < stop:
        _let_draw(0.05)


def _let_draw(seconds: float) -> None:
    """Let the window work for a while."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
