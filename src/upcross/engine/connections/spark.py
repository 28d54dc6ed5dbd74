"""Spark, by pyspark: inside this process, on a cluster, or through Spark Connect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa

from upcross.engine.connections.address import Address
from upcross.engine.connections.connection import (
    Kind,
    Statement,
    kind_of,
    refused,
    unreachable,
    without_driver,
)
from upcross.engine.dialects import render

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_HERE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    # In one process it is planning that takes time: code made for a thousand columns costs more than it saves.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
}


class SparkConnection:
    """A Spark session; the tables are those of a schema, or Parquet in a folder, a file or folder a table."""

    collation = ""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._held: dict[str, Any] = {}
        try:
            from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise without_driver(address, "pyspark", "spark") from error
        # Spark logs to the console what is none of our reader's business.
        os.environ.setdefault("PYSPARK_SUBMIT_ARGS", "--conf spark.log.level=ERROR pyspark-shell")
        master = address.host if not address.shown.startswith("spark://") else f"spark://{address.host}:{address.port}"
        builder = SparkSession.builder.appName("upcross")
        if master.startswith("sc://"):
            builder = builder.remote(master)
        else:
            builder = builder.master(master or "local[*]").config("spark.driver.memory",
                                                                  address.options.get("memory", "2g"))  # fmt: skip
            settings = _SETTINGS | (_HERE if (master or "local").startswith("local") else {})
            for name, value in settings.items():
                builder = builder.config(name, value)
        try:
            self.session: Any = builder.getOrCreate()
        except Exception as error:
            raise unreachable(address, error, "Spark needs Java 17 (JAVA_HOME), or a server that listens") from error

    @property
    def dialect(self) -> str:
        """The dialect in which statements are printed."""
        return self.address.dialect

    def execute(self, statement: Statement) -> None:
        """Run a statement."""
        self._frame(statement).collect()

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        frame = self._frame(statement)
        try:
            return [tuple(row) for row in frame.collect()]
        except Exception as error:
            raise refused(self.address, error) from error

    def arrow(self, statement: Statement, schema: pa.Schema | None = None) -> pa.RecordBatchReader:
        """The rows of a result."""
        frame = self._frame(statement)
        try:
            found = frame.toArrow()
        except Exception as error:
            raise refused(self.address, error) from error
        if schema is not None:
            found = found.rename_columns(schema.names).cast(schema, safe=False)
        return found.to_reader()

    def create(self, name: str, select: Statement) -> None:
        """Show a SELECT as a temporary view of its rows, computed now.

        A view that is merely cached would drag the plan of all that it was made from into whatever reads it.
        """
        frame = self._frame(select)
        try:
            frame = frame.localCheckpoint()
        except Exception as error:
            raise refused(self.address, error) from error
        frame.createOrReplaceTempView(name)
        self._held[name] = frame

    def drop(self, name: str) -> None:
        """Remove a temporary view, if it is there."""
        held = self._held.pop(name, None)
        if held is not None:
            held.unpersist()
            self.session.catalog.dropTempView(name)

    def may_create(self) -> bool:
        """Views belong to the session and ask nobody."""
        return True

    def tables(self) -> dict[str, str]:
        """What can be read in the schema, or in the folder."""
        folder = self.address.options.get("path")
        if folder:
            found = {}
            for entry in sorted(Path(folder).glob("*")):
                name = entry.name.removesuffix(".parquet").lower()
                if entry.suffix == ".parquet" or entry.is_dir():
                    self.session.read.parquet(str(entry)).createOrReplaceTempView(f"upcross_source_{name}")
                    found[name] = f'"upcross_source_{name}"'
            return found
        try:
            listed = self.session.sql(f"SHOW TABLES IN {self._schema}").collect()
        except Exception as error:
            raise refused(self.address, error) from error
        home = self._schema.replace("`", '"')
        return {row["tableName"].lower(): f'{home}."{row["tableName"]}"' for row in listed if not row["isTemporary"]}

    def columns(self, relation: str) -> dict[str, Kind]:
        """The columns of a table, or of a SELECT in brackets."""
        schema = self._frame(f"SELECT * FROM {relation} AS t LIMIT 0").schema
        return {field.name: kind_of(field.dataType.simpleString()) for field in schema.fields}

    def keeps_tables(self) -> bool:
        """Whether there is a catalogue (a metastore) that outlives the session; tables of a folder are in none."""
        return bool(self.session.conf.get("spark.sql.catalogImplementation", "in-memory") != "in-memory")

    def write(self, name: str, rows: pa.Table) -> None:
        """Make a table of the schema with these rows; one of this name is replaced."""
        try:
            self.session.createDataFrame(rows).write.mode("overwrite").saveAsTable(f"{self._schema}.`{name}`")
        except Exception as error:
            raise refused(self.address, error) from error

    def replace(self, name: str, by: str) -> None:
        """Put the rows of a table of the schema in the place of another, and drop the first."""
        try:
            self.session.table(f"{self._schema}.`{by}`").write.mode("overwrite").saveAsTable(f"{self._schema}.`{name}`")
            self.session.sql(f"DROP TABLE {self._schema}.`{by}`")
        except Exception as error:
            raise refused(self.address, error) from error

    @property
    def _schema(self) -> str:
        return ".".join(f"`{part}`" for part in self.address.options.get("schema", "default").split("."))

    def close(self) -> None:
        """The session stays: starting one costs longer than most runs."""
        for name in list(self._held):
            self.drop(name)

    def _frame(self, statement: Statement) -> Any:
        try:
            return self.session.sql(render(statement, self.dialect))
        except Exception as error:
            raise refused(self.address, error) from error
