"""The lesion table: picture, name, date, segment, size, volume, words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from liverseg.records import View
from napari_liverseg._qt.grid_table import dress
from napari_liverseg.scene import colour_of
from napari_liverseg.state import LesionRow
from napari_liverseg.thumbs import draw_thumb
from napari_liverseg.words_state import WordCell

COLUMNS = ("Lesion", "Segment", "Size, mm", "ml", "Words")
SEGMENT, WORDS = 1, 4
HINTS = (
    "Lesion, outlined in the colour of its label, and the date of its exam",
    "Couinaud segments with the lesion's largest shares",
    "Long × short axis (RECIST, between voxel centres)",
    "Volume",
    "What a radiologist would say first; rest the mouse on it for P(true) and its numbers",
)
#: A picture as high as its row, with a frame in the colour of the lesion's label.
THUMB_PX, FRAME_PX = 36, 2
#: Widest column of names: a long one, or one with a note, must not push the numbers out.
NAME_PX = 150


class LesionTable(QTableWidget):
    """One row a lesion; `on_choose(name)` is called when a person picks a row."""

    def __init__(self, on_choose: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._on_choose = on_choose
        self.setObjectName("liverseg-lesions")
        dress(self, COLUMNS, wide=WORDS)
        self.setWordWrap(True)  # a row is high enough for two lines
        header = self.horizontalHeader()
        assert header is not None
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setIconSize(QSize(THUMB_PX, THUMB_PX))
        lines = self.verticalHeader()
        assert lines is not None
        lines.setDefaultSectionSize(THUMB_PX + 4)
        self._thumbs: dict[tuple[str, str], tuple[View | None, QIcon]] = {}
        for column, hint in enumerate(HINTS):
            if (head := self.horizontalHeaderItem(column)) is not None:
                head.setToolTip(hint)
        self.itemSelectionChanged.connect(self._picked)

    def fill(
        self,
        rows: Sequence[LesionRow],
        *,
        date: str,
        chosen: str,
        note_of: Callable[[str], str],
        view_of: Callable[[str], View | None],
        words_of: Callable[[str], WordCell],
    ) -> None:
        """Show these rows of an exam of this date; the row of lesion `chosen` is marked."""
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            note = note_of(row.name)
            # A note stands where the numbers are missing or no longer true.
            words = words_of(row.name)
            name = f"{row.name} ({note})" if note else row.name
            named = f"{name}\n{date}" if date else name
            cells = [named, row.segment, row.axes, row.volume, words.text]
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(words.hint if column == WORDS else text)
                item.setData(Qt.ItemDataRole.UserRole, row.name)
                if SEGMENT < column < WORDS:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                if column == WORDS and not words.known:
                    item.setForeground(self.palette().placeholderText())
                if column == 0:
                    item.setIcon(self._thumb(view_of(row.name), row.name, colour_of(row.number)))
                self.setItem(line, column, item)
            if row.name == chosen:
                self.selectRow(line)
        self.setColumnWidth(0, min(self.sizeHintForColumn(0), NAME_PX))
        self.blockSignals(False)

    def chosen(self) -> str:
        """Name of the marked lesion, or ""."""
        items = self.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else ""

    def _picked(self) -> None:
        if name := self.chosen():
            self._on_choose(name)

    def _thumb(self, view: View | None, name: str, colour: str) -> QIcon:
        """Picture of a lesion, drawn once for each view."""
        known = self._thumbs.get((name, colour))
        if known is None or known[0] is not view:
            known = self._thumbs[name, colour] = (view, _icon(view, colour))
        return known[1]


def _icon(view: View | None, colour: str) -> QIcon:
    """The lesion in a frame of its colour; the colour alone where there is no picture yet."""
    pixmap = QPixmap(THUMB_PX, THUMB_PX)
    pixmap.fill(QColor(colour))
    if view is not None:
        inner = THUMB_PX - 2 * FRAME_PX
        picture = draw_thumb(view, size_px=inner, colour=colour)
        image = QImage(picture.tobytes(), inner, inner, 3 * inner, QImage.Format.Format_RGB888)
        painter = QPainter(pixmap)
        painter.drawImage(FRAME_PX, FRAME_PX, image)
        painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt tints the chosen row's picture
    return icon
