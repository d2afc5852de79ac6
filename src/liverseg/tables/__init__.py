"""Thresholds, codes and vocabularies: data with a source for each row, not numbers in code."""

from liverseg.tables.load import Row, Table, load_records, load_table, parse_table, table_digests

__all__ = ["Row", "Table", "load_records", "load_table", "parse_table", "table_digests"]
