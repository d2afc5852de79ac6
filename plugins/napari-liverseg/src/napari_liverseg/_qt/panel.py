"""The widgets of the dock and where they stand; what they do is in `dock`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from napari_liverseg._qt.claim_table import ClaimTable
from napari_liverseg._qt.curve_plot import CurvePlot
from napari_liverseg._qt.lesion_table import LesionTable
from napari_liverseg.scene import segment_colour
from napari_liverseg.state import ClaimRow

#: A ground of its own, so that it can be read on dark and light themes.
MESSAGE_STYLES = {
    "info": "",
    "warning": "background: #f2b32e; color: #101010; padding: 3px;",
    "error": "background: #b23a00; color: #ffffff; padding: 3px;",
}
AnyWidget = TypeVar("AnyWidget", bound=QWidget)
WIDTH_PX = 400
#: First heights of lesions, curve and claims.
HEIGHTS_PX = (185, 140, 240)


class Panel(QWidget):
    """Exam, phase, message, lesions, curve and claims, one below the other."""

    def __init__(
        self,
        on_lesion: Callable[[str], None],
        on_claim: Callable[[ClaimRow], None],
    ) -> None:
        super().__init__()
        self.exams = _named(QComboBox(), "liverseg-exams")
        self.phases = _named(QComboBox(), "liverseg-phases")
        self.open_button = QPushButton("Open ...")
        self.show_segments = QCheckBox("Segments")
        self.legend = _named(QLabel(), "liverseg-legend")
        self.legend.hide()
        self.message = _named(QLabel(), "liverseg-message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lesions = LesionTable(on_lesion)
        self.new_button = QPushButton("New lesion ...")
        self.remove_button = QPushButton("Remove ...")
        self.retry = QPushButton("Save again")
        self.again = QPushButton("Read again")
        self.curve = CurvePlot()
        self.claims = ClaimTable(on_claim)
        for button in (self.retry, self.again):
            button.hide()
        self._lay_out()

    def say(self, text: str, level: str) -> None:
        """Show a line for the person; an empty one goes away."""
        if self.message.styleSheet() != MESSAGE_STYLES[level]:
            self.message.setStyleSheet(MESSAGE_STYLES[level])
        self.message.setText(text)
        self.message.setToolTip(text)
        self.message.setVisible(bool(text))

    def name_segments(self, names: Mapping[int, str], *, shown: bool) -> None:
        """The key to the colours of the segments, while they are shown."""
        boxes = [
            f'<span style="background: {segment_colour(number)}; color: #101010">'
            f"&nbsp;{name}&nbsp;</span>"
            for number, name in names.items()
        ]
        self.legend.setText("Segment " + " ".join(boxes))
        self.legend.setVisible(shown and bool(names))

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
        for button in (self.new_button, self.remove_button, self.retry, self.again):
            buttons.addWidget(button)
        upper = QWidget()
        upper_layout = QVBoxLayout(upper)
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.addWidget(self.lesions, 1)
        upper_layout.addLayout(buttons)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (upper, self.curve, self.claims):
            self.splitter.addWidget(widget)
        self.splitter.setSizes(list(HEIGHTS_PX))
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addLayout(top)
        layout.addWidget(self.legend)
        layout.addWidget(self.message)
        layout.addWidget(self.splitter, 1)
        self.setMinimumWidth(WIDTH_PX)


def _named(widget: AnyWidget, name: str) -> AnyWidget:
    widget.setObjectName(name)
    return widget
