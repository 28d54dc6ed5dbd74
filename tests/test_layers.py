"""Imports point down only: every module has a layer, and imports nothing above it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import upcross

ROOT = Path(upcross.__file__).parent

LAYERS = {
    "errors": 0, "yaml_values": 0, "documents": 0, "motions": 0, "money": 0, "periods": 0,
    "contract": 1, "engine": 1,
    "book": 2,
    "revenue": 3,
    "signals": 4,
    "plays": 5,
    "opportunities": 6, "measure": 6, "kept_signals": 6, "runs": 6,
    "ledger": 7,
    "access": 8, "deliveries": 8,
    "sample": 9, "project": 9, "verbs": 9, "unknowns": 9, "absence": 9, "explanation": 9, "starting": 9, "names": 9,
    "kept_ledger": 9, "applied": 9, "logged": 9, "credit": 9, "plan_making": 9, "hearing": 9, "serving": 9,
    "probing": 9, "by_hand": 9, "opening": 9, "meant": 9, "play_changes": 9, "watching": 9,
    "sheets": 9, "plan_sheet": 9, "frames": 9, "table_readers": 9,
    "numbers": 9, "portfolio": 9, "pipeline": 9, "replaying": 9,
    "publishing": 9, "exporting": 9, "doctor": 9,
    "terminal": 10, "pages": 10, "cli": 10, "web": 10, "api": 10, "worker": 10, "app": 10,
}  # fmt: skip
"""Each module or package directly under ``upcross`` and its layer; the architecture page shows the same table."""

MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def _home(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("upcross."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "upcross":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("upcross.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    home = _home(path)
    assert home in LAYERS, f"place '{home}' in a layer"
    above = {name for name in _imports(path) if name != home and LAYERS[name] > LAYERS[home]}
    assert not above, f"{home} (layer {LAYERS[home]}) imports from above: {above}"


def test_no_package_imports_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(_home(path), set()).update(_imports(path) - {_home(path)})
    while graph:
        free = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert free, f"these import each other: {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in free}


def test_importing_upcross_pulls_in_no_extra() -> None:
    extras = (
        "allauth",
        "altair",
        "databricks",
        "django",
        "google.cloud.bigquery",
        "jinja2",
        "ninja",
        "pandas",
        "psycopg",
        "polars",
        "pyspark",
        "scipy",
        "snowflake",
        "trino",
        "vl_convert",
    )
    code = f"import upcross, sys; print(' '.join(m for m in {extras} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []


def test_no_module_is_too_long() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > 420} == {}
