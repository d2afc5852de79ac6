"""Buttons of the drawing tools, and of undo and redo; each says its key on hover."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from napari_liverseg import keys
from napari_liverseg._qt.page import AskBench
from napari_liverseg.bench import Bench

#: (text, hint, key) of a button. A tool stays in hand, a change happens once.
STARTS = (
    ("Click", "click", "N"),
    ("Line", "line", "R"),
    ("Scribble", "scribble", "S"),
)
CORRECTS = (
    ("Add", "add", "A"),
    ("Take off", "remove", "D"),
    ("Caliper", "caliper", "Q"),
)
CHANGES = (
    ("Grow", "grow", "Shift-G"),
    ("Shrink", "shrink", "Shift-S"),
    ("Fill", "fill holes", "Shift-H"),
    ("Smooth", "smooth", "Shift-R"),
    ("Largest", "largest piece", "Shift-K"),
    ("Between", "interpolate", "Shift-I"),
)
#: Six of them stand side by side in a dock of 400 px.
TIGHT = "padding: 3px 4px; min-width: 20px;"


class ToolBar(QWidget):
    """Three rows: start a lesion, correct it, change it as a whole."""

    def __init__(self, bench: AskBench) -> None:
        super().__init__()
        self._ask_bench = bench
        self.tools: dict[str, QPushButton] = {}
        self.changes: dict[str, QPushButton] = {}
        self.name = QLineEdit()
        self.name.setObjectName("liverseg-next-name")
        self.name.setToolTip(
            "Name of the next lesion (the same name at two dates is the same lesion)"
        )
        self.name.textChanged.connect(self._on_name)
        self._lay_out()

    def refresh(self, bench: Bench) -> None:
        """Show which tool is in hand, and the name that the next lesion will have."""
        for tool, button in self.tools.items():
            button.setChecked(bench.tools.tool == tool)
        if bench.tools.name != self.name.text().strip():
            bench.tools.name = self.name.text().strip()
        self.name.setPlaceholderText(f"name: {bench.tools.next_name()}")

    def enable(self, bench: Bench | None) -> None:
        """Tools need an exam that can be written, corrections a lesion."""
        can = bench is not None and bool(bench.exam_id) and not bench.read_only
        has = bench is not None and bool(bench.lesion) and not bench.is_fresh(bench.lesion)
        for tool, button in self.tools.items():
            button.setEnabled(can and (has or tool in {name for _, name, _ in STARTS}))
        for button in self.changes.values():
            button.setEnabled(can and has)
        self.name.setEnabled(can)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        rows = (("New", STARTS), ("Correct", CORRECTS))
        for line, (title, tools) in enumerate(rows):
            grid.addWidget(QLabel(title), line, 0)
            for place, (text, tool, key) in enumerate(tools):
                button = self.tools[tool] = _button(text, key, partial(self._take, tool))
                button.setCheckable(True)
                grid.addWidget(button, line, 1 + 2 * place, 1, 2)
        grid.addWidget(self.name, 0, 7, 1, 2)
        grid.addWidget(QLabel("Whole"), 2, 0)
        row = QHBoxLayout()
        row.setSpacing(3)
        for text, tool, key in CHANGES:
            self.changes[tool] = _button(text, key, partial(self._change, tool))
            row.addWidget(self.changes[tool])
        grid.addLayout(row, 2, 1, 1, 8)
        grid.setColumnStretch(8, 1)

    def _take(self, tool: str) -> None:
        if (bench := self._ask_bench()) is not None:
            bench.tools.take(tool)
            self.refresh(bench)

    def _change(self, tool: str) -> None:
        if (bench := self._ask_bench()) is not None:
            bench.tools.reshape(tool)

    def _on_name(self, text: str) -> None:
        if (bench := self._ask_bench()) is not None:
            bench.tools.name = text.strip()


class UndoButtons(QWidget):
    """Undo and redo, each with the name of the step that is next, and the sheet of keys."""

    def __init__(self, bench: AskBench, on_help: Callable[[], None]) -> None:
        super().__init__()
        self._ask_bench = bench
        self.undo = _button("↶", "Control-Z", lambda: self._turn("undo"))
        self.redo = _button("↷", "Control-Shift-Z", lambda: self._turn("redo"))
        self.help = _button("?", keys.HELP_KEY, on_help)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in (self.undo, self.redo, self.help):
            layout.addWidget(button)

    def refresh(self, bench: Bench | None) -> None:
        """Say what is next; grey where nothing is."""
        buttons = (("undo", self.undo, "Control-Z"), ("redo", self.redo, "Control-Shift-Z"))
        for word, button, key in buttons:
            label = "" if bench is None else bench.undoing.label(word)
            button.setEnabled(bool(label) and bench is not None and not bench.read_only)
            button.setToolTip(f"{label or f'Nothing to {word}'} ({keys.spoken(key)})")

    def _turn(self, word: str) -> None:
        if (bench := self._ask_bench()) is not None:
            act = bench.undoing.undo if word == "undo" else bench.undoing.redo
            act()


def _button(text: str, key: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setStyleSheet(TIGHT)
    button.setObjectName(f"liverseg-tool-{text}")
    button.setToolTip(f"{keys.words_of(key)} ({keys.spoken(key)})")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the picture
    button.clicked.connect(lambda _checked=False: act())
    return button
