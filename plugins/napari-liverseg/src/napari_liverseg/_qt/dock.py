"""`BenchDock`: the dock beside the picture. Exam, phase, lesions, curve, claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QInputDialog, QMainWindow, QMessageBox

from liverseg.errors import CaseError
from napari_liverseg import keys
from napari_liverseg._qt.hand_on import HandOn
from napari_liverseg._qt.key_sheet import bind_in_dock
from napari_liverseg._qt.opening import Opening
from napari_liverseg._qt.panel import Panel
from napari_liverseg._qt.runner import QtRunner, throttled, when_still
from napari_liverseg.bench import Bench
from napari_liverseg.claiming import show_claim
from napari_liverseg.state import ClaimRow
from napari_liverseg.store import Store

#: A lesion that is moved by keys is stored when none was pressed for so long.
KEYS_STILL_MS = 700


class BenchDock(Panel):
    """The liverseg bench of a viewer; `bench` is None until a case is open."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__(
            bench=lambda: self.bench, on_lesion=self._on_lesion, on_claim=self._on_claim
        )
        self.viewer = napari_viewer
        self.bench: Bench | None = None
        self.opening = Opening(self, open_case=self.open, say=self.say)
        self.hand_on = HandOn(self, lambda: self.bench)
        self._connect()
        self.say("Open a DICOM folder or a case file, or drop one on the window.", "info")
        self._enable()
        bind_in_dock(self, lambda: self.bench)
        napari_viewer.bind_key(keys.HELP_KEY, lambda _: self.show_keys(), overwrite=True)

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
        bench = self.bench = Bench(self.viewer, case, QtRunner(), path=path, throttle=throttled)
        bench.stage.caption_later = when_still(bench.stage.write_caption)
        moving = bench.tools.moving
        moving.store_later = when_still(moving.store, after_ms=KEYS_STILL_MS)
        bench.refreshed.connect(self._refresh)
        bench.told.connect(self.say)
        bench.progressed.connect(self._show_progress)
        self._watch_window()  # it may be closed before the dock was ever shown
        self._list_exams(bench)
        self.viewer.title = f"liverseg: {path.name}"
        self._enable()
        if bench.exam_ids:
            self._set_exam(exam_id or bench.exam_ids[0])
            bench.load(exam_id or bench.exam_ids[0])
        else:
            self.say("this case holds no exam", "warning")
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
            self.opening.close()
            self.let_go()
        return bool(super().event(event))

    def showEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Watch the main window from the moment that the dock is shown."""
        super().showEvent(event)
        self._watch_window()

    def _watch_window(self) -> None:
        """Closing the main window must write what was drawn."""
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
        if event is not None and event.type() == QEvent.Type.Close:
            if not self.let_go():
                event.ignore()
                return True
            self.opening.close()
        return bool(super().eventFilter(watched, event))

    # -- what a person clicks --------------------------------------------------------------

    def ask_for_name(self) -> None:
        """Name a new lesion and take the brush."""
        name, ok = QInputDialog.getText(
            self, "New lesion", "Name (the same name at two dates is the same lesion):"
        )
        if ok and self.bench is not None:
            self.bench.new_lesion(name)

    def ask_to_remove(self) -> None:
        """Remove the chosen lesion after a question."""
        if self.bench is None or not (name := self.lesions_page.table.chosen()):
            return
        answer = QMessageBox.question(self, "Remove lesion", f"Remove {name} from this exam?")
        if answer == QMessageBox.StandardButton.Yes:
            self.bench.remove_lesion(name)

    def read_again(self) -> None:
        """Read the exam anew from the case file, after a question if something is unsaved."""
        bench = self.bench
        if bench is not None and (not bench.unsaved or self._may_lose(bench.unsaved)):
            bench.load(bench.exam_id or self.exams.currentText(), may_lose=True)

    def _may_lose(self, names: tuple[str, ...]) -> bool:
        answer = QMessageBox.warning(
            self,
            "Not saved",
            f"The last change of {', '.join(names)} could not be written:\n"
            f"{self.message.text()}\n\nGo on and lose it?",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return bool(answer == QMessageBox.StandardButton.Discard)

    # -- what the bench tells --------------------------------------------------------------

    def _refresh(self) -> None:
        bench = self.bench
        if bench is None:
            return
        for page in self.pages:
            page.refresh(bench)
        self._list_phases(bench)
        self._enable()
        if bench.is_idle or not bench.is_reading:
            self.progress.hide()
        if bench.is_idle and bench.exam_id:
            self._set_exam(bench.exam_id)

    def _list_exams(self, bench: Bench) -> None:
        self.exams.blockSignals(True)
        self.exams.clear()
        self.exams.addItems(list(bench.exam_ids))
        self.exams.blockSignals(False)

    def _set_exam(self, exam_id: str) -> None:
        self.exams.blockSignals(True)
        self.exams.setCurrentText(exam_id)
        self.exams.blockSignals(False)

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

    def _show_progress(self, text: str, share: float) -> None:
        self.say(f"{text} ({share:.0%})".replace("%", " %"), "info")
        if self.bench is not None and self.bench.is_reading:
            self.progress.show_share(share)

    def _stop_reading(self) -> None:
        if self.bench is not None:
            self.bench.stop_reading()

    def _on_exam(self, exam_id: str) -> None:
        if self.bench is not None and exam_id:
            self.bench.load(exam_id)

    def _on_lesion(self, name: str) -> None:
        if self.bench is not None:
            self.bench.choose(name)

    def _on_claim(self, claim: ClaimRow) -> None:
        if self.bench is not None:
            show_claim(self.bench, claim)

    def _on_retry(self) -> None:
        if self.bench is not None:
            self.bench.save_again()

    def _on_phase(self, _index: int) -> None:
        if self.bench is not None and self.phases.currentData():
            self.bench.stage.show_phase(self.phases.currentData())

    def _on_segments(self, on: bool) -> None:
        scene = None if self.bench is None else self.bench.stage.scene
        self.name_segments({} if scene is None else scene.segment_names, shown=on)
        if self.bench is not None and self.bench.stage.segments is not None:
            self.bench.stage.segments.visible = on

    def _connect(self) -> None:
        menu = self.opening.menu()
        menu.addSeparator()
        menu.addAction("Liver mask from a file ...", self.hand_on.ask_for_liver)
        self.open_button.setMenu(menu)
        self.hand_on_button.setMenu(self.hand_on.menu())
        self.progress.on_cancel(self._stop_reading)
        self.exams.currentTextChanged.connect(self._on_exam)
        self.phases.activated.connect(self._on_phase)
        self.show_segments.toggled.connect(self._on_segments)
        self.lesions_page.new_button.clicked.connect(self.ask_for_name)
        self.lesions_page.remove_button.clicked.connect(self.ask_to_remove)
        self.lesions_page.retry.clicked.connect(self._on_retry)
        self.lesions_page.again.clicked.connect(self.read_again)

    def _enable(self) -> None:
        bench = self.bench
        for box in (self.exams, self.phases, self.hand_on_button):
            box.setEnabled(bench is not None)
        self.steps.refresh(bench)
        for page in self.pages:
            page.enable(bench)


def _case_store(path: Path) -> Store:
    from napari_liverseg.case_store import CaseStore  # the library loads with the first case

    return CaseStore(path)
