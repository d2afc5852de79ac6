"""The dock with axial, coronal and sagittal. The one place with napari's `QtViewer`.

`napari.qt` exports it; how it is to be closed is not documented. A `QtViewer` that outlives
its window keeps the whole window in memory, so the panes are closed before the dock goes,
and nothing else holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.qt import QtViewer
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QSizePolicy, QWidget

from napari_liverseg.looking import KEYS, Looking
from napari_liverseg.mpr import Mpr

NAME = "liverseg planes"
#: Half of the window's height.
HEIGHT_PX, LEAST_PX = 380, 160


class MprDock(QWidget):
    """Three panes side by side; `let_go` ends them, as does taking the dock out of the window.

    While they are open the docks on the left, napari's layer list, make room.
    """

    def __init__(self, looking: Looking, key: str, *, on_gone: Callable[[], None]) -> None:
        super().__init__()
        self._on_gone = on_gone
        self.setObjectName("liverseg-planes")
        self.mpr: Mpr | None = Mpr(looking, key)
        self.panes: list[Any] = []
        self._hidden: list[QDockWidget] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for view in self.mpr.views:
            for shortcut, _, act in KEYS:
                view.model.bind_key(shortcut, lambda _model, act=act: act(looking), overwrite=True)
            pane = QtViewer(view.model)
            pane.dims.hide()
            pane.setAcceptDrops(False)
            pane.setMinimumSize(LEAST_PX, LEAST_PX)
            pane.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            layout.addWidget(pane, 1)
            self.panes.append(pane)

    def fit(self) -> None:
        """Take room for the panes and show the whole patient in each; after the dock is there."""
        dock, window = self._dock(), self.window()
        if dock is not None and isinstance(window, QMainWindow):
            for other in window.findChildren(QDockWidget):
                left = window.dockWidgetArea(other) == Qt.DockWidgetArea.LeftDockWidgetArea
                if left and other.isVisible():
                    other.hide()
                    self._hidden.append(other)
            window.resizeDocks([dock], [HEIGHT_PX], Qt.Orientation.Vertical)
        QTimer.singleShot(0, self._fit_pictures)

    def _dock(self) -> QDockWidget | None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QDockWidget):
            parent = parent.parentWidget()
        return parent

    def _fit_pictures(self) -> None:
        for view in self.mpr.views if self.mpr is not None else ():
            view.model.reset_view()
            view.go_to(self.mpr.looking.point_mm if self.mpr is not None else (0.0, 0.0, 0.0))

    def let_go(self) -> None:
        """Close the panes and follow the exam no more. A second time nothing happens."""
        if self.mpr is None:
            return
        self.mpr.close()
        self.mpr = None
        for dock in self._hidden:
            dock.show()
        self._hidden = []
        for pane in self.panes:
            pane.setParent(None)
            pane.close()
            pane.deleteLater()
        self.panes = []
        self._on_gone()

    def event(self, event: QEvent | None) -> bool:
        """The dock taken out of the window (its cross): the panes end with it."""
        if event is not None and event.type() == QEvent.Type.ParentChange and not self.parent():
            self.let_go()
        return bool(super().event(event))


def open_planes(viewer: Any, looking: Looking, key: str, *, on_gone: Callable[[], None]) -> MprDock:
    """Open the three planes of a phase below the picture; `on_gone` is called when they end."""
    widget = MprDock(looking, key, on_gone=on_gone)
    viewer.window.add_dock_widget(widget, name=NAME, area="bottom", add_vertical_stretch=False)
    return widget


def close_planes(viewer: Any, widget: MprDock) -> None:
    """Close the planes and take their dock out of the window."""
    widget.let_go()
    try:
        viewer.window.remove_dock_widget(widget)
    except (LookupError, RuntimeError):  # its own cross was quicker, or the window is going
        return
