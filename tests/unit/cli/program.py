"""Run the program inside the test: exit code, standard output and standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from liverseg.cli import main


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Program = Callable[..., Done]


def program_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """A function that runs `liverseg` with some arguments, as the console script does."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["liverseg", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        return Done(0 if code is None else int(code), printed.out, printed.err)

    return run


def assert_one_line(done: Done, *told: object) -> None:
    """Exit code 2, nothing on standard output, one line on standard error that tells."""
    assert (done.code, done.out) == (2, ""), done
    (line,) = done.err.strip().splitlines()
    assert line.startswith("liverseg: ")
    for word in told:
        assert str(word) in line
