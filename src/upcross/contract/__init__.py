"""The contract: every table that Upcross can read, declared once with types, units, keys and meanings."""

from upcross.contract.table import Column, Coverage, Table, Type, by_name
from upcross.contract.tables import commercial, people, pipeline, reference, support, usage

SUBJECTS: dict[str, tuple[Table, ...]] = {
    "commercial": commercial.TABLES,
    "usage": usage.TABLES,
    "support": support.TABLES,
    "people": people.TABLES,
    "pipeline": pipeline.TABLES,
    "reference": reference.TABLES,
}

TABLES: dict[str, Table] = by_name(table for tables in SUBJECTS.values() for table in tables)

__all__ = ["SUBJECTS", "TABLES", "Column", "Coverage", "Table", "Type"]
