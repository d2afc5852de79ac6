"""A bar and a button "Cancel" while an exam is read."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget


class ProgressRow(QWidget):
    """Hidden unless something long is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.cancel)
        self.hide()

    def on_cancel(self, act: Callable[[], None]) -> None:
        """What the button does."""
        self.cancel.clicked.connect(lambda _=False: act())

    def show_share(self, share: float) -> None:
        """Show how much is done, 0 to 1."""
        self.bar.setValue(round(100 * share))
        self.show()
