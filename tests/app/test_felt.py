"""How pages feel: quick under the keys, still under the eyes, large enough for a finger, plain without colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.conftest import Opened
from app.site import Site

MOVED = """() => {
  window.moved = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) window.moved += one.value; }))
    .observe({ type: "layout-shift", buffered: true });
}"""
KEY_TO_FOUND = """() => {
  window.taken = [];
  const list = document.getElementById("palette-found");
  let pressed = 0;
  document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => { if (pressed) window.taken.push(performance.now() - pressed); pressed = 0; }))
    .observe(list, { childList: true });
}"""


def test_the_palette_shows_what_is_found_within_a_tenth_of_a_second_of_each_key(site: Site, opened: Opened) -> None:
    page = opened(site, "leader")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-found [role=option]")).to_have_count(12)
    page.evaluate(KEY_TO_FOUND)
    for place, key in enumerate("sofortkauf", 1):
        page.keyboard.press(key)
        page.wait_for_function("count => window.taken.length === count", arg=place)
    taken = sorted(page.evaluate("window.taken"))
    assert taken[len(taken) // 2] <= 100, taken  # the middle one: a busy machine may hold up one frame
    expect(page.locator("#palette-found [role=option]").first).to_contain_text("Sofortkauf Werkzeuge")


def test_the_row_one_works_stays_where_it_is_while_the_drawer_opens_and_closes(site: Site, opened: Opened) -> None:
    page = opened(site, "csm")
    page.evaluate(MOVED)
    for lane in ("wider", "deeper"):
        row = page.locator(f".lane.{lane} [data-row]").nth(1)
        row.scroll_into_view_if_needed()
        before = row.bounding_box()
        row.locator(".row-open").click()
        expect(page.locator(".drawer")).to_be_visible()
        page.wait_for_function("row => row.classList.contains('at')", arg=row.element_handle())
        after = row.bounding_box()
        assert before and after and abs(after["y"] - before["y"]) <= 2, lane
        page.keyboard.press("Escape")
        expect(page.locator(".drawer")).to_have_count(0)
        again = row.bounding_box()
        assert again and abs(again["y"] - before["y"]) <= 2, lane
    assert page.evaluate("window.moved") < 0.05


TOLD_APART = """(selector) => {
  const found = {};
  for (const one of document.querySelectorAll(selector)) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    const state = [...one.classList].filter((name) => !['badge', 'segment', 'health', 'state', 'part'].includes(name) && !/^h[0-9]$/.test(name)).join(' ');
    const style = getComputedStyle(one), edge = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none';
    (found[state] ||= { edge: true, words: [] }).edge &&= edge;
    found[state].words.push((one.querySelector('.glyph, small')?.parentElement || one).innerText.trim().replace(/\\s+/g, ' '));
  }
  return found;
}"""
STATES = {
    "/white-space/": "td[class^=s-]",
    "/?tab=held": ".badge",
    "/accounts/": ".segment",
    "/runs/data/": ".badge",
}
"""Where states are shown, and what shows them."""


def test_states_are_told_apart_without_any_colour(site: Site, opened: Opened) -> None:
    page = opened(site, "leader", forced_colors="active")
    for path, selector in STATES.items():
        page.goto(path)
        found = page.evaluate(TOLD_APART, selector)
        assert len(found) > 1, path
        for state, shown in found.items():
            assert shown["edge"], f"{path}: {state} has no border"
            assert all(shown["words"]), f"{path}: {state} says nothing"
        said = {state: {text.split("\n")[0] for text in shown["words"]} for state, shown in found.items()}
        several = [(one, other) for one in said for other in said if one < other and said[one] & said[other]]
        assert several == [], f"{path}: only a colour tells these apart"
        here = page.locator(".places [aria-current]")
        assert here.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.goto("/")
    page.keyboard.press("j")
    assert page.locator("[data-row].at").evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


TOUCHED = {
    "today": ("csm", "/"),
    "today, drawer": ("csm", "/?tab=held"),
    "account": ("csm", "/accounts/A01/"),
    "plan": ("csm", "/accounts/A01/plan/"),
    "people": ("csm", "/accounts/A01/people/"),
    "accounts": ("csm", "/accounts/"),
    "white space": ("csm", "/white-space/"),
    "unlock": ("manager", "/unlock/"),
    "numbers": ("leader", "/numbers/"),
    "plays": ("revops", "/plays/"),
    "change of a play": ("revops", "/plays/seat-expansion/change/"),
    "whose work": ("revops", "/admin/whose-work/"),
}
TOO_SMALL_TO_TOUCH = """() => [...document.querySelectorAll(
    'button, .button, select, input:not([type=hidden]), textarea, summary, .tabs a, .places a, .chip a, .menu-body a, .legend a, .kpi .value a')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('p, dd, dialog, [popover]:not(:popover-open)'))
  .map((one) => one.matches('[type=checkbox], [type=radio]') ? one.closest('label') || one : one)
  .map((one) => [one.outerHTML.slice(0, 110), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""


@pytest.mark.parametrize("name", TOUCHED)
def test_a_finger_hits_what_can_be_pressed(name: str, site: Site, opened: Opened) -> None:
    who, path = TOUCHED[name]
    page = opened(site, who, path, width=390, height=844, has_touch=True, is_mobile=True)
    if name == "today, drawer":
        page.locator(".row-open").first.tap()
        expect(page.locator(".drawer")).to_be_visible()
    assert page.evaluate(TOO_SMALL_TO_TOUCH) == []
