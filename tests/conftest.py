"""What all tests share: where the real data lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Folder of the real test data: LIVERSEG_TEST_DATA, default ../shared/data."""
    return Path(os.environ.get("LIVERSEG_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data, or a skip that says how to get it."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set LIVERSEG_TEST_DATA")
    return folder
