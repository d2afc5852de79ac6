"""The page "Look": panes, windows, comparing phases, planes, and the values under the mouse."""

from __future__ import annotations

from functools import partial
from typing import Any

from qtpy.QtCore import QSignalBlocker, QTimer
from qtpy.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_liverseg._qt.mpr_dock import MprDock, close_planes, open_planes
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg._qt.phase_chooser import PhaseChooser
from napari_liverseg._qt.readout_table import ReadoutTable
from napari_liverseg.bench import Bench
from napari_liverseg.looking import KEYS, Looking
from napari_liverseg.panes import SHAPES

#: How long each phase stands while two of them flicker, ms.
FLICKER_MS = 600
PANES_MOST = max(SHAPES)
#: Stands in the list of a pane without a phase, and first in that of the planes.
NO_PHASE, AS_PICTURE = "–", "as in the picture"


class LookPage(Page):
    """Asks `bench.looking` for all that it does."""

    title = "Look"

    def __init__(self, bench: AskBench) -> None:
        super().__init__(bench)
        self.counts = {count: _small(str(count)) for count in SHAPES}
        self.planes_button = _small("Planes")
        self.planes_phase = PhaseChooser()
        self.cross = QCheckBox("cross-hair")
        self.choosers = [PhaseChooser() for _ in range(PANES_MOST)]
        self.presets = [_small("") for _ in range(5)]
        self.together = QCheckBox("all phases")
        self.window_text = QLabel()
        self.first, self.second = PhaseChooser(), PhaseChooser()
        self.flicker = _small("Flicker")
        self.subtract = _small("Subtract")
        self.readout = ReadoutTable()
        self.planes: MprDock | None = None
        self._wired: Looking | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(FLICKER_MS)
        self._lay_out()
        self._connect()

    # -- what the page is told -------------------------------------------------------------

    def refresh(self, bench: Bench) -> None:
        """Follow the looking of this bench; what it tells later comes by its signals."""
        if self._wired is not bench.looking:
            self._wired = bench.looking
            bench.looking.changed.connect(self._show)
            bench.looking.pointed.connect(self._show_values)
            bench.looking.planes_asked.connect(self.toggle_planes)
            bench.looking.left.connect(self._leave)
            self._show()

    def enable(self, bench: Bench | None) -> None:
        """Without an exam there is nothing to look at."""
        on = bench is not None and bench.stage.scene is not None
        for widget in (
            *self.counts.values(),
            self.planes_button,
            self.cross,
            *self.choosers,
            *self.presets,
        ):
            widget.setEnabled(on)
        two = on and bench is not None and len(bench.stage.phases) > 1
        for widget in (self.first, self.second, self.flicker, self.subtract):
            widget.setEnabled(two)

    def toggle_planes(self) -> None:
        """Open axial, coronal and sagittal of the phase that the mouse was over, or close."""
        if self.planes is not None and self.planes.mpr is not None:
            self._close_planes()
        elif (look := self._look()) is not None and look.keys:
            key = look.focus if look.focus in look.keys else look.keys[0]
            self.planes = open_planes(look.viewer, look, key, on_gone=self._planes_gone)
            if self.planes.mpr is not None:
                self.planes.mpr.changed.connect(self._show)
            QTimer.singleShot(0, self._fit_planes)
        self._show()

    # -- what a person does ----------------------------------------------------------------

    def _look(self) -> Looking | None:
        bench = self.ask_bench()
        return None if bench is None or bench.stage.scene is None else bench.looking

    def _arrange(self, count: int) -> None:
        if (look := self._look()) is not None:
            self._timer.stop()
            look.arrange(count)

    def _put(self, pane: int, _index: int) -> None:
        look, key = self._look(), self.choosers[pane].currentData()
        if look is None or not key:
            return
        if look.count == 1:
            look.show_phase(key)
        else:
            look.put(key, pane)

    def _preset(self, number: int) -> None:
        if (look := self._look()) is not None:
            look.preset(number)

    def _set_together(self, on: bool) -> None:
        look = self._look()
        if look is not None and look.windows is not None:
            look.windows.together = on

    def _choose_in_planes(self, _index: int) -> None:
        look = self._look()
        if look is not None and look.planes is not None:
            look.planes.choose(self.planes_phase.currentData() or "")

    def _set_cross(self, on: bool) -> None:
        if (look := self._look()) is not None:
            look.show_cross(on)

    def _pair(self, _index: int) -> None:
        if (look := self._look()) is not None:
            look.compare(self.first.currentData() or "", self.second.currentData() or "")

    def _set_flicker(self, on: bool) -> None:
        look = self._look()
        if on and look is not None:
            look.flick()
            self._timer.start()
        else:
            self._timer.stop()

    def _flick(self) -> None:
        if (look := self._look()) is not None:
            look.flick()

    def _subtract(self) -> None:
        if (look := self._look()) is not None:
            look.subtract()

    # -- what is shown ---------------------------------------------------------------------

    def _show(self) -> None:
        look = self._look()
        if look is None:
            return
        names = look.names
        for count, button in self.counts.items():
            button.setChecked(count == look.count)
        for pane, chooser in enumerate(self.choosers):
            chooser.setVisible(pane < max(look.count, 1))
            chosen = look.keys[pane] if pane < len(look.keys) else ""
            chooser.fill(names, chosen, none="" if chosen else NO_PHASE)
        for chooser, key in zip((self.first, self.second), look.pair, strict=True):
            chooser.fill({key: names[key] for key in look.stage.phases if key in names}, key)
        presets = () if look.windows is None else look.windows.presets()
        for number, button in enumerate(self.presets):
            button.setVisible(number < len(presets))
            if number < len(presets):
                button.setText(presets[number].label)
        with QSignalBlocker(self.together):
            self.together.setChecked(look.windows is None or look.windows.together)
        with QSignalBlocker(self.cross):
            self.cross.setChecked(look.cross)
        self.window_text.setText(look.window_text())
        self.planes_button.setChecked(look.planes is not None)
        self.planes_phase.setEnabled(look.planes is not None)
        chosen = "" if look.planes is None else look.planes.chosen
        self.planes_phase.fill(names, chosen, none=AS_PICTURE)
        self.flicker.setChecked(self._timer.isActive())
        self._show_values()

    def _show_values(self) -> None:
        look = self._look()
        if look is not None and self.isVisible():
            self.readout.fill(look.read_out())

    def showEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Values are not written while the page is hidden."""
        super().showEvent(event)
        self._show()

    def _fit_planes(self) -> None:
        if self.planes is not None:
            self.planes.fit()

    def _planes_gone(self) -> None:
        self.planes_button.setChecked(False)
        self.planes_phase.setEnabled(False)

    def _close_planes(self) -> None:
        if self.planes is not None and self._wired is not None:
            close_planes(self._wired.viewer, self.planes)
        self.planes = None

    def _leave(self) -> None:
        """The exam goes: no flicker, no planes of it."""
        self._timer.stop()
        self._close_planes()

    # -- making ----------------------------------------------------------------------------

    def _connect(self) -> None:
        for count, button in self.counts.items():
            button.clicked.connect(partial(self._arrange, count))
        for pane, chooser in enumerate(self.choosers):
            chooser.activated.connect(partial(self._put, pane))
        for number, button in enumerate(self.presets):
            button.clicked.connect(partial(self._preset, number))
        self.planes_button.clicked.connect(self.toggle_planes)
        self.planes_phase.activated.connect(self._choose_in_planes)
        self.together.toggled.connect(self._set_together)
        self.cross.toggled.connect(self._set_cross)
        for chooser in (self.first, self.second):
            chooser.activated.connect(self._pair)
        self.flicker.toggled.connect(self._set_flicker)
        self.subtract.clicked.connect(self._subtract)
        self._timer.timeout.connect(self._flick)

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for button in self.counts.values():
            button.setCheckable(True)
            group.addButton(button)
        for button in (self.planes_button, self.flicker):
            button.setCheckable(True)
        _explain(self.planes_button, "F9")
        _explain(self.flicker, "F8")
        _explain(self.cross, "H")
        self.planes_phase.setToolTip("The phase shown in the planes (F7: the next one)")
        for number, button in enumerate(self.presets):
            button.setToolTip(f"F{number + 2}")
        self.subtract.setToolTip("The first phase minus the second; to look at, not to measure")
        self.together.setToolTip("A window is changed in all phases, else in the one looked at")
        self.together.setChecked(True)
        chosen = QGridLayout()
        for pane, chooser in enumerate(self.choosers):
            chooser.setObjectName(f"liverseg-pane-{pane}")
            chosen.addWidget(chooser, pane // 2, pane % 2)
        planes, pair = QHBoxLayout(), QGridLayout()
        planes.addWidget(self.planes_button)
        planes.addWidget(self.planes_phase, 1)
        # The word stands beside the lists: with planes open every line takes from their height.
        pair.addWidget(QLabel("Compare"), 0, 0)
        pair.addWidget(self.first, 0, 1)
        pair.addWidget(self.second, 0, 2)
        pair.addWidget(self.flicker, 1, 1)
        pair.addWidget(self.subtract, 1, 2)
        for grid, columns in ((chosen, (0, 1)), (pair, (1, 2))):
            for column in columns:
                grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 6, 4, 2)
        layout.setSpacing(6)
        layout.addLayout(_row(QLabel("Panes"), *self.counts.values(), self.cross))
        layout.addLayout(chosen)
        layout.addLayout(planes)
        layout.addLayout(_row(QLabel("Window"), *self.presets))
        layout.addLayout(_row(self.window_text, self.together))
        layout.addLayout(pair)
        layout.addWidget(self.readout, 1)


def _row(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(3)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout


def _small(text: str) -> QPushButton:
    """A button no wider than its text needs: five of them stand in a row."""
    button = QPushButton(text)
    button.setMinimumWidth(32)
    return button


def _explain(button: QAbstractButton, key: str) -> None:
    words = next(words for known, words, _ in KEYS if known == key)
    button.setToolTip(f"{words} ({key})")
