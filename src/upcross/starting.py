"""Starting a project: an empty one to fill in, or the sample company to look around in."""

from __future__ import annotations

from pathlib import Path

from upcross.errors import UsageError
from upcross.project import FILE
from upcross.sample import write_sample

_PROJECT = """\
# One table an entry: a file, and where its columns come from. `upcross tables` lists the tables, `upcross tables NAME`
# their columns. A column of the same name is taken as it is. Start with accounts, subscriptions and seats or usage.
name: {name}
reporting_currency: EUR
data: data

tables:
  # accounts:
  #   file: accounts.csv
  #   columns:
  #     account_id: Id                                   # rename
  #     segment: {{from: Size, map: {{S: small, L: large}}}}   # translate
  #     currency: {{value: EUR}}                           # constant
  # subscriptions:
  #   file: subscriptions.csv
  #   columns:
  #     mrr: {{from: mrr_cents, unit: cents}}
  #     starts_on: {{from: start, format: "%d.%m.%Y"}}

routing:
  queue: revops            # who gets what nobody owns
  csm_may_close: false
"""

_CATALOG = """\
# What we sell, where no table says it: products with plans, limits and problem domains, metrics, competitors, team.
# products:
#   crm:
#     name: CRM
#     kind: product
#     domains: [sales]
#     plans:
#       crm_standard:
#         name: Standard
#         rank: 1
#         charge: per_unit
#         prices: {EUR: 29}
"""


def start_project(folder: Path, *, sample: bool = False) -> list[str]:
    """The names of the files written; ``UsageError`` where the folder holds a project or cannot be written."""
    if (folder / FILE).exists():
        raise UsageError(f"{folder / FILE} exists already: choose another folder, or change that file")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sample:
            write_sample(folder)
        else:
            (folder / "data").mkdir(exist_ok=True)
            (folder / FILE).write_text(_PROJECT.format(name=folder.resolve().name), encoding="utf-8")
            (folder / "catalog.yaml").write_text(_CATALOG, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; choose another folder") from error
    return sorted(path.name for path in folder.iterdir() if path.is_file())
