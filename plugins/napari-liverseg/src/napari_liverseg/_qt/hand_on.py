"""The menu "Hand on": report, table, masks, picture, a copy of the case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from napari_liverseg import handing
from napari_liverseg._qt.page import AskBench

MASKS = "Masks (*.nii *.nii.gz *.dcm *.nrrd *.mha);;All files (*)"


class HandOn:
    """Asks where to, and has it done by the bench."""

    def __init__(self, parent: QWidget, bench: AskBench) -> None:
        self._parent, self._ask_bench = parent, bench

    def menu(self) -> QMenu:
        """The choices behind the button "Hand on"."""
        menu = QMenu(self._parent)
        for kind, text, question in handing.KINDS:
            menu.addAction(text, self._asker(kind, question))
        menu.addAction(handing.PICTURE, self.ask_for_picture)
        menu.addAction(handing.COPY, self.ask_for_copy)
        return menu

    def ask_for_folder(self, kind: str, question: str) -> None:
        """Write one kind of output into a folder that a person chooses."""
        bench = self._ask_bench()
        if bench is None:
            return
        start = str(bench.path.parent)
        if name := QFileDialog.getExistingDirectory(self._parent, question, start):
            handing.hand_on(bench, kind, Path(name), self._may_replace)

    def ask_for_picture(self) -> None:
        """Save the panes as a picture."""
        bench = self._ask_bench()
        if bench is not None and (path := self._ask_for_name("Save the picture", ".png")):
            handing.take_picture(bench, path)

    def ask_for_copy(self) -> None:
        """Keep a copy of the case elsewhere."""
        bench = self._ask_bench()
        if bench is not None and (path := self._ask_for_name("Copy the case", ".liverseg")):
            handing.copy_case(bench, path)

    def ask_for_liver(self) -> None:
        """Give the exam a liver mask."""
        bench = self._ask_bench()
        if bench is None:
            return
        start = str(bench.path.parent)
        name, _ = QFileDialog.getOpenFileName(self._parent, "Liver mask", start, MASKS)
        if name:
            handing.add_liver(bench, Path(name))

    def _asker(self, kind: str, question: str) -> Callable[[], None]:
        return lambda: self.ask_for_folder(kind, question)

    def _ask_for_name(self, title: str, ending: str) -> Path | None:
        bench = self._ask_bench()
        assert bench is not None
        start = str(bench.path.with_name(f"{bench.path.stem}-copy{ending}"))
        name, _ = QFileDialog.getSaveFileName(self._parent, title, start, f"(*{ending})")
        if not name:
            return None
        return Path(name if name.endswith(ending) else name + ending)

    def _may_replace(self, files: list[Path]) -> bool:
        names = ", ".join(file.name for file in files[:3]) + (" ..." if len(files) > 3 else "")
        answer = QMessageBox.question(
            self._parent, "Replace files", f"{files[0].parent} already holds {names}. Replace?"
        )
        return bool(answer == QMessageBox.StandardButton.Yes)
