"""What holds for every page: anybody can read it, on any screen, in the light and in the dark, with and without scripts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import axe_playwright_python
import pytest

from app.conftest import Opened
from app.site import Site

PAGES = {
    "sign in": ("", "/sign-in/"),
    "password": ("csm", "/password/"),
    "second factor": ("csm", "/second-factor/"),
    "today": ("csm", "/"),
    "find": ("csm", "/find/?q=a"),
    "accounts": ("csm", "/accounts/"),
    "account": ("leader", "/accounts/A83/"),
    "account, story": ("leader", "/accounts/A300/story/"),
    "account, people": ("leader", "/accounts/A116/people/?person=new"),
    "account, plan": ("csm", "/accounts/A01/plan/?history=1"),
    "account, movements": ("leader", "/accounts/A01/movements/"),
    "account, why": ("leader", "/accounts/A01/why/"),
    "white space": ("csm", "/white-space/"),
    "unlock": ("manager", "/unlock/"),
    "numbers": ("leader", "/numbers/"),
    "plays": ("revops", "/plays/"),
    "play": ("revops", "/plays/seat-expansion/"),
    "runs": ("revops", "/runs/"),
    "data quality": ("revops", "/runs/data/"),
    "admin": ("admin", "/admin/"),
    "change of a play": ("revops", "/plays/seat-expansion/change/"),
    "tokens": ("admin", "/admin/tokens/"),
    "roles": ("revops", "/admin/roles/"),
    "connections": ("admin", "/admin/connections/"),
    "work": ("manager", "/admin/whose-work/"),
    "teams": ("revops", "/admin/teams/"),
    "record": ("revops", "/admin/record/?seq=1"),
}
"""Every kind of page, and somebody who may see it."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
OF_COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""The rules that look at colours: the others find in the dark what they found in the light."""
AXE_SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
VIOLATIONS = """async (options) => (await axe.run(document, options)).violations.flatMap((one) =>
  one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`))"""
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
TOO_SMALL = """least => [...document.querySelectorAll('main button, main select, main summary, main input:not([type=hidden]), .places a')]
  .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.closest('p, li, td, th, dd, caption') )
  .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([_, box]) => box.width > 0 && (box.width < least || box.height < least))
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_it(name: str, site: Site, opened: Opened) -> None:
    who, path = PAGES[name]
    page = opened(site, who, path)
    assert page.evaluate(STATUS) == 200  # a page that says what is missing is readable too
    assert page.locator("h1").count() == 1
    with_scripts = Counter(page.locator("main").inner_text().split())
    without = Counter(opened(site, who, path, scripts=False).locator("main").inner_text().split())
    assert with_scripts - without == Counter()  # beside it stand the buttons that scripts press by themselves
    page.evaluate(AXE_SOURCE)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} pixels wide on a screen of {width}"
        assert page.evaluate(TOO_SMALL, 24) == []
        for scheme, rules in (("light", AXE), ("dark", OF_COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert page.evaluate(VIOLATIONS, rules) == [], f"{width} {scheme}"
    page.set_viewport_size({"width": 720, "height": 450})  # 1440 pixels at twice the size of letters
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


def test_nothing_moves_without_need_where_less_motion_is_asked_for(site: Site, opened: Opened) -> None:
    page = opened(site, "csm", "/", reduced_motion="reduce")
    moving = "[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e); return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0.01 }).length"
    assert page.evaluate(moving) == 0
