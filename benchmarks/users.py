"""Fifty people at once: four of five requests read, one writes; nothing fails, and nothing acknowledged is lost.

    python benchmarks/users.py [--users 50] [--seconds 60] [--workers 2] [--folder DIR]

Serves the sample's written stories as `upcross serve` does, on SQLite or on the database that UPCROSS_DATABASE
names, and works it over HTTP. Prints the machine's load beside the times, since both are of one machine.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import httpx2

from upcross.applied import apply
from upcross.project import open_project
from upcross.sample import write_sample
from upcross.verbs import load

STEPS = ({"step": "comment"}, {"step": "dismiss", "reason": "duplicate"}, {"step": "undo"})


@dataclass
class Seen:
    """What one of the users saw."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def prepared(folder: Path, users: int) -> list[str]:
    """A loaded project with a ledger, and a token for each user."""
    write_sample(folder, stories_only=True)
    project = open_project(folder)
    from upcross.web.settings import use

    use(project)  # before anything else opens the ledger: it is the server's Django that makes tokens
    load(project)
    apply(project)
    from upcross.access.tokens import make
    from upcross.ledger.actor import operator

    scopes = ["read", "contacts", "write", "log"]
    return [make(operator("bench"), f"user {n}", scopes, role="revops")[1] for n in range(users)]


def user(address: str, token: str, number: int, until: float, seen: Seen) -> None:
    chance = random.Random(number)
    with httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:

        def ask(times: list[float], method: str, path: str, **more: object) -> httpx2.Response | None:
            began = time.perf_counter()
            try:
                answer = client.request(method, path, **more)
            except httpx2.HTTPError as error:
                seen.wrong.append(f"{method} {path}: {error!r}")
                return None
            times.append(time.perf_counter() - began)
            seen.statuses[answer.status_code] += 1
            if answer.status_code >= 500:
                seen.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return answer

        listed = ask(seen.reads, "GET", "/opportunities?limit=50")
        keys = [item["id"] for item in listed.json()["items"]] if listed and listed.status_code == 200 else []
        while time.time() < until and keys:
            key = chance.choice(keys)
            if chance.random() < 0.8:
                path = chance.choice(["/opportunities?limit=50", f"/opportunities/{key}", "/opportunities/summary"])
                ask(seen.reads, "GET", path)
            else:
                found = ask(seen.reads, "GET", f"/opportunities/{key}")
                if not found or found.status_code != 200:
                    continue
                text = f"{number} {uuid.uuid4()}"
                headers = {"If-Match": found.headers["ETag"], "Idempotency-Key": text}
                body = {**chance.choice(STEPS), "text": text}
                done = ask(seen.writes, "POST", f"/opportunities/{key}/steps", json=body, headers=headers)
                if done and done.status_code == 200:
                    seen.acknowledged.append(text)
            time.sleep(chance.uniform(0.2, 0.6))


def told(name: str, times: list[float]) -> str:
    if len(times) < 2:
        return f"{name:<8}{len(times):>7}"
    cuts = quantiles(times, n=100)
    shown = "  ".join(f"p{part} {cuts[part - 1] * 1000:>6.0f} ms" for part in (50, 95, 99))
    return f"{name:<8}{len(times):>7}  {shown}"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--users", type=int, default=50)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--folder", type=Path, default=None)
    given = asked.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="upcross-users-"))
    tokens = prepared(folder / "demo", given.users)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "upcross.cli.app", "serve", "-C", str(folder / "demo"), "--port", str(port),
               "--workers", str(given.workers)]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    seen = [Seen() for _ in tokens]
    try:
        address = f"http://127.0.0.1:{port}/api/v1"
        for _ in range(300):
            try:
                httpx2.get(f"{address}/openapi.json", timeout=5)
                break
            except httpx2.HTTPError:
                time.sleep(0.2)
        until = time.time() + given.seconds
        users = [
            threading.Thread(target=user, args=(address, token, number, until, seen[number]))
            for number, token in enumerate(tokens)
        ]
        for one in users:
            one.start()
        for one in users:
            one.join()
        load_now = os.getloadavg()[0]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    from upcross.ledger.models import EntryText
    from upcross.ledger.verifying import verify

    kept = set(EntryText.objects.filter(name="text").values_list("text", flat=True))
    acknowledged = [text for one in seen for text in one.acknowledged]
    lost = [text for text in acknowledged if text not in kept]
    wrong = [text for one in seen for text in one.wrong]
    reads, writes = [t for one in seen for t in one.reads], [t for one in seen for t in one.writes]
    statuses = sum((one.statuses for one in seen), Counter())
    whole = verify()
    pace = (len(reads) + len(writes)) / given.seconds
    print(f"{given.users} users, {given.seconds:.0f} s, {pace:.0f} requests a second;"
          f" load {load_now:.1f} on {os.cpu_count()} cores")  # fmt: skip
    print(told("reads", reads))
    print(told("writes", writes))
    print("answers ", ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    print(f"acknowledged {len(acknowledged)}, lost {len(lost)}; failed {len(wrong)}; the record is "
          f"{'whole' if whole.fault is None else f'not whole: {whole.fault}'}")  # fmt: skip
    for line in wrong[:5]:
        print("  ", line)
    return 1 if lost or wrong or whole.fault else 0


if __name__ == "__main__":
    sys.exit(main())
