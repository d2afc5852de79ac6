"""The study browser: what lies in a folder, which phase each volume is, one click to set it up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from liverseg.errors import LiversegError
from napari_liverseg.state import words
from napari_liverseg.study import (
    HEADINGS,
    PHASE_COLUMN,
    PHASES,
    USE_COLUMN,
    StudyChoice,
    VolumeRow,
)

SIZE_PX = (940, 520)
ALL = "all exams"
DESCRIPTION_COLUMN = 3


class StudyDialog(QDialog):
    """Shows a `StudyChoice`; `made` is the new case file once it was set up."""

    def __init__(self, choice: StudyChoice, parent: Any = None) -> None:
        super().__init__(parent)
        self.choice = choice
        self.made: Path | None = None
        self.setObjectName("liverseg-study")
        self.setWindowTitle("Study")
        self.resize(*SIZE_PX)
        self.table = QTableWidget(0, len(HEADINGS))
        self.exams = QComboBox()
        self.summary = QLabel()
        self.path = QLineEdit(str(choice.path))
        self.browse = QPushButton("...")
        self.message = QLabel()
        self.boxes: dict[str, QComboBox] = {}
        self.buttons = QDialogButtonBox()
        self.set_up = self.buttons.addButton(
            "Set up the dynamic study", QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._fill()
        self._connect()

    def _lay_out(self) -> None:
        title = QLabel(self.choice.title)
        title.setWordWrap(True)
        note = QLabel(
            "Phases are guessed from the headers: hold the mouse over one for the reason, "
            "choose another where it is wrong. No mask is needed to begin; a liver mask can "
            "be added later."
        )
        for label in (note, self.summary, self.message):
            label.setWordWrap(True)
        self.message.hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setHorizontalHeaderLabels(list(HEADINGS))
        side, header = self.table.verticalHeader(), self.table.horizontalHeader()
        assert side is not None
        assert header is not None
        side.hide()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(DESCRIPTION_COLUMN, QHeaderView.ResizeMode.Stretch)
        self.exams.addItems([ALL, *self.choice.exam_ids])
        which = QHBoxLayout()
        which.addWidget(QLabel("Set up"))
        which.addWidget(self.exams)
        which.addWidget(self.summary, 1)
        where = QHBoxLayout()
        where.addWidget(QLabel("Keep the work in"))
        where.addWidget(self.path, 1)
        where.addWidget(self.browse)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(note)
        layout.addWidget(self.table, 1)
        layout.addLayout(which)
        layout.addLayout(where)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.exams.currentIndexChanged.connect(self._refresh)
        self.browse.clicked.connect(self._ask_for_place)
        self.buttons.accepted.connect(self._set_up)
        self.buttons.rejected.connect(self.reject)

    def _fill(self) -> None:
        rows = self.choice.rows()
        self.table.setRowCount(len(rows))
        for line, row in enumerate(rows):
            for column in range(len(HEADINGS)):
                item = QTableWidgetItem()
                if column in (2, USE_COLUMN + 1):
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(line, column, item)
            box = self.boxes[row.key] = QComboBox()
            for phase in PHASES:
                box.addItem(words(phase), phase)
            box.setCurrentIndex(box.findData(row.phase))
            box.activated.connect(lambda _, key=row.key: self._on_phase(key))
            self.table.setCellWidget(line, PHASE_COLUMN, box)
        self._refresh()

    def _refresh(self, _index: int = 0) -> None:
        """Texts and reasons; a changed phase may change what else is set up."""
        chosen = self._exams()
        for line, row in enumerate(self.choice.rows()):
            self._show_row(line, row, shown=not chosen or row.exam_id in chosen)
        self.summary.setText(self.choice.summary(chosen))

    def _show_row(self, line: int, row: VolumeRow, *, shown: bool) -> None:
        for column, text in enumerate(row.cells):
            item = self.table.item(line, column)
            assert item is not None
            if column != PHASE_COLUMN:  # its box says it
                item.setText(text)
            item.setToolTip(row.why_not if column == USE_COLUMN else text)
            font = item.font()
            # No colour of its own: a theme's colours are not in the palette.
            font.setItalic(row.cells[USE_COLUMN] == "no")
            item.setFont(font)
        self.boxes[row.key].setToolTip(row.reason)
        self.table.setRowHidden(line, not shown)

    def _exams(self) -> tuple[str, ...]:
        text = self.exams.currentText()
        return () if text == ALL else (text,)

    def _on_phase(self, key: str) -> None:
        self.choice.set_phase(key, str(self.boxes[key].currentData()))
        self._refresh()

    def _ask_for_place(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self,
            "Keep the work in",
            self.path.text(),
            "Cases (*.liverseg)",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if name:
            self.path.setText(name if name.endswith(".liverseg") else f"{name}.liverseg")

    def _set_up(self) -> None:
        """Write the case; what is wrong is said here, and the dialog stays."""
        self.choice.path = Path(self.path.text()).expanduser()
        overwrite = self.choice.path.exists()
        if overwrite and not self._may_replace():
            return
        try:
            self.made = self.choice.make(self._exams(), overwrite=overwrite)
        except (LiversegError, OSError) as error:
            self.message.setText(str(error))
            self.message.show()
            return
        self.accept()

    def _may_replace(self) -> bool:
        answer = QMessageBox.warning(
            self,
            "Replace the case",
            f"{self.choice.path} is there already, with its drawings. Replace it?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return bool(answer == QMessageBox.StandardButton.Yes)
