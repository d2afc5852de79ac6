"""The page "Words": what a radiologist would say of the lesion, and the curves behind it."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg._qt.plot import Plot
from napari_liverseg._qt.word_table import WordTable
from napari_liverseg.bench import Bench
from napari_liverseg.charts import curve_chart, profile_chart
from napari_liverseg.scene import colour_of
from napari_liverseg.wording import WordsDesk

#: First heights of words, curve and profile.
HEIGHTS_PX = (220, 180, 150)


class WordsPage(Page):
    """Descriptors with P(true), enhancement curve, and profile from rim to core."""

    title = "Words"

    def __init__(self, bench: AskBench) -> None:
        super().__init__(bench)
        self.desk: WordsDesk | None = None
        self.head = QLabel()
        self.head.setObjectName("liverseg-words-of")
        self.all_words = QCheckBox("all words")
        self.all_words.setToolTip("Also words that are not said, or cannot be judged")
        self.all_words.toggled.connect(lambda _: self._fill())
        self.table = WordTable()
        self.curve, self.profile = Plot(least_px=130), Plot(least_px=120)
        self._lay_out()

    def refresh(self, bench: Bench) -> None:
        """A desk for each case; words are made only while the page is looked at."""
        if self.desk is None or self.desk.bench is not bench:
            self.desk = WordsDesk(bench)
            self.desk.changed.connect(self._fill)
            self.desk.want(self.isVisible())

    def showEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Looked at: keep the words up to date."""
        super().showEvent(event)
        if self.desk is not None:
            self.desk.want()
            self._fill()

    def hideEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Another page: no words are made for nobody."""
        super().hideEvent(event)
        if self.desk is not None:
            self.desk.want(False)

    def _fill(self) -> None:
        desk = self.desk
        if desk is None or not self.isVisible():
            return
        bench = desk.bench
        row = next((one for one in bench.lesions() if one.name == bench.lesion), None)
        colour = colour_of(row.number if row else 1)
        self.curve.draw(curve_chart(desk.curve(), colour=colour))
        rows = desk.rows(all_words=self.all_words.isChecked())
        state = "" if desk.is_current else " …"
        if desk.fault:
            self.head.setText(f"No words: {desk.fault}")
        elif row is None:
            self.head.setText("Choose a lesion to read its words.")
        else:
            self.head.setText(f"<b>{row.name}</b>{state}")
        self.table.fill(rows)
        self.profile.draw(profile_chart(desk.profile(), colour=colour))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.all_words)
        upper = QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.addLayout(top)
        above.addWidget(self.table, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (upper, self.curve, self.profile):
            self.splitter.addWidget(widget)
        self.splitter.setSizes(list(HEIGHTS_PX))
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.addWidget(self.splitter, 1)
