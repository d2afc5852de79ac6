"""The page "Segments": volumes, remnant, brush for the borders, landmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from liverseg.tables import load_table
from napari_liverseg._qt.landmark_table import LandmarkTable
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg._qt.segment_table import SegmentTable
from napari_liverseg.bench import Bench
from napari_liverseg.segmenting import SegmentDesk
from napari_liverseg.state import remnant_lines

#: First heights of volumes and landmarks.
HEIGHTS_PX = (330, 220)
NO_MAP = (
    "This exam has no segments. Place the landmarks below (click one, then Place), "
    "or read them from a file."
)


class SegmentsPage(Page):
    """Segments of the exam: how large, what a resection leaves, where their borders run."""

    title = "Segments"

    def __init__(self, bench: AskBench) -> None:
        super().__init__(bench)
        self.desk: SegmentDesk | None = None
        self.table = SegmentTable(self._on_tick, self._on_choose)
        self.remnant = QLabel()
        self.remnant.setObjectName("liverseg-remnant")
        self.remnant.setWordWrap(True)
        self.remnant.setToolTip(_published())
        self.brush = QPushButton("Correct borders")
        self.brush.setCheckable(True)
        self.brush.setToolTip(
            "Paint with the chosen segment; only the liver changes, and nothing is erased"
        )
        self.points = QPushButton("Landmarks")
        self.points.setCheckable(True)
        self.points.setToolTip("Show the landmarks; drag one and the map is drawn anew")
        self.landmarks = LandmarkTable(self._on_landmark)
        self.place_button = QPushButton("Place")
        self.place_button.setToolTip("The next click into the picture is the chosen landmark")
        self.drop_button = QPushButton("Take out")
        self.file_button = QPushButton("Read file ...")
        self._filling = False
        self.brush.toggled.connect(self._on_brush)
        self.points.toggled.connect(self._on_points)
        self.place_button.clicked.connect(self.place)
        self.drop_button.clicked.connect(self._take_out)
        self.file_button.clicked.connect(self.ask_for_file)
        self._lay_out()

    def refresh(self, bench: Bench) -> None:
        """A desk for each case; it does nothing before the page is looked at."""
        if self.desk is None or self.desk.bench is not bench:
            self.desk = SegmentDesk(bench)
            self.desk.changed.connect(self._fill)
            self.desk.want(self.isVisible())

    def enable(self, bench: Bench | None) -> None:
        """What changes the case needs an exam that can be written."""
        able = bench is not None and bool(bench.exam_id) and not bench.read_only
        for button in (self.place_button, self.drop_button, self.file_button):
            button.setEnabled(able)
        self.points.setEnabled(bench is not None and bool(bench.exam_id))
        has_map = bench is not None and bench.stage.segments is not None
        self.brush.setEnabled(able and has_map)

    def showEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Looked at: the map is shown and kept up to date."""
        super().showEvent(event)
        if self.desk is not None:
            if (layer := self.desk.bench.stage.segments) is not None:
                layer.visible = True
            self.desk.want()
            self._fill()

    def hideEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Another page: mouse and brush go back to the lesions."""
        super().hideEvent(event)
        if self.desk is not None:
            self.brush.setChecked(False)
            self.points.setChecked(False)
            self.desk.want(False)

    def place(self) -> None:
        """Place the chosen landmark, or the first that is missing."""
        if self.desk is None:
            return
        name = self.landmarks.chosen() or next(iter(self.desk.missing()), "")
        if name and self._may_replace():
            self.desk.place(name)

    def ask_for_file(self) -> None:
        """Choose a file of landmarks and divide by it."""
        name, _ = QFileDialog.getOpenFileName(
            self, "Landmarks", "", "Landmarks (*.yaml *.yml *.json)"
        )
        if name and self.desk is not None and self._may_replace():
            self.points.setChecked(True)
            self.desk.read_file(Path(name))

    def _may_replace(self) -> bool:
        """A map that was not made of landmarks is replaced only after a question."""
        desk = self.desk
        if desk is None or desk.landmarks or desk.bench.stage.segments is None:
            return True
        answer = QMessageBox.question(
            self,
            "New segments",
            "This exam has segments that were not made from landmarks. With all landmarks "
            "placed they are replaced (the case file's history keeps them). Go on?",
        )
        return bool(answer == QMessageBox.StandardButton.Yes)

    def _take_out(self) -> None:
        desk, name = self.desk, self.landmarks.chosen()
        if desk is not None and name in desk.landmarks:
            rest = {key: point for key, point in desk.landmarks.items() if key != name}
            desk.put_landmarks(rest)
            desk.layers.show_landmarks(desk.landmarks, visible=desk.shows_landmarks)

    def _fill(self) -> None:
        desk = self.desk
        if desk is None or not self.isVisible():
            return
        self._filling = True
        try:
            self.table.fill(desk.rows())
            self.landmarks.fill(desk.landmark_rows(), placing=desk.placing)
            self.brush.setChecked(desk.editing)
            self.points.setChecked(desk.shows_landmarks)
        finally:
            self._filling = False
        head, rest = remnant_lines(desk.remnant())
        self.remnant.setText(f"<b>{head}</b><br>{rest}" if rest else head or NO_MAP)
        self.table.setVisible(bool(desk.rows()))

    def _on_tick(self, name: str, on: bool) -> None:
        if self.desk is not None:
            self.desk.resect(name, on)

    def _on_choose(self, number: int) -> None:
        if self.desk is not None and self.desk.editing:
            self.desk.edit(number)

    def _on_brush(self, on: bool) -> None:
        if self.desk is None or self._filling:
            return
        if on and not self.table.chosen():
            self.table.selectRow(0)
        self.desk.edit(self.table.chosen() if on else 0)

    def _on_points(self, on: bool) -> None:
        if self.desk is not None and not self._filling:
            self.desk.show_landmarks(on)

    def _on_landmark(self, name: str) -> None:
        if self.desk is None:
            return
        if not self.desk.shows_landmarks and self.desk.landmarks:
            self.points.setChecked(True)
        self.desk.go_to(name)

    def _lay_out(self) -> None:
        upper, lower = QWidget(), QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.table, 1)
        above.addWidget(self.remnant)
        above.addLayout(_row(self.brush, self.points))
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.landmarks, 1)
        below.addLayout(_row(self.place_button, self.drop_button, self.file_button))
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (upper, lower):
            self.splitter.addWidget(widget)
        self.splitter.setSizes(list(HEIGHTS_PX))
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.addWidget(self.splitter, 1)


def _row(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def _published() -> str:
    """Formula and published minima, each with its source."""
    table = load_table("remnant")
    lines = [f"{table['formula'].value}. {table['formula'].source}", "Published minima:"]
    lines += [
        f"{row.value:g} % {row.more['liver']} ({row.source})"
        for row in table
        if row.name.startswith("minimum_")
    ]
    return "\n".join(lines)
