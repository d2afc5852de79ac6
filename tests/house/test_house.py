"""Contracts of the house that no other tool checks."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import liverseg
from liverseg.tables import load_table

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "plugins").rglob("*.py"))
TABLES = sorted((ROOT / "src/liverseg/tables").glob("*.toml"))
HEAVY = ("pydicom", "SimpleITK", "qtpy", "PyQt6", "napari", "matplotlib", "sqlite3")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_grows_beyond_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_importing_the_library_loads_no_heavy_package():
    code = f"import sys, liverseg; print([name for name in {HEAVY!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_public_name_can_be_had_and_unknown_names_cannot():
    for name in liverseg.__all__:
        assert getattr(liverseg, name) is not None
    assert dir(liverseg) == sorted(liverseg.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = liverseg.nonsense


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_every_row_of_a_table_has_a_source(path):
    table = load_table(path.stem)
    assert table.rows
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    assert raw["about"]["title"]
    for row in table:
        assert row.source.strip()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_public_functions_and_classes_have_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert bare == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_rooms_are_imported_from_their_door(path):
    """`from liverseg.lesions import x`, never `from liverseg.lesions.size import x`."""
    own = path.relative_to(ROOT).parts
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liverseg."):
            parts = (node.module or "").split(".")
            inside = own[0] == "src" and len(own) > 3 and parts[1] == own[2]
            if len(parts) > 2 and not inside:
                wrong.append(node.module)
    assert wrong == []
