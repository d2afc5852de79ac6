"""Findings: a report's statements made comparable, and compared with what was measured."""

from liverseg.findings.compare import compare
from liverseg.findings.edit import drop_claim, put_claim
from liverseg.findings.export import comparison_json
from liverseg.findings.outcome import tolerance_parts
from liverseg.findings.read import parse_findings, read_findings
from liverseg.findings.rule_fields import (
    RuleField,
    describe_rule,
    fields_of_rule,
    parse_test,
    rule_names,
)
from liverseg.findings.schema import findings_schema
from liverseg.findings.words import phase_words
from liverseg.findings.write import claim_values, findings_values, write_findings

__all__ = [
    "RuleField",
    "claim_values",
    "compare",
    "comparison_json",
    "describe_rule",
    "drop_claim",
    "fields_of_rule",
    "findings_schema",
    "findings_values",
    "parse_findings",
    "parse_test",
    "phase_words",
    "put_claim",
    "read_findings",
    "rule_names",
    "tolerance_parts",
    "write_findings",
]
