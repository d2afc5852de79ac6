"""The widgets of the dock and where they stand; what they do is in `dock`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from napari_liverseg._qt.claims_page import ClaimsPage
from napari_liverseg._qt.key_sheet import KeySheet
from napari_liverseg._qt.lesions_page import LesionsPage
from napari_liverseg._qt.look_page import LookPage
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg._qt.progress_row import ProgressRow
from napari_liverseg._qt.segments_page import SegmentsPage
from napari_liverseg._qt.tool_bar import UndoButtons
from napari_liverseg._qt.words_page import WordsPage
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


class Panel(QWidget):
    """Exam, phase and message; below them the pages, one tab each."""

    def __init__(
        self,
        bench: AskBench,
        on_lesion: Callable[[str], None],
        on_claim: Callable[[ClaimRow], None],
    ) -> None:
        super().__init__()
        self.exams = _named(QComboBox(), "liverseg-exams")
        self.phases = _named(QComboBox(), "liverseg-phases")
        self.open_button = QPushButton("Open")
        self.hand_on_button = QPushButton("Hand on")
        self.progress = ProgressRow()
        self.show_segments = QCheckBox("Segments")
        self.steps = UndoButtons(bench, self.show_keys)
        self.legend = _named(QLabel(), "liverseg-legend")
        self.legend.hide()
        self._legend_wanted = False
        self.message = _named(QLabel(), "liverseg-message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lesions_page = LesionsPage(bench, on_lesion)
        self.look_page = LookPage(bench)
        self.segments_page = SegmentsPage(bench)
        self.words_page = WordsPage(bench)
        self.claims_page = ClaimsPage(bench, on_claim)
        #: All pages in the order of their tabs.
        self.pages: tuple[Page, ...] = (
            self.lesions_page,
            self.look_page,
            self.segments_page,
            self.words_page,
            self.claims_page,
        )
        self.tabs = _named(QTabWidget(), "liverseg-pages")
        self._lay_out()
        self.tabs.currentChanged.connect(lambda _: self._show_legend())

    def say(self, text: str, level: str) -> None:
        """Show a line for the person; an empty one goes away."""
        if self.message.styleSheet() != MESSAGE_STYLES[level]:
            self.message.setStyleSheet(MESSAGE_STYLES[level])
        self.message.setText(text)
        self.message.setToolTip(text)
        self.message.setVisible(bool(text))

    def name_segments(self, names: Mapping[int, str], *, shown: bool) -> None:
        """The key to the colours of the segments, while they are shown."""
        named = sorted(names.items(), key=lambda pair: pair[1])
        boxes = [
            f'<span style="background: {segment_colour(number)}; color: #101010">'
            f"&nbsp;{name}&nbsp;</span>"
            for number, name in named
        ]
        self.legend.setText("Segment " + " ".join(boxes))
        self._legend_wanted = shown and bool(names)
        self._show_legend()

    def _show_legend(self) -> None:
        """The page of segments is a key to the colours itself."""
        front = self.tabs.currentWidget() is self.segments_page
        self.legend.setVisible(self._legend_wanted and not front)

    def show_keys(self) -> None:
        """Show the sheet of keys beside the work."""
        sheet = KeySheet(self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()

    def show_page(self, page: Page) -> None:
        """Bring a page to the front."""
        self.tabs.setCurrentWidget(page)

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.addWidget(QLabel("Exam"), 0, 0)
        top.addWidget(self.exams, 0, 1)
        top.addWidget(self.open_button, 0, 2)
        top.addWidget(self.hand_on_button, 0, 3)
        top.addWidget(self.steps, 0, 4)
        top.addWidget(QLabel("Phase"), 1, 0)
        top.addWidget(self.phases, 1, 1)
        top.addWidget(self.show_segments, 1, 2, 1, 2)
        top.setColumnStretch(1, 1)
        for page in self.pages:
            self.tabs.addTab(page, page.title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addLayout(top)
        layout.addWidget(self.legend)
        layout.addWidget(self.message)
        layout.addWidget(self.progress)
        layout.addWidget(self.tabs, 1)
        self.setMinimumWidth(WIDTH_PX)


def _named(widget: AnyWidget, name: str) -> AnyWidget:
    widget.setObjectName(name)
    return widget
