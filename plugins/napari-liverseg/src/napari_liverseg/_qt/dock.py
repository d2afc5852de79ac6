"""`BenchDock`: the dock beside the picture. Exam, phase, lesions, curve, claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import qthrottled

from liverseg.errors import CaseError, LiversegError
from napari_liverseg._qt.claim_table import ClaimTable
from napari_liverseg._qt.curve_plot import CurvePlot
from napari_liverseg._qt.lesion_table import LesionTable
from napari_liverseg._qt.runner import QtRunner
from napari_liverseg.bench import Bench
from napari_liverseg.scene import colour_of
from napari_liverseg.state import ClaimRow
from napari_liverseg.store import Store

#: Strokes within this time are written together, ms.
THROTTLE_MS = 300
#: A ground of its own, so that it can be read on dark and light themes.
MESSAGE_STYLES = {
    "info": "",
    "warning": "background: #f0c040; color: #101010; padding: 3px;",
    "error": "background: #c0392b; color: #ffffff; padding: 3px;",
}
WIDTH_PX = 400


class BenchDock(QWidget):
    """The liverseg bench of a viewer; `bench` is None until a case is open."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.bench: Bench | None = None
        self._fill_widgets()
        self._lay_out()
        self._say("Open a case file (*.liverseg) to begin.", "info")
        self._enable(False)
        napari_viewer.events.theme.connect(self._on_theme)

    # -- opening and closing ---------------------------------------------------------------

    def open(self, path: Path, *, exam_id: str | None = None, store: Store | None = None) -> Bench:
        """Open a case file and begin to read an exam (the first if none is named).

        Raises `CaseError` when the file cannot be opened, or when changes of the present
        case cannot be written and a person wants to keep them; then nothing changes.
        """
        case = store or _case_store(path)
        case.exam_ids()  # raises before anything changes
        if not self.let_go():
            raise CaseError("the case that is open could not be written", where=self.message.text())
        bench = Bench(
            self.viewer,
            case,
            QtRunner(),
            path=path,
            throttle=lambda act: qthrottled(act, timeout=THROTTLE_MS, leading=False),
        )
        self.bench = bench
        bench.refreshed.connect(self._refresh)
        bench.told.connect(self._say)
        bench.progressed.connect(self._show_progress)
        self.exams.blockSignals(True)
        self.exams.clear()
        self.exams.addItems(list(bench.exam_ids))
        self.exams.blockSignals(False)
        self.viewer.title = f"liverseg: {path.name}"
        self._enable(True)
        if not bench.exam_ids:
            self._say("this case holds no exam with a liver", "warning")
            return bench
        self.exams.setCurrentText(exam_id or bench.exam_ids[0])
        if bench.is_idle and not bench.exam_id:
            bench.load(exam_id or bench.exam_ids[0])
        return bench

    def let_go(self) -> bool:
        """Write what is left and close the case. False if a person would lose work and says no."""
        bench = self.bench
        if bench is None:
            return True
        if not bench.flush() and not self._may_lose(bench.unsaved):
            return False
        self.bench = None
        bench.close()
        bench.stage.clear()
        return True

    def event(self, event: QEvent | None) -> bool:
        """The dock taken out of the window (its cross): the case is closed with it."""
        if event is not None and event.type() == QEvent.Type.ParentChange and not self.parent():
            self.let_go()
        return bool(super().event(event))

    def showEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Watch the main window: closing it must write what was drawn."""
        super().showEvent(event)
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QMainWindow):
            parent = parent.parentWidget()
        if parent is not None:
            # Installing it twice moves it to the front, no more. No reference to the
            # window is kept: it would outlive its closing.
            parent.installEventFilter(self)

    def eventFilter(  # noqa: N802  Qt's name
        self, watched: QObject | None, event: QEvent | None
    ) -> bool:
        """Write pending edits before the window closes; keep it open if that fails."""
        if event is not None and event.type() == QEvent.Type.Close and not self.let_go():
            event.ignore()
            return True
        return bool(super().eventFilter(watched, event))

    # -- what a person clicks --------------------------------------------------------------

    def ask_for_case(self) -> None:
        """Choose a case file and open it."""
        name, _ = QFileDialog.getOpenFileName(self, "Open a case", "", "Cases (*.liverseg)")
        if name:
            try:
                self.open(Path(name))
            except LiversegError as error:
                self._say(str(error), "error")

    def ask_for_name(self) -> None:
        """Name a new lesion and take the brush."""
        name, ok = QInputDialog.getText(
            self, "New lesion", "Name (the same name at two dates is the same lesion):"
        )
        if ok and self.bench is not None:
            self.bench.new_lesion(name)

    def ask_to_remove(self) -> None:
        """Remove the chosen lesion after a question."""
        if self.bench is None or not (name := self.lesions.chosen()):
            return
        answer = QMessageBox.question(self, "Remove lesion", f"Remove {name} from this exam?")
        if answer == QMessageBox.StandardButton.Yes:
            self.bench.remove_lesion(name)

    def _may_lose(self, names: tuple[str, ...]) -> bool:
        answer = QMessageBox.warning(
            self,
            "Not saved",
            f"The last change of {', '.join(names)} could not be written:\n"
            f"{self.message.text()}\n\nClose and lose it?",
            QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return bool(answer == QMessageBox.StandardButton.Close)

    # -- what the bench tells --------------------------------------------------------------

    def _refresh(self) -> None:
        bench = self.bench
        if bench is None:
            return
        self.lesions.fill(bench.lesions(), chosen=bench.lesion, note_of=bench.note_of)
        self.claims.fill(bench.claims())
        self._draw_curve(bench)
        self.retry.setVisible(bool(bench.unsaved))
        self._list_phases(bench)

    def _on_theme(self, _event: Any = None) -> None:
        QTimer.singleShot(0, self._refresh)  # after Qt took the new colours

    def _draw_curve(self, bench: Bench) -> None:
        row = next((row for row in bench.lesions() if row.name == bench.lesion), None)
        colour = colour_of(row.number if row else 1)
        self.curve.draw(bench.curve(), lesion=bench.lesion, colour=colour)

    def _list_phases(self, bench: Bench) -> None:
        self.phases.blockSignals(True)
        self.phases.clear()
        # As napari lists layers: the uppermost first, which is the reference.
        for key, layer in reversed(bench.stage.phases.items()):
            self.phases.addItem(layer.name, key)
        self.phases.setCurrentIndex(self.phases.findData(bench.stage.phase))
        self.phases.blockSignals(False)
        segments = bench.stage.segments
        self.show_segments.setEnabled(segments is not None)
        self.show_segments.setChecked(segments is not None and bool(segments.visible))

    def _say(self, text: str, level: str) -> None:
        self.message.setStyleSheet(MESSAGE_STYLES[level])
        self.message.setText(text)
        self.message.setToolTip(text)
        self.message.setVisible(bool(text))

    def _show_progress(self, text: str, share: float) -> None:
        self._say(f"{text} ({share:.0%})".replace("%", " %"), "info")

    def _on_exam(self, exam_id: str) -> None:
        if self.bench is not None and exam_id:
            self.bench.load(exam_id)

    def _on_lesion(self, name: str) -> None:
        if self.bench is not None:
            self.bench.choose(name)

    def _on_claim(self, claim: ClaimRow) -> None:
        if self.bench is not None:
            self.bench.show_claim(claim)

    def _on_retry(self) -> None:
        if self.bench is not None:
            self.bench.save_again()

    def _on_phase(self, _index: int) -> None:
        if self.bench is not None and self.phases.currentData():
            self.bench.stage.show_phase(self.phases.currentData())

    def _on_segments(self, on: bool) -> None:
        if self.bench is not None and self.bench.stage.segments is not None:
            self.bench.stage.segments.visible = on

    # -- widgets ---------------------------------------------------------------------------

    def _fill_widgets(self) -> None:
        self.open_button = QPushButton("Open ...")
        self.open_button.clicked.connect(self.ask_for_case)
        self.exams = QComboBox()
        self.exams.setObjectName("liverseg-exams")
        self.exams.currentTextChanged.connect(self._on_exam)
        self.phases = QComboBox()
        self.phases.setObjectName("liverseg-phases")
        self.phases.activated.connect(self._on_phase)
        self.show_segments = QCheckBox("Segments")
        self.show_segments.toggled.connect(self._on_segments)
        self.message = QLabel()
        self.message.setObjectName("liverseg-message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = QPushButton("Save again")
        self.retry.setVisible(False)
        self.retry.clicked.connect(self._on_retry)
        self.lesions = LesionTable(self._on_lesion)
        self.new_button = QPushButton("New lesion ...")
        self.new_button.clicked.connect(self.ask_for_name)
        self.remove_button = QPushButton("Remove ...")
        self.remove_button.clicked.connect(self.ask_to_remove)
        self.curve = CurvePlot()
        self.claims = ClaimTable(self._on_claim)

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.addWidget(QLabel("Exam"), 0, 0)
        top.addWidget(self.exams, 0, 1)
        top.addWidget(self.open_button, 0, 2)
        top.addWidget(QLabel("Phase"), 1, 0)
        top.addWidget(self.phases, 1, 1)
        top.addWidget(self.show_segments, 1, 2)
        top.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        for button in (self.new_button, self.remove_button, self.retry):
            buttons.addWidget(button)
        upper = QWidget()
        upper_layout = QVBoxLayout(upper)
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.addWidget(self.lesions, 1)
        upper_layout.addLayout(buttons)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (upper, self.curve, self.claims):
            self.splitter.addWidget(widget)
        self.splitter.setSizes([130, 160, 260])
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addLayout(top)
        layout.addWidget(self.message)
        layout.addWidget(self.splitter, 1)
        self.setMinimumWidth(WIDTH_PX)

    def _enable(self, on: bool) -> None:
        for widget in (self.exams, self.phases, self.new_button, self.remove_button):
            widget.setEnabled(on)


def _case_store(path: Path) -> Store:
    from napari_liverseg.case_store import CaseStore  # the library loads with the first case

    return CaseStore(path)
