"""napari plugin of liverseg: thin over the library, no metric, no file format, no decision.

Importing it loads neither Qt nor napari; both come with the first use of `open_case`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_liverseg.bench import Bench
    from napari_liverseg.window import open_case, open_path, show_case

__all__ = ["Bench", "open_case", "open_path", "show_case"]


def __getattr__(name: str) -> object:
    if name == "Bench":
        from napari_liverseg.bench import Bench

        return Bench
    if name in ("open_case", "open_path", "show_case"):
        from napari_liverseg import window

        return getattr(window, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
