"""Tables in memory as sources: pandas, polars or Arrow in place of a file, through the same mapping and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from upcross.book.mapping import SourceMapping, TableMapping
from upcross.contract import TABLES
from upcross.documents import Document
from upcross.errors import UsageError, suggest


@contextmanager
def framed(
    mappings: Sequence[TableMapping], frames: Mapping[str, Any], document: Document
) -> Iterator[list[TableMapping]]:
    """The mappings with each table of ``frames`` read from memory in place of its files.

    A table that the project maps is read with that mapping (its first source's), any other by columns of the
    contract's names. A frame is a pandas or polars data frame, or an Arrow table. Raises ``UsageError`` for a name
    that is no table, and for what is no frame.
    """
    for name in frames:
        if name not in TABLES:
            raise UsageError(f"no table is called '{name}'. {suggest(name, TABLES)}")
    with TemporaryDirectory(prefix="upcross-") as folder:
        kept = [mapping for mapping in mappings if mapping.table.name not in frames]
        for name, frame in frames.items():
            file = f"frame {name}.parquet"
            pa.parquet.write_table(as_arrow(name, frame), Path(folder) / file)
            first = next((m for m in mappings if m.table.name == name), None)
            if first is None:
                first = TableMapping(TABLES[name], SourceMapping(file=file), Path(folder), document, ("tables", name))
            source = first.source.model_copy(update={"file": file, "table": None, "query": None})
            kept.append(replace(first, source=source, folder=Path(folder)))
        yield kept


def as_arrow(name: str, frame: Any) -> pa.Table:
    """A frame as an Arrow table; missing values are null."""
    if isinstance(frame, pa.Table):
        return frame
    if hasattr(frame, "to_arrow"):  # polars
        return frame.to_arrow()
    if hasattr(frame, "columns") and hasattr(frame, "iloc"):  # pandas
        return pa.Table.from_pandas(frame, preserve_index=False)
    raise UsageError(f"'{name}' is no pandas, polars or Arrow table, but {type(frame).__name__}")
