"""The command line: one file per command."""

from liverseg.cli.app import main

__all__ = ["main"]
