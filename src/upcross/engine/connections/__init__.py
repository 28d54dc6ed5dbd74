"""Connections to the engines in which a company's tables lie; drivers are imported when they are asked for."""

from __future__ import annotations

from importlib import import_module

from upcross.engine.connections.address import ENGINES, Address, hidden, read_address
from upcross.engine.connections.connection import Connection, Kind

_CLASSES = {
    "postgresql": ("postgres", "PostgresConnection"),
    "spark": ("spark", "SparkConnection"),
    "databricks": ("warehouses", "DatabricksConnection"),
    "snowflake": ("warehouses", "SnowflakeConnection"),
    "bigquery": ("warehouses", "BigQueryConnection"),
    "trino": ("warehouses", "TrinoConnection"),
}


def open_connection(address: Address) -> Connection:
    """A connection to an engine; ``EngineError`` where its driver is missing or it does not answer."""
    module, name = _CLASSES[address.scheme]
    connect = getattr(import_module(f"upcross.engine.connections.{module}"), name)
    opened: Connection = connect(address)
    return opened


__all__ = ["ENGINES", "Address", "Connection", "Kind", "hidden", "open_connection", "read_address"]
