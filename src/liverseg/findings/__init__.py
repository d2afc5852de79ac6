"""Findings: a report's statements made comparable, and compared with what was measured."""

from liverseg.findings.compare import compare
from liverseg.findings.export import comparison_json
from liverseg.findings.outcome import tolerance_parts
from liverseg.findings.read import read_findings
from liverseg.findings.schema import findings_schema

__all__ = [
    "compare",
    "comparison_json",
    "findings_schema",
    "read_findings",
    "tolerance_parts",
]
