"""Draw the pictures of the pages: ``python docs/screenshots.py`` serves the sample company and photographs it.

Needs Chromium. Each picture stays under 300 kB.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from app.site import Site  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
LARGEST = 300_000
DAY = "2026-09-30"
PICTURES = {
    # name: who, path, width, height, dark
    "today": ("csm", "/", 1440, 860, False),
    "today-dark": ("csm", "/", 1440, 860, True),
    "today-phone": ("csm", "/", 390, 844, False),
    "account": ("csm", "/accounts/A83/", 1440, 900, False),
    "white-space": ("leader", "/white-space/", 1440, 900, False),
    "numbers": ("leader", "/numbers/", 1440, 900, False),
    "unlock": ("manager", "/unlock/", 1440, 900, False),
    "play": ("revops", "/plays/seat-expansion/", 1440, 900, False),
}


def main() -> int:
    """Make the company, serve it, photograph it."""
    OUT.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "UPCROSS_TODAY": DAY,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]),
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "lindhafen"
        for command in (["init", str(folder), "--sample"], ["load", "-C", str(folder)]):
            subprocess.run(
                [sys.executable, "-m", "upcross.cli.app", *command], env=environment, stdout=subprocess.DEVNULL
            )
        subprocess.run([sys.executable, "-m", "app.site", str(folder)], env=environment, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "upcross.cli.app", "serve", "-C", str(folder), "--port", str(port)],
            env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            site = Site(f"http://127.0.0.1:{port}", folder)
            _wait(site.address)
            return _photograph(site)
        finally:
            server.terminate()
            server.wait()


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/sign-in/", timeout=2).read()
            return
        except OSError:
            time.sleep(0.1)


def _photograph(site: Site) -> int:
    large = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (who, path, width, height, dark) in PICTURES.items():
            context = browser.new_context(
                base_url=site.address, viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light", storage_state=site.signed_in(who),
            )  # fmt: skip
            page = context.new_page()
            page.goto(path)
            page.screenshot(path=OUT / f"{name}.png")
            size = (OUT / f"{name}.png").stat().st_size
            large += size > LARGEST
            print(f"{name}: {size:,} bytes{' (too large)' if size > LARGEST else ''}")
            context.close()
        browser.close()
    return int(large > 0)


if __name__ == "__main__":
    sys.exit(main())
