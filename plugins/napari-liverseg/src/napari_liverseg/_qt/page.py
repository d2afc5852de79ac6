"""One page of the dock: a matter of its own, in a file of its own."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QWidget

from napari_liverseg.bench import Bench

#: Gives the bench of the case that is open, or None.
AskBench = Callable[[], Bench | None]


class Page(QWidget):
    """A page asks for the bench when a person clicks, and is told when to look anew.

    It holds no state of the case: what it shows comes from the bench each time.
    """

    #: What its tab says.
    title = ""

    def __init__(self, bench: AskBench) -> None:
        super().__init__()
        self.ask_bench = bench

    def refresh(self, bench: Bench) -> None:
        """Show what the bench holds now. Called often: costs nothing where nothing changed."""

    def enable(self, bench: Bench | None) -> None:
        """Switch off what cannot be done now."""
