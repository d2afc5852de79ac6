"""What the tests of several rooms share: the digital case on coarse voxels, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from coarse_case import plan_coarse_case

from liverseg.workflow import Variant, demo, run_demo


@pytest.fixture(scope="session")
def coarse_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a finished coarse demo of variant "text". Shared: copy before writing to it."""
    out = tmp_path_factory.mktemp("coarse") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_case", plan_coarse_case)
        run_demo(out, variant=Variant.TEXT, seed=7)
    return out


@pytest.fixture
def coarse_case_file(coarse_demo: Path, tmp_path: Path) -> Path:
    """A copy of the coarse demo's case file; its images stay where they are."""
    copy = tmp_path / "case.liverseg"
    shutil.copy(coarse_demo / "case.liverseg", copy)
    return copy
