"""The sheet of keys, and the keys while the dock has the focus."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtGui import QShortcut as Shortcut  # type: ignore[attr-defined]  # moved in Qt 6
from qtpy.QtWidgets import QDialog, QGridLayout, QLabel, QWidget

from napari_liverseg import keys
from napari_liverseg._qt.page import AskBench


class KeySheet(QDialog):
    """All keys by group, in two columns; stays open beside the work."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("liverseg: keys")
        layout = QGridLayout(self)
        layout.setHorizontalSpacing(24)
        halves = _halves()
        for column, titles in enumerate(halves):
            sheet = QLabel("".join(_group(title) for title in titles))
            sheet.setObjectName(f"liverseg-keys-{column}")
            sheet.setTextFormat(Qt.TextFormat.RichText)
            sheet.setAlignment(Qt.AlignmentFlag.AlignTop)
            layout.addWidget(sheet, 0, column)


def bind_in_dock(dock: QWidget, bench: AskBench) -> None:
    """The same keys while a table or button of the dock has the focus.

    A text field being typed in keeps its letters and its own undo: Qt asks it first.
    """
    for key, act in keys.all_keys():

        def fire(act: keys.Act = act) -> None:
            if (there := bench()) is not None:
                act(there)

        shortcut = Shortcut(QKeySequence(_qt_name(key)), dock)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(fire)


def _qt_name(key: str) -> str:
    return key.replace("Control", "Ctrl").replace("Escape", "Esc").replace("-", "+")


def _halves() -> tuple[list[str], list[str]]:
    """Group titles in two columns of about the same height."""
    left: list[str] = []
    right: list[str] = []
    lines = {title: len(group) + 2 for title, group in keys.GROUPS.items()}
    half = sum(lines.values()) / 2
    for title, count in lines.items():
        full = sum(lines[one] for one in left) + count / 2 > half
        (right if full or right else left).append(title)
    return left, right


def _group(title: str) -> str:
    rows = "".join(
        f"<tr><td style='padding-right: 10px'><b>{escape(keys.spoken(key))}</b></td>"
        f"<td>{escape(words)}</td></tr>"
        for key, words, _ in keys.GROUPS[title]
    )
    return f"<h4>{escape(title)}</h4><table cellspacing='2'>{rows}</table>"
