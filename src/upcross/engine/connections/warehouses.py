"""Databricks, Snowflake, BigQuery and Trino, each through its vendor's own driver."""

from __future__ import annotations

import os
from typing import Any

from upcross.engine.connections.connection import ENGINE_STATEMENT, Kind, Statement, kind_of
from upcross.engine.connections.cursors import CursorConnection, only
from upcross.engine.dialects import render
from upcross.errors import EngineError, Place


class DatabricksConnection(CursorConnection):
    """A Databricks SQL warehouse; the token is the address's password, or DATABRICKS_TOKEN."""

    package, module, extra = "databricks-sql-connector", "databricks.sql", "databricks"

    def _connect(self) -> Any:
        address = self.address
        token = address.password or address.options.get("token") or os.environ.get("DATABRICKS_TOKEN")
        return self._driver.connect(
            server_hostname=address.host, http_path="/" + "/".join(address.path), access_token=token,
            **only(address.options, "catalog", "schema"),
        )  # fmt: skip

    def _schema(self) -> tuple[str, ...]:
        return (self.address.options.get("catalog", "main"), self.address.options.get("schema", "default"))

    def create(self, name: str, select: Statement) -> None:
        """Show a SELECT as a temporary view: not every warehouse has temporary tables."""
        self._run(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS {render(select, self.dialect)}")

    def drop(self, name: str) -> None:
        """Remove a temporary view, if it is there."""
        self._run(f"DROP VIEW IF EXISTS {name}")


class SnowflakeConnection(CursorConnection):
    """A Snowflake warehouse; the password is the address's, or SNOWFLAKE_PASSWORD, or what the driver has itself."""

    package, module, extra = "snowflake-connector-python", "snowflake.connector", "snowflake"
    capitals = True

    def _connect(self) -> Any:
        address = self.address
        password = address.password or os.environ.get("SNOWFLAKE_PASSWORD")
        database, schema = (*address.path, "PUBLIC")[:2] if address.path else ("", "PUBLIC")
        return self._driver.connect(
            account=address.host, user=address.user, database=database, schema=schema,
            session_parameters={"QUERY_TAG": "upcross", "TIMEZONE": "UTC"},
            **({"password": password} if password else {}),
            **only(address.options, "warehouse", "role", "authenticator", "private_key_file"),
        )  # fmt: skip

    def _schema(self) -> tuple[str, ...]:
        return ((*self.address.path, "PUBLIC")[:2]) if self.address.path else ("PUBLIC",)

    def tables(self) -> dict[str, str]:
        """What can be read in the schema; names as Snowflake keeps them, mostly in capitals."""
        database, schema = self._schema()
        found = self._all(
            f"SELECT table_catalog, table_schema, table_name FROM {database}.information_schema.tables"
            f" WHERE UPPER(table_schema) = '{schema.upper()}'"
        )
        return {name.lower(): ".".join(f'"{part}"' for part in (home, of, name)) for home, of, name in found}

    def _kind(self, code: Any) -> Kind:
        names = import_names()
        return kind_of(names[code] if isinstance(code, int) and code < len(names) else str(code))


def import_names() -> list[str]:
    """Snowflake's names of its numbers of types."""
    from snowflake.connector.constants import FIELD_ID_TO_NAME  # type: ignore[import-not-found, unused-ignore]

    return [FIELD_ID_TO_NAME[number] for number in sorted(FIELD_ID_TO_NAME)]


class BigQueryConnection(CursorConnection):
    """A BigQuery data set, with the credentials that Google's own tools have set up."""

    package, module, extra = "google-cloud-bigquery", "google.cloud.bigquery.dbapi", "bigquery"
    hint = "sign in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"

    def _connect(self) -> Any:
        from google.cloud import bigquery  # type: ignore[import-not-found, unused-ignore]

        dataset = f"{self.address.host}.{self.address.path[0]}" if self.address.path else None
        settings = bigquery.QueryJobConfig(default_dataset=dataset) if dataset else None
        client = bigquery.Client(
            project=self.address.host, location=self.address.options.get("location"), default_query_job_config=settings
        )
        return self._driver.connect(client)

    def _schema(self) -> tuple[str, ...]:
        return (self.address.host, self.address.path[0] if self.address.path else "")

    def tables(self) -> dict[str, str]:
        """What can be read in the data set."""
        project, dataset = self._schema()
        found = self._all(f"SELECT table_name FROM `{project}`.`{dataset}`.INFORMATION_SCHEMA.TABLES")
        return {name.lower(): self._written(name) for (name,) in found}

    def create(self, name: str, select: Statement) -> None:
        """Temporary tables live in a session, which the driver does not keep: results are judged where they came to."""
        raise EngineError(ENGINE_STATEMENT.at(Place(self.address.shown), f"BigQuery keeps no temporary table {name}"))

    def may_create(self) -> bool:
        """Whether temporary tables may be created."""
        return False


class TrinoConnection(CursorConnection):
    """A Trino catalogue; the password is the address's, or TRINO_PASSWORD."""

    package, module, extra = "trino", "trino.dbapi", "trino"

    def _connect(self) -> Any:
        address = self.address
        password = address.password or os.environ.get("TRINO_PASSWORD")
        secure = {}
        if password:
            from trino.auth import BasicAuthentication  # type: ignore[import-not-found, unused-ignore]

            secure = {"auth": BasicAuthentication(address.user, password), "http_scheme": "https"}
        catalog, schema = (*address.path, "default")[:2] if address.path else ("", "default")
        return self._driver.connect(
            host=address.host, port=address.port or (443 if password else 8080), user=address.user or "upcross",
            catalog=catalog, schema=schema, **secure,
        )  # fmt: skip

    def _schema(self) -> tuple[str, ...]:
        return (*self.address.path, "default")[:2]

    def may_create(self) -> bool:
        """Trino has no temporary tables."""
        return False
