"""The page "Claims": what the report says beside what was measured."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QVBoxLayout

from napari_liverseg._qt.claim_table import ClaimTable
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg.bench import Bench
from napari_liverseg.state import ClaimRow


class ClaimsPage(Page):
    """Reported statements with their verdicts; a click leads to lesion, phase and slice."""

    title = "Claims"

    def __init__(self, bench: AskBench, on_claim: Callable[[ClaimRow], None]) -> None:
        super().__init__(bench)
        self.claims = ClaimTable(on_claim)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.addWidget(self.claims)

    def refresh(self, bench: Bench) -> None:
        """Rows as the case file has them."""
        self.claims.fill(bench.claims())
