"""Claims: go to where one was tested; type, change, take out findings, save them. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from liverseg.errors import InputError
from liverseg.findings import drop_claim, put_claim, write_findings
from liverseg.records import Claim, ReportedFindings
from napari_liverseg.bench import Bench
from napari_liverseg.state import ClaimRow
from napari_liverseg.store import FindingsEdit


def show_claim(bench: Bench, claim: ClaimRow) -> None:
    """Go to the lesion, phase and slice that a claim was tested on, if it is the exam in view."""
    series = claim.series_uid if claim.series_uid in bench.stage.phases else None
    if claim.series_uid and series is None:
        bench.tell(f"claim {claim.id} was tested on another exam ({claim.date})", "info")
        return
    here = {row.name for row in bench.lesions()}
    names = [part.strip() for part in claim.lesion.split(",")]
    if lesion := next((name for name in names if name in here), None):
        bench.choose(lesion)
    if series is not None:
        bench.stage.show_phase(series)
        if claim.slice is not None:
            bench.stage.go_to_slice(claim.slice)
        bench.refreshed.emit()


class ClaimsDesk:
    """The reported findings of the case on the bench."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    @property
    def can_change(self) -> bool:
        """An exam is shown and its case can be written."""
        return self.bench.loaded is not None and not self.bench.read_only

    def claim(self, claim_id: str) -> Claim | None:
        """A finding by its id, as it was compared last."""
        comparison = self.bench.numbers.comparison
        if comparison is None:
            return None
        claims = (judged.claim for judged in comparison.judgements)
        return next((claim for claim in claims if claim.id == claim_id), None)

    def next_id(self) -> str:
        """A number that no finding has yet."""
        comparison = self.bench.numbers.comparison
        judged = () if comparison is None else comparison.judgements
        taken = {one.claim.id for one in judged}
        return next(str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)

    def put(
        self,
        values: Mapping[str, Any],
        *,
        instead_of: str = "",
        stored: Callable[[], None],
        refused: Callable[[str], None],
    ) -> None:
        """Store an entry of a findings file; `refused(why)` in the words of its reader."""

        def edit(reported: ReportedFindings) -> ReportedFindings:
            return put_claim(reported, values, instead_of=instead_of)

        self._change(edit, stored, refused)

    def remove(self, claim_id: str) -> None:
        """Take a finding out; the case file's history keeps it."""
        self._change(
            lambda reported: drop_claim(reported, claim_id),
            lambda: None,
            lambda why: self.bench.tell(why, "error"),
        )

    def export(self, path: Path) -> None:
        """Write the findings of the case as a findings file (YAML)."""
        store = self.bench.store
        self.bench.order(
            lambda _: write_findings(store.findings(), path),
            lambda written: self.bench.tell(f"findings saved: {written}", "info"),
        )

    def _change(
        self, edit: FindingsEdit, stored: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        store, exam_id = self.bench.store, self.bench.exam_id

        def done(written: Any) -> None:
            self.bench.accept(written)
            stored()

        def failed(error: Exception) -> None:
            if not isinstance(error, InputError):
                self.bench.tell(str(error), "error")
            refused(str(error))

        self.bench.order(lambda _: store.edit_findings(exam_id, edit), done, failed)
