"""The README's Python runs, and its table of claims is what the demo prints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.slow
def test_five_lines_of_python(demo_of, tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert len(ast.parse(code).body) == 5
    (tmp_path / "demo").symlink_to(demo_of("reconciled"))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(README), "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"portal_venous +long_axis +3\d\.\d mm", printed)
    assert re.search(r"late_arterial +rim_mean +1\d\d\.\d HU", printed)
    assert (tmp_path / "again" / "report.html").is_file()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / target).exists(), target
