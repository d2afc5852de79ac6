"""What all tests share: where the real data lie, and the digital case, made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Folder of the real test data: LIVERSEG_TEST_DATA, default ../shared/data."""
    return Path(os.environ.get("LIVERSEG_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans of tests are remembered apart from those of the user."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["LIVERSEG_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data, or a skip that says how to get it."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set LIVERSEG_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def demo_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folder of a finished demo by its variant; each is made once a session."""
    from liverseg.workflow import Variant, run_demo

    made: dict[str, Path] = {}

    def folder_of(variant: str) -> Path:
        if variant not in made:
            out = tmp_path_factory.mktemp("demo") / variant
            run_demo(out, variant=Variant(variant))
            made[variant] = out
        return made[variant]

    return folder_of


@pytest.fixture(scope="session")
def digital_case(demo_of: Callable[[str], Path]) -> Path:
    """The case file of the reconciled demo. Shared: copy it before writing to it."""
    return demo_of("reconciled") / "case.liverseg"


@pytest.fixture(scope="session")
def ircad_case(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case file of the real portal-venous CT with both lesions and its segments."""
    from liverseg.workflow import case_request, run_case

    ircad = shared_data / "ircad17"
    masks = ircad / "MASKS_DICOM"
    out = tmp_path_factory.mktemp("ircad") / "out"
    return run_case(
        case_request(
            [ircad / "PATIENT_DICOM"],
            out,
            liver=[masks / "liver"],
            lesions=[masks / "livertumor1", masks / "livertumor2"],
            couinaud=[ircad / "couinaud_3Dircadb-17.nii.gz"],
        )
    )
