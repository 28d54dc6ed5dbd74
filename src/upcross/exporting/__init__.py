"""Results as tables of their own, for a BI tool: a folder of files, or a schema of a database, all of it or nothing."""

from upcross.exporting.tables import Exported, results
from upcross.exporting.writing import write_files, write_into

__all__ = ["Exported", "results", "write_files", "write_into"]
