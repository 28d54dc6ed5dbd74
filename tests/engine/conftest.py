"""The engines that need something beside Python: Spark with its Java, and the older DuckDB."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SPARK = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Some hundred statements over few rows: what takes time is planning and warming up, not running.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}


def _missing(message: str) -> None:
    """A required engine is a failure where everything must run, and elsewhere a reason to skip."""
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark session inside this process, one for all tests: starting it takes longer than most of them."""
    if find_spec("pyspark") is None:
        _missing("pyspark is not installed: `pip install pyspark`, or run `make setup`")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        _missing("Java is not installed: `apt-get install openjdk-17-jre-headless`, or run `make setup`")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("upcross")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse"))).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def duckdb_1_5() -> Path:
    """Where the older DuckDB lies, which a process of its own loads in place of the newer."""
    from sysconfig import get_paths

    packages = Path(os.environ.get("UPCROSS_DUCKDB_1_5", Path(get_paths()["data"]) / "duckdb-1.5"))
    if not (packages / "duckdb").is_dir():
        _missing(f"DuckDB 1.5 is not in {packages}: run `make setup`")
    return packages
