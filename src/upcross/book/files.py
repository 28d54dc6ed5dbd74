"""Files: which files of the data folder a mapping names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from upcross.book.mapping import MAPPING_INVALID, TableMapping
from upcross.book.source import SourceFile, unreadable
from upcross.errors import Place, Report, Severity, issue_code, suggest

SOURCE_MISSING = issue_code("source-missing", Severity.ERROR, "No source file has the name that the mapping gives.")

_WILD = "*?["
_KINDS = (".csv", ".csv.gz", ".tsv", ".parquet", ".jsonl", ".ndjson", ".jsonl.gz", ".duckdb")


def find_files(folder: Path, pattern: str, place: Place, report: Report) -> list[SourceFile]:
    """The files that a mapping's ``file`` names, in the order of their names.

    None is an issue, and so is a folder that may not be read: it is named.
    """
    wanted = folder / pattern
    try:
        paths = _matching(folder, pattern)
        if not paths:
            _report_missing(folder, pattern, place, report)
    except OSError as error:
        named = Path(error.filename) if error.filename else wanted
        report.add(unreadable(_shown(named, folder), error, "a file or a folder that may be read"))
        return []
    return [SourceFile(path, _shown(path, folder)) for path in paths]


def find_sources(mapping: TableMapping, report: Report) -> list[SourceFile]:
    """The files of a mapping, each with what reads it; a DuckDB file by the mapping's table or query."""
    files = find_files(mapping.folder, mapping.source.file, mapping.place("file"), report)
    source = mapping.source
    named = source.table or source.query
    for file in files:
        if file.is_warehouse:
            table = source.table or mapping.table.name
            quoted = ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))
            file.statement = source.query or f"SELECT * FROM {quoted}"
            file.shown += f" ({'query of ' + mapping.table.name if source.query else table})"
        elif named:
            setting = "table" if source.table else "query"
            report.add(MAPPING_INVALID.at(mapping.place(setting), f"'{setting}' means nothing for {file.shown}",
                                          expected="a DuckDB file: its name ends in .duckdb"))  # fmt: skip
            return []
    return files


def _matching(folder: Path, pattern: str) -> list[Path]:
    wanted = folder / pattern
    if not any(sign in pattern for sign in _WILD):
        return [wanted] if wanted.is_file() else []
    base = Path(wanted.anchor) if Path(pattern).is_absolute() else folder
    # Looking for names passes over folders that may not be read; the one where it begins must not be passed over.
    begin = base
    for part in wanted.relative_to(base).parts[:-1]:
        if any(sign in part for sign in _WILD):
            break
        begin /= part
    if begin.is_dir():
        next(begin.iterdir(), None)
    return sorted(path for path in base.glob(str(wanted.relative_to(base))) if path.is_file())


def _report_missing(folder: Path, pattern: str, place: Place, report: Report) -> None:
    wanted = folder / pattern
    if wanted.is_dir():
        kinds = Counter(kind for path in wanted.iterdir() for kind in _KINDS if path.name.lower().endswith(kind))
        kind = kinds.most_common(1)[0][0] if kinds else ".csv"
        report.add(SOURCE_MISSING.at(place, f"'{pattern}' is a folder in {folder}", expected="a file, or a pattern",
                                     hint=f"name the files in it: {pattern.rstrip('/')}/*{kind}"))  # fmt: skip
        return
    nearby = sorted(path.name for path in wanted.parent.iterdir()) if wanted.parent.is_dir() else []
    hint = suggest(wanted.name, nearby) if nearby else f"the folder {wanted.parent} does not exist or is empty"
    report.add(SOURCE_MISSING.at(place, f"no file matches '{pattern}' in {folder}",
                                 hint=hint or f"the folder has: {', '.join(nearby[:8])}"))  # fmt: skip


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) and path != folder else str(path)
