// The tree of people is walked by keys; fields of the plan are kept as they are left.
"use strict";

(() => {
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest("[data-tree] > li");
    if (!here || event.target !== here) return;
    const all = [...here.parentElement.children], at = all.indexOf(here);
    const level = (item) => Number(item.getAttribute("aria-level"));
    let to = null;
    if (event.key === "ArrowDown") to = all[at + 1];
    else if (event.key === "ArrowUp") to = all[at - 1];
    else if (event.key === "Home") to = all[0];
    else if (event.key === "End") to = all.at(-1);
    else if (event.key === "ArrowRight" && all[at + 1] && level(all[at + 1]) > level(here)) to = all[at + 1];
    else if (event.key === "ArrowLeft") to = all.slice(0, at).reverse().find((item) => level(item) < level(here));
    else if (event.key === "Enter") { here.querySelector("a")?.click(); return; }
    else return;
    event.preventDefault();
    if (!to) return;
    here.tabIndex = -1; to.tabIndex = 0; to.focus();
  });

  // A field of the plan is sent a moment after the last key, and when it is left.
  const waiting = new Map();
  const send = (form) => { clearTimeout(waiting.get(form)); waiting.delete(form); form.requestSubmit(); };
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave]");
    if (!form) return;
    const saved = form.querySelector("[data-saved]");
    if (!saved) return; // somebody else wrote it too: whoever looks decides, not a clock
    saved.textContent = "not saved yet";
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => send(form), 1200));
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form && waiting.has(form)) send(form);
  });
  addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
})();
