"""The command that serves: pages, sign-in and API, and the worker beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from upcross.project import open_project

Folder = Annotated[Path, typer.Option("--project", "-C", help="The project's folder.")]


def serve(
    project: Folder = Path(),
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Processes that answer requests.")] = 1,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Listen beyond this machine without https all the same.")
    ] = False,
) -> None:
    """Serve the project until Ctrl+C: pages, sign-in and API, and the worker that delivers and keeps the clocks."""
    opened = open_project(project)
    from upcross.web.ending import end_at_once
    from upcross.web.listening import Listening, listen

    end_at_once(listen(opened, Listening(host, port, workers, plain_http)))
