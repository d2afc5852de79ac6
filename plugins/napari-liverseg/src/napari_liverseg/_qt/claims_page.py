"""The page "Claims": what the report says beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QPushButton, QVBoxLayout

from napari_liverseg._qt.claim_table import ClaimTable
from napari_liverseg._qt.finding_form import FindingForm
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg.bench import Bench
from napari_liverseg.claiming import ClaimsDesk
from napari_liverseg.form_values import texts_of
from napari_liverseg.state import ClaimRow


class ClaimsPage(Page):
    """Reported statements with their verdicts; a click leads to lesion, phase and slice."""

    title = "Claims"

    def __init__(self, bench: AskBench, on_claim: Callable[[ClaimRow], None]) -> None:
        super().__init__(bench)
        self.claims = ClaimTable(on_claim)
        self.form: FindingForm | None = None
        self._form_of: Bench | None = None
        self.add_button = QPushButton("Add ...")
        self.edit_button = QPushButton("Edit ...")
        self.drop_button = QPushButton("Remove ...")
        self.save_button = QPushButton("Save as ...")
        self.save_button.setToolTip("Save the findings as a file that `liverseg run` reads")
        self.add_button.clicked.connect(self.add)
        self.edit_button.clicked.connect(self.edit)
        self.drop_button.clicked.connect(self.ask_to_remove)
        self.save_button.clicked.connect(self.ask_for_file)
        buttons = QHBoxLayout()
        for button in (self.add_button, self.edit_button, self.drop_button, self.save_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.addWidget(self.claims, 1)
        layout.addLayout(buttons)

    def refresh(self, bench: Bench) -> None:
        """Rows as the case file has them."""
        self.claims.fill(bench.claims())
        if self.form is not None and self._form_of is not bench:
            self.form.close()  # it is of a case that is no longer open

    def enable(self, bench: Bench | None) -> None:
        """Buttons that change the case need one that can be written."""
        able = bench is not None and bool(bench.exam_id) and not bench.read_only
        for button in (self.add_button, self.edit_button, self.drop_button):
            button.setEnabled(able)
        self.save_button.setEnabled(bench is not None and bool(bench.claims()))

    def add(self) -> None:
        """Type a new finding."""
        if (desk := self._desk()) is not None:
            date = "" if desk.bench.loaded is None else desk.bench.loaded.exam.date
            texts = {"id": desk.next_id(), "source": "text", "date": date}
            self._open(desk, "New finding", "").show_entry(texts, "long_axis", {})

    def edit(self) -> None:
        """Change the chosen finding."""
        desk, name = self._desk(), self.claims.chosen()
        claim = None if desk is None else desk.claim(name)
        if desk is not None and claim is not None:
            self._open(desk, f"Finding {name}", name).show_entry(*texts_of(claim))
        elif desk is not None:
            desk.bench.tell("click a claim first, then Edit", "info")

    def ask_to_remove(self) -> None:
        """Take the chosen finding out after a question."""
        desk, name = self._desk(), self.claims.chosen()
        if desk is None or not name:
            return
        answer = QMessageBox.question(self, "Remove finding", f"Remove finding {name}?")
        if answer == QMessageBox.StandardButton.Yes:
            desk.remove(name)

    def ask_for_file(self) -> None:
        """Choose a file and save the findings there."""
        name, _ = QFileDialog.getSaveFileName(
            self, "Save findings", "findings.yaml", "Findings (*.yaml *.yml)"
        )
        desk = self._desk()
        if name and desk is not None:
            desk.export(Path(name))

    def _desk(self) -> ClaimsDesk | None:
        bench = self.ask_bench()
        return None if bench is None else ClaimsDesk(bench)

    def _open(self, desk: ClaimsDesk, title: str, instead_of: str) -> FindingForm:
        def save(
            values: Mapping[str, Any], stored: Callable[[], None], refused: Callable[[str], None]
        ) -> None:
            # The form may be closed before the answer comes.
            desk.put(
                values,
                instead_of=instead_of,
                stored=lambda: stored() if self.form is form else None,
                refused=lambda why: refused(why) if self.form is form else None,
            )

        if self.form is not None:
            self.form.close()
        form = self.form = FindingForm(self, title=title, save=save)
        self._form_of = desk.bench
        form.finished.connect(self._closed)
        form.show()
        return form

    def _closed(self, _result: int) -> None:
        self.form = None
