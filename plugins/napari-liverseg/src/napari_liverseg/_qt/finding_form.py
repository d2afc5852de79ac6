"""The form of a finding: what the report says, and how it is tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from liverseg.errors import InputError
from liverseg.findings import describe_rule, fields_of_rule, rule_names
from napari_liverseg.form_values import MODALITIES, NO_RULE, PHASES, SOURCES, entry_of

#: Labels and hints of the fields that every finding has.
FIELDS = (
    ("id", "Number", "A number or short name, used once"),
    ("statement", "Statement", "What the report says, in your words"),
    ("source", "Source", "Where in the report it stands"),
    ("place", "Place", "Such as 'Fig. 1A', or 'Section 2'"),
    ("date", "Date", "2015, 2015-06 or 2015-06-01, or a span such as 2015/2019"),
    ("modality", "Modality", "Left empty when the statement is not about one"),
    ("phase", "Phase", "Phase or sequence, where the statement names one"),
    ("sites", "Segments", "Couinaud segments named, such as 4a, 5"),
    ("contradicts", "Clashes with", "Numbers of findings that clash with it"),
    ("caveat", "Caveat", "Id of a contradiction of the report, shown with the verdict"),
)
CHOICES = {"source": SOURCES, "modality": MODALITIES, "phase": PHASES}
NO_RULE_WORDS = "images cannot show it"
PLACE = "the form"
STATEMENT_LINES, YAML_LINES = 3, 6
WIDTH_PX = 430

#: What stands in the text of several tests at first.
ALL_OF = """rule: all_of
parts:
- rule: ring
  lesions: all
- rule: prolonged
  lesions: all
"""

#: Values of the entry, and what to do once it is stored or refused.
Save = Callable[[Mapping[str, Any], Callable[[], None], Callable[[str], None]], None]


class FindingForm(QDialog):
    """Fields of one finding; stays open, with the reader's message, until it can be stored.

    It does not lock the window: one can look at the images while it is open.
    """

    def __init__(self, parent: QWidget, *, title: str, save: Save) -> None:
        super().__init__(parent)
        self.setObjectName("liverseg-finding-form")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH_PX)
        self._save = save
        self.fields: dict[str, QWidget] = {}
        self.details: dict[str, QWidget] = {}
        self.rules = QComboBox()
        self.rules.addItem(NO_RULE_WORDS, NO_RULE)
        for rule in rule_names():
            self.rules.addItem(rule.replace("_", " "), rule)
        self.rules.setToolTip("How the statement is tested on the measurements")
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.message = QLabel()
        self.message.setObjectName("liverseg-form-message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.hide()
        self._lay_out()
        self.rules.currentIndexChanged.connect(lambda _: self._ask_details())
        self._ask_details()

    def show_entry(self, texts: Mapping[str, str], rule: str, details: Mapping[str, str]) -> None:
        """Put an entry into the fields."""
        for name, widget in self.fields.items():
            _write(widget, texts.get(name, ""))
        self.rules.setCurrentIndex(self.rules.findData(rule))
        for name, widget in self.details.items():
            _write(widget, details.get(name, ""))

    def entry(self) -> dict[str, Any]:
        """The entry as it stands. Raises `InputError` for a test that is no YAML."""
        texts = {name: _read(widget) for name, widget in self.fields.items()}
        details = {name: _read(widget) for name, widget in self.details.items()}
        rule = str(self.rules.currentData())
        return entry_of(texts, rule=rule, details=details, where=PLACE)

    def save(self) -> None:
        """Have the entry read and stored; a refusal is shown and nothing is lost."""
        try:
            values = self.entry()
        except InputError as error:
            self.refuse(str(error))
            return
        self.buttons.setEnabled(False)  # until the answer comes: a second click adds no second one
        self._save(values, self.accept, self.refuse)

    def refuse(self, why: str) -> None:
        """Say why the entry was not stored."""
        self.buttons.setEnabled(True)
        self.message.setText(why)
        self.message.setStyleSheet("background: #b23a00; color: #ffffff; padding: 4px;")
        self.message.show()

    def _ask_details(self) -> None:
        """The fields of the chosen rule."""
        rule = str(self.rules.currentData())
        while self._rule_form.rowCount():
            self._rule_form.removeRow(0)
        self.details = {}
        if rule == NO_RULE:
            self.about.setText("Say why; it never counts for or against the statement.")
            self._detail("reason", "Reason", QLineEdit())
            return
        self.about.setText(describe_rule(rule))
        fields = fields_of_rule(rule)
        if rule == "all_of":
            text = _lines(YAML_LINES)
            text.setPlainText(ALL_OF)
            self._detail("yaml", "Tests", text)
        for field in fields:
            label = field.name.replace("_", " ") + ("" if field.required else " (optional)")
            if field.kind == "choice":
                widget: QWidget = _box(field.choices)
            elif field.kind == "flag":
                widget = _box(("yes", "no"))
            else:
                widget = QLineEdit()
            self._detail(field.name, label, widget)

    def _detail(self, name: str, label: str, widget: QWidget) -> None:
        widget.setObjectName(f"liverseg-rule-{name}")
        self.details[name] = widget
        self._rule_form.addRow(label, widget)

    def _lay_out(self) -> None:
        form, self._rule_form = QFormLayout(), QFormLayout()
        for name, label, hint in FIELDS:
            if name in CHOICES:
                widget: QWidget = _box(CHOICES[name], editable=name == "phase")
            else:
                widget = _lines(STATEMENT_LINES) if name == "statement" else QLineEdit()
            widget.setToolTip(hint)
            widget.setObjectName(f"liverseg-finding-{name}")
            self.fields[name] = widget
            form.addRow(label, widget)
        form.addRow("Tested by", self.rules)
        form.addRow("", self.about)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(self._rule_form)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)


def _box(choices: tuple[str, ...], *, editable: bool = False) -> QComboBox:
    box = QComboBox()
    box.addItems([one.replace("_", " ") if not editable else one for one in choices])
    for at, one in enumerate(choices):
        box.setItemData(at, one)
    box.setEditable(editable)
    return box


def _lines(count: int) -> QPlainTextEdit:
    text = QPlainTextEdit()
    text.setFixedHeight(text.fontMetrics().lineSpacing() * count + 12)
    text.setTabChangesFocus(True)
    text.setStyleSheet("border: 1px solid #8a8f98;")
    return text


def _read(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText() if widget.isEditable() else str(widget.currentData())
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText()
    return widget.text() if isinstance(widget, QLineEdit) else ""


def _write(widget: QWidget, text: str) -> None:
    if isinstance(widget, QComboBox):
        at = widget.findData(text)
        if at >= 0 or not widget.isEditable():
            widget.setCurrentIndex(max(at, 0))
        else:
            widget.setEditText(text)
    elif isinstance(widget, QPlainTextEdit):
        widget.setPlainText(text)
    elif isinstance(widget, QLineEdit):
        widget.setText(text)
