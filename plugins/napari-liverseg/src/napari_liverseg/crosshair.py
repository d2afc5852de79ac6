"""The one place of an exam that every picture shows: its cross-hair. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_liverseg.layers import DisplayFrame, Triple
from napari_liverseg.marks import Marks
from napari_liverseg.stage import Stage

if TYPE_CHECKING:
    from napari_liverseg.mpr import Mpr


class CrossHair:
    """A voxel of the reference series; `point_mm` is its centre in mm of the display frame.

    It follows the slice that is shown. `went(point)` when it moved, `changed` when it was shown
    or hidden.
    """

    changed = Signal()
    went = Signal(tuple)

    def __init__(self, viewer: Any, stage: Stage) -> None:
        self.viewer, self.stage = viewer, stage
        self.point_mm: Triple = (0.0, 0.0, 0.0)
        #: Whether it is drawn.
        self.cross = True
        #: The three planes, while they are open.
        self.planes: Mpr | None = None
        self.marks = Marks(viewer)
        viewer.dims.events.point.connect(self._follow_slice)

    def go_to(self, point_mm: Triple) -> None:
        """Put the cross-hair on the voxel nearest to a point of the display frame, in mm."""
        scene = self.stage.scene
        if scene is None:
            return
        point = scene.frame.nearest_voxel_mm(point_mm)
        moved, self.point_mm = point != self.point_mm, point
        self.viewer.dims.set_point(0, point[0])
        if moved:
            self.put_cross()
            self.went.emit(point)

    def show_cross(self, on: bool) -> None:
        """Draw the cross-hair in every pane and in the three planes, or nowhere."""
        self.cross = on
        self.put_cross()
        self.changed.emit()

    def take_planes(self, planes: Mpr | None) -> None:
        """The three planes were opened, or closed (None)."""
        self.planes = planes
        self.put_cross()

    def put_cross(self) -> None:
        """Draw it where it is. One picture has none but for planes that it is shared with."""
        wanted = self.cross and (self.stage.paned or self.planes is not None)
        self.marks.put_cross(self.point_mm if wanted else None)

    def begin(self, frame: DisplayFrame) -> None:
        """An exam is shown: the cross-hair is in the middle of its picture.

        Its lines come into the viewer, to go with the exam.
        """
        middle = (np.array(frame.shape) // 2) * frame.spacing_mm
        z = float(self.viewer.dims.point[0])
        self.point_mm = (z, float(middle[1]), float(middle[2]))
        self.stage.add_extra(self.marks.begin(frame))

    def let_go(self) -> None:
        """Follow the viewer no more."""
        self.marks.close()
        self.viewer.dims.events.point.disconnect(self._follow_slice)

    def _follow_slice(self, _event: Any = None) -> None:
        z = float(self.viewer.dims.point[0])
        if self.stage.scene is not None and z != self.point_mm[0]:
            self.point_mm = (z, *self.point_mm[1:])
            self.went.emit(self.point_mm)
