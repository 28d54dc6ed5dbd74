"""Every page of the app: the routes of its areas, in one table."""

from __future__ import annotations

from upcross.app.accounts.routes import ROUTES as ACCOUNTS
from upcross.app.admin.routes import ROUTES as ADMIN
from upcross.app.numbers.routes import ROUTES as NUMBERS
from upcross.app.plays.routes import ROUTES as PLAYS
from upcross.app.portfolio.routes import ROUTES as PORTFOLIO
from upcross.app.runs.routes import ROUTES as RUNS
from upcross.app.shell.palette import find
from upcross.app.shell.route import Route
from upcross.app.shell.views import ROUTES as VIEWS
from upcross.app.today.routes import ROUTES as TODAY
from upcross.app.unlock.routes import ROUTES as UNLOCK

ROUTES: tuple[Route, ...] = (
    *TODAY, *ACCOUNTS, *PORTFOLIO, *UNLOCK, *NUMBERS, *PLAYS, *RUNS, *ADMIN, Route("find/", find, "palette"),
    *VIEWS,
)  # fmt: skip
