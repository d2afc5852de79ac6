"""A loaded bench with its stand-ins, without a window."""

from __future__ import annotations

from pathlib import Path

from napari.components import ViewerModel
from plugin.plugin_stand_ins import FakeStore, HandRunner

from napari_liverseg.bench import Bench


class Given:
    """A loaded bench with its stand-ins; jobs run when the test says so."""

    def __init__(self, store: FakeStore | None = None) -> None:
        self.viewer = ViewerModel()
        self.store = store or FakeStore()
        self.runner = HandRunner()
        self.told: list[tuple[str, str]] = []
        self.edited: list = []
        self.bench = Bench(
            self.viewer,
            self.store,
            self.runner,
            path=Path("x.liverseg"),
            throttle=lambda act: lambda: self.edited.append(act),
        )
        self.bench.told.connect(lambda text, level: self.told.append((text, level)))
        self.bench.load(self.bench.exam_ids[0])
        self.settle()

    @property
    def layer(self):
        return self.bench.stage.lesions

    def notice(self) -> None:
        """The throttle's time is over."""
        if self.edited:
            act, self.edited = self.edited[0], []
            act()

    def settle(self) -> None:
        """Throttle and worker have done all that was asked of them."""
        self.notice()
        self.runner.wait()

    def stroke(self, at: tuple[int, int, int], label: int) -> None:
        self.layer.selected_label = label
        self.layer.brush_size = 3
        self.layer.paint(at, label)
