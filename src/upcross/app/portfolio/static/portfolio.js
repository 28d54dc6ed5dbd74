// The panel of a cell: it takes the focus when it opens, Escape closes it, and the focus goes back to its cell.
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
})();
