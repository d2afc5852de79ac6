"""`ClaimsDesk`: findings typed, changed, taken out and saved as a file. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from liverseg.errors import InputError
from liverseg.findings import drop_claim, put_claim, write_findings
from liverseg.records import Claim, ReportedFindings
from napari_liverseg.bench import Bench
from napari_liverseg.store import FindingsEdit


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
