// The map by keyboard: Tab comes to one cell and goes on behind the map, arrows go from cell to cell, Enter opens one.
// Its panel takes the focus, Escape closes it, and the focus goes back to the cell.
"use strict";

(() => {
  let from = null;
  document.addEventListener("click", (event) => {
    const cell = event.target.closest(".map tbody td a");
    if (cell) from = cell.getAttribute("href");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const panel = document.querySelector("#drawer [data-drawer]");
    if (panel && event.target.id === "drawer") panel.focus();
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (!close || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    history.pushState({}, "", close.href);
    document.getElementById("drawer").replaceChildren();
    const cell = from && document.querySelector(`.map a[href="${CSS.escape(from)}"]`);
    (cell || document.querySelector(".map")).focus();
  });
  document.addEventListener("keydown", (event) => {
    const close = document.querySelector("#drawer [data-close]");
    if (event.key === "Escape" && close) { event.preventDefault(); close.click(); }
  });

  const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const cells = () => document.querySelectorAll(".map tbody td a");
  const here = (cell) => cells().forEach((one) => { one.tabIndex = one === cell ? 0 : -1; });
  document.addEventListener("DOMContentLoaded", () => { if (cells().length) here(cells()[0]); });
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key], cell = event.target.closest && event.target.closest(".map tbody td a");
    if (!step || !cell) return;
    event.preventDefault();
    const [down, right] = step;
    let row = cell.closest("tr"), column = cell.closest("td").cellIndex, found = null;
    do {
      if (down) row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
      column += right;
      const next = row && row.cells[column];
      if (!next) return;
      found = next.querySelector("a[href*='of=']");
    } while (!found);
    cell.tabIndex = -1;
    found.tabIndex = 0;
    found.focus();
    found.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
})();
