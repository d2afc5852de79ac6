"""The window and the case it makes of a bare study name no patient: every text, every byte."""

from __future__ import annotations

import shutil

import patient_files as given
import pytest
from patient_search import every_byte, named_folder, named_in
from plugin.whole_cases import open_window

from liverseg.workflow import find_study, make_study_case

pytestmark = pytest.mark.gui


@pytest.fixture
def case(tmp_path):
    """A case made of a study whose files, folders and headers all name the patient."""
    home = named_folder(tmp_path)
    (tmp_path / "out").mkdir()
    path = make_study_case(find_study(home / "dicom", cache=False), tmp_path / "out/case.liverseg")
    assert named_in(every_byte(path.parent)) == []
    return path


def texts_of(viewer, dock) -> str:
    """Everything that stands in the window, tool tips and what lists hold too."""
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QComboBox, QTableWidget, QWidget

    found = [viewer.title, *(layer.name for layer in viewer.layers)]
    found += [str(layer.metadata) for layer in viewer.layers]
    found.append(viewer.canvas.overlays.text.text)
    for widget in [dock, *dock.window().findChildren(QWidget)]:
        found += [widget.toolTip(), widget.windowTitle(), widget.accessibleName()]
        found += [widget.text()] if callable(getattr(widget, "text", None)) else []
        if isinstance(widget, QComboBox):
            found += [widget.itemText(n) for n in range(widget.count())]
        if isinstance(widget, QTableWidget):
            items = widget.findItems("", Qt.MatchFlag.MatchContains)
            found += [part for item in items for part in (item.text(), item.toolTip())]
    return "\n".join(map(str, found))


def test_neither_window_nor_picture_nor_case_names_the_patient(
    case, make_napari_viewer, qtbot, tmp_path
):
    from napari_liverseg import handing

    held = open_window(case, make_napari_viewer, qtbot)
    for page in held.dock.pages:
        held.dock.show_page(page)
        qtbot.wait(50)
        assert named_in(texts_of(held.viewer, held.dock).encode()) == []
    assert "late arterial" in texts_of(held.viewer, held.dock)  # the search does see texts
    handing.take_picture(held.bench, tmp_path / "out" / "picture.png")
    held.viewer.window.screenshot(str(tmp_path / "out" / "window.png"), canvas_only=False)
    held.dock.let_go()
    assert named_in(every_byte(tmp_path / "out")) == []


def test_the_study_browser_names_nobody(tmp_path, qtbot):
    from napari_liverseg.study import look_at

    home = named_folder(tmp_path)
    plain = tmp_path / "study"
    shutil.copytree(home / "dicom", plain)
    choice = look_at(plain)
    assert given.NAME.lower() not in str(choice).lower()
