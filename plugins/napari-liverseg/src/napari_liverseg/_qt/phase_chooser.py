"""A list of phases by name, of which one is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QComboBox


class PhaseChooser(QComboBox):
    """A list as wide as the room it is given, however long its names are."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(60)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def fill(self, names: Mapping[str, str], chosen: str, *, none: str = "") -> None:
        """Names by key, and which is chosen; `none` is a first line that stands for no key."""
        wanted = [(none, "")] if none else []
        wanted += [(name, key) for key, name in names.items()]
        have = [(self.itemText(n), self.itemData(n)) for n in range(self.count())]
        with QSignalBlocker(self):
            if have != wanted:
                self.clear()
                for text, key in wanted:
                    self.addItem(text, key)
            self.setCurrentIndex(max(self.findData(chosen), 0))
