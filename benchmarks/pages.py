"""What a page costs: processor time a request beside an empty page of the same frame, and how many queries it takes.

    python benchmarks/pages.py [--accounts 5000] [--requests 40] [--folder DIR]

Serves a book of many accounts in this process and asks as people do, signed in: the inbox of 50 rows, an account, the
white-space map of 100 accounts and 20 products. Exits 1 where a page is over its bar.

Pages are asked in turn, so that all meet the same machine. The bar is for the least: what else the machine does only
adds (on one of two busy processors the median was twice the least). The median is told beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from book_of_many import write_many

from upcross.applied import apply
from upcross.project import open_project
from upcross.verbs import load

BARS = {"inbox": 25, "account": 60, "white space": 90}
"""Milliseconds of processor time beyond the empty page."""
MOST_QUERIES = 12


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--accounts", type=int, default=5000)
    asked.add_argument("--requests", type=int, default=40)
    asked.add_argument("--folder", type=Path, default=None)
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="upcross-pages-")) / "demo"
    fresh = not (folder / "upcross.yaml").exists()
    if fresh:
        write_many(folder, given.accounts)
    project = open_project(folder)
    from upcross.web.settings import use

    use(project)
    if fresh:
        load(project)
        apply(project)
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment
    from django.urls import path

    from upcross.access.models import User
    from upcross.access.roles import Capability
    from upcross.app.shell.answering import answer
    from upcross.ledger.models import Account, Opportunity
    from upcross.web import rules, urls
    from upcross.web.wsgi import settle

    setup_test_environment(debug=False)

    def empty(request: Any) -> Any:
        return answer(request, "base.html", {}, title="Empty")

    urls.urlpatterns.append(path("empty/", empty, name="empty"))
    rules.RULES["empty"] = rules.Rule(Capability.READ)

    def client_of(role: str, person: str) -> Any:
        given = {"role": role, "name": role, "person_id": person}
        user, _ = User.objects.get_or_create(email=f"{role}@bench.example", defaults=given)
        found = Client(headers={"host": "localhost"})
        found.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return found

    clients = {"csm": client_of("csm", "lena.hoffmann"), "leader": client_of("leader", "ulrike.sommer")}
    hers = Opportunity.objects.filter(owner="lena.hoffmann").values_list("account_id", flat=True)
    pages = {
        "empty": ("csm", "/empty/"),
        "inbox": ("csm", "/"),
        "account": ("csm", f"/accounts/{hers.order_by('account_id').first()}/"),
        "white space": ("leader", "/white-space/"),
    }
    accounts = Account.objects.count()
    print(f"{accounts:,} accounts, {Opportunity.objects.count():,} opportunities; {given.requests} requests each")
    print(f"{'page':<14}{'CPU ms':>9}{'beyond empty':>14}{'bar':>6}{'median beyond':>15}{'queries':>9}{'kB':>7}")
    settle()
    for who, address in pages.values():
        warm(clients[who], address)
    times: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(given.requests):
        for name, (who, address) in pages.items():
            times[name].append(cost(clients[who], address))
    least = {name: min(found) for name, found in times.items()}
    middle = {name: statistics.median(found) for name, found in times.items()}
    over = False
    for name, (who, address) in pages.items():
        with CaptureQueriesContext(connection) as asked_of:
            size = len(clients[who].get(address).content)
        beyond = least[name] - least["empty"]
        bar = BARS.get(name)
        over |= (bar is not None and beyond > bar) or len(asked_of) > MOST_QUERIES
        print(f"{name:<14}{least[name]:>9.1f}{beyond:>14.1f}{bar or '':>6}{middle[name] - middle['empty']:>15.1f}"
              f"{len(asked_of):>9}{size / 1024:>7.0f}")  # fmt: skip
    return int(over)


def warm(client: Any, address: str) -> None:
    """What is kept while a process lives is read before it is measured."""
    for _ in range(3):
        found = client.get(address)
        assert found.status_code == 200, f"{address}: {found.status_code}"


def cost(client: Any, address: str) -> float:
    """Milliseconds of processor time of one request, as the server spends it."""
    began = time.process_time()
    client.get(address)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
