"""`Opening`: from a path to an open case, without blocking the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QMenu, QProgressDialog, QWidget

from liverseg.errors import LiversegError
from napari_liverseg._qt.runner import QtRunner
from napari_liverseg._qt.study_dialog import StudyDialog
from napari_liverseg.errands import StoppedError
from napari_liverseg.samples import Sample, list_samples, make_sample
from napari_liverseg.study import StudyChoice, kind_of, look_at

#: Shown only when reading headers takes longer, ms.
PATIENCE_MS = 300
PARTS = 1000


class Opening:
    """Opens whatever a person points at; `open_case(path)` does it for a case file."""

    def __init__(
        self,
        parent: QWidget,
        *,
        open_case: Callable[[Path], Any],
        say: Callable[[str, str], None],
    ) -> None:
        self._parent, self._open_case, self._say = parent, open_case, say
        self._runner: QtRunner | None = None
        self.dialog: StudyDialog | None = None
        self.waiting: QProgressDialog | None = None

    def menu(self) -> QMenu:
        """The choices behind the button "Open"."""
        menu = QMenu(self._parent)
        menu.addAction("Case file ...", self.ask_for_case)
        menu.addAction("DICOM folder ...", self.ask_for_folder)
        menu.addAction("Zip or DICOMDIR ...", self.ask_for_file)
        samples = QMenu("Samples", menu)
        samples.setToolTipsVisible(True)
        menu.addMenu(samples)
        for sample in list_samples():
            action = samples.addAction(sample.title)
            assert action is not None
            action.setToolTip(sample.note)
            action.triggered.connect(lambda _=False, one=sample: self.open_sample(one))
        return menu

    def ask_for_case(self) -> None:
        """Choose a case file and open it."""
        self._ask_for_file("Open a case", "Cases (*.liverseg)")

    def ask_for_file(self) -> None:
        """Choose a zip archive or a DICOMDIR."""
        self._ask_for_file("Open a study", "Studies (*.zip DICOMDIR);;All files (*)")

    def ask_for_folder(self) -> None:
        """Choose a folder of DICOM files."""
        if name := QFileDialog.getExistingDirectory(self._parent, "Open a DICOM folder"):
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        """Open a case file, or look into anything else and show the study browser."""
        try:
            if kind_of(path) == "case":
                self._open_case(path)
            else:
                self._work(
                    lambda progress: look_at(path, progress=progress),
                    self._browse,
                    title=f"Looking into {path.name} ...",
                )
        except LiversegError as error:
            self._say(str(error), "error")

    def open_sample(self, sample: Sample) -> None:
        """Get a sample, once, and open it."""
        self._work(
            lambda progress: make_sample(sample, progress=progress),
            self.open_path,
            title=f"Getting {sample.title} ...",
        )

    def close(self) -> None:
        """Stop looking; called when the dock goes."""
        if self._runner is not None:
            self._runner.stop()
            self._runner.close()
            self._runner = None

    def _ask_for_file(self, title: str, pattern: str) -> None:
        name, _ = QFileDialog.getOpenFileName(self._parent, title, "", pattern)
        if name:
            self.open_path(Path(name))

    def _browse(self, choice: StudyChoice) -> None:
        dialog = self.dialog = StudyDialog(choice, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(True)
        dialog.finished.connect(lambda _: self._browsed(dialog))
        dialog.show()

    def _browsed(self, dialog: StudyDialog) -> None:
        self.dialog = None
        if dialog.made is not None:
            self.open_path(dialog.made)

    def _work(self, job: Callable[[Any], Any], done: Callable[[Any], None], *, title: str) -> None:
        """Do a job in a thread of its own, with progress and a way to stop it."""
        self.close()
        runner = self._runner = QtRunner()
        waiting = self.waiting = QProgressDialog(title, "Cancel", 0, PARTS, self._parent)
        waiting.setWindowTitle("liverseg")
        waiting.setMinimumDuration(PATIENCE_MS)
        waiting.setAutoClose(False)
        waiting.setAutoReset(False)
        waiting.setWindowModality(Qt.WindowModality.WindowModal)
        waiting.canceled.connect(runner.stop)

        def ended() -> None:
            waiting.canceled.disconnect(runner.stop)
            waiting.close()
            waiting.deleteLater()
            self.waiting = None

        def failed(error: Exception) -> None:
            ended()
            if isinstance(error, StoppedError):
                self._say("opening was stopped", "info")
            else:
                self._say(str(error) or type(error).__name__, "error")

        def arrived(result: Any) -> None:
            ended()
            done(result)

        def show(text: str, share: float) -> None:
            waiting.setLabelText(f"{title}\n{text}")
            waiting.setValue(int(share * PARTS))

        waiting.setValue(0)
        runner.submit(job, done=arrived, failed=failed, progress=show)
