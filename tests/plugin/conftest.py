"""Windows of napari: a scratch home for its settings, and a reason where there is no screen."""

from __future__ import annotations

import os
import sys
import tempfile

import pytest

# Before napari is imported: window size and dock layout are remembered between runs.
SCRATCH = tempfile.mkdtemp(prefix="liverseg-napari-")
os.environ["XDG_CONFIG_HOME"] = SCRATCH
os.environ["NAPARI_CONFIG"] = f"{SCRATCH}/napari.yaml"


def no_display() -> str:
    """Why no window can open, or ""."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        return "no display: run `make test`, or start pytest under xvfb-run"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = no_display()
    for item in items:
        if reason and item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.skip(reason=reason))
