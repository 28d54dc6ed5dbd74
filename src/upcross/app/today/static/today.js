// Triage by keyboard, and where the focus goes: everything here is also a link or a button.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const at = () => document.querySelector("[data-row].at");
  const drawer = () => document.querySelector("#drawer [data-open]");
  const inDrawer = (selector) => document.querySelector(`#drawer ${selector}`);

  // The row under the keys: marked, in sight, and with the focus, so that whoever listens hears it.
  const go = (row, { focus = true } = {}) => {
    if (!row) return;
    rows().forEach((one) => one.classList.toggle("at", one === row));
    if (focus) row.querySelector(".row-open").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = rows(), now = all.indexOf(at());
    const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by))];
    go(next);
    if (drawer() && next) next.querySelector(".row-open").click();
  };
  const press = (key) => {
    const many = document.querySelector("[name=item]:checked") && document.querySelector(`#bulk [data-many="${key}"]`);
    if (many) {
      many.open = true;
      many.querySelector("select, input").focus();
      return true;
    }
    const inside = inDrawer(`.steps [data-key="${key}"]`);
    if (inside) { inside.click(); return true; }
    const row = at(), there = row && row.querySelector(`[data-key="${key}"]`);
    if (there) { there.click(); return true; }
    return false;
  };

  document.addEventListener("upcross:key", (event) => {
    const key = event.detail.key;
    const row = at();
    const done = {
      j: () => step(1), k: () => step(-1), ArrowDown: () => (row ? step(1) : false), ArrowUp: () => (row ? step(-1) : false),
      a: () => press("a"), d: () => press("d"), h: () => press("h"),
      o: () => { if (row) row.querySelector(".row-open").click(); },
      x: () => { const box = row && row.querySelector("[name=item]"); if (box) box.click(); },
      u: () => {
        const undo = document.querySelector("#toasts form button") || inDrawer("[data-undo] button");
        if (undo) undo.click();
      },
      l: () => { const link = document.querySelector("[data-hear]"); if (link) link.click(); },
      "/": () => { const field = document.querySelector("[data-search]"); if (field) { field.focus(); field.select(); } },
      "?": () => document.getElementById("keys").showModal(),
      Escape: () => {
        const link = inDrawer("[data-cancel]") || inDrawer("[data-close]");
        if (link) link.click();
      },
    }[key];
    if (done && done() !== false) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const field = event.target.closest("#drawer form, [data-search]");
    if (!field) return;
    event.preventDefault();
    if (field.matches("[data-search]")) { field.blur(); go(at() || rows()[0]); return; }
    const link = inDrawer("[data-cancel]");
    if (link) link.click();
  });

  const send = (field) => field.form.querySelector(".buttons button").click();  // htmx knows by the press which step is meant
  // Enter on a reason that is chosen sends the form, as it does in a field; Ctrl (or ⌘) Enter sends it from anywhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.shiftKey) return;
    const field = event.target.closest(".step-form :is(select, textarea, input)");
    if (!field || !(event.ctrlKey || event.metaKey || (field.matches("select") && field.value))) return;
    if (field.matches("select")) {
      // Enter may as well choose in the list that is open: then it changes what is chosen, or closes the list, and no more.
      const chosen = field.value, open = CSS.supports("selector(:open)") && field.matches(":open");
      if (!open) setTimeout(() => { if (field.value === chosen && field.isConnected) send(field); }, 150);
      return;
    }
    event.preventDefault();
    send(field);
  });

  // What is taken is followed by the next row: the address to come back to names it.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-step], [data-undo]");
    if (!form) return;
    const all = rows(), row = form.closest("[data-row]") || at(), place = all.indexOf(row);
    const stays = event.submitter && ["comment", "qualify"].includes(event.submitter.value);
    const next = stays || form.matches("[data-undo]") ? row : all[place + 1] || all[place - 1];
    const field = form.querySelector("[name=next]");
    if (!next || place < 0 || !field) return;
    const back = new URL(field.value, location.href);
    back.searchParams.set("at", next.dataset.row);
    field.value = back.pathname + back.search;
  }, true);

  // The lanes stand below each other while the drawer is open: the row one works stays where it was on the screen.
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "drawer") return;
    const row = event.detail.requestConfig.elt.closest("[data-row]") || at();
    held = row && { row, top: row.getBoundingClientRect().top };
  });
  const hold = () => {
    if (held && held.row.isConnected) scrollBy({ top: held.row.getBoundingClientRect().top - held.top, behavior: "instant" });
    held = null;
  };

  // The drawer: its row is marked, and the focus goes to what is to be filled in.
  const settle = () => {
    const open = drawer();
    if (open) {
      go(document.getElementById(`row-${open.dataset.open}`), { focus: false });
      const field = open.querySelector("[aria-invalid=true]")
        || open.querySelector(".step-form :is(textarea, select, input:not([type=hidden]))");
      (field || open).focus({ preventScroll: true });
      return;
    }
    const hearing = inDrawer("[data-heard-drawer]");
    if (hearing) (hearing.querySelector("[aria-invalid=true]") || hearing.querySelector("input:not([type=hidden])") || hearing).focus();
    else if (at()) go(at());
  };
  document.addEventListener("DOMContentLoaded", settle);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "drawer") hold(); });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "drawer") settle(); });

  // Choosing many: the buttons say how many, shift takes the rows between.
  let last = null;
  const boxes = () => [...document.querySelectorAll("[name=item]")];
  const count = () => {
    const every = document.querySelector("[data-all]");
    const number = every && every.checked ? Number(every.dataset.all) : boxes().filter((box) => box.checked).length;
    document.querySelectorAll("[data-count]").forEach((one) => { one.textContent = number ? ` ${number}` : ""; });
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[name=item]");
    if (!box) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    }
    last = box;
    count();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    boxes().forEach((box) => { box.checked = button.dataset.choose === "all"; });
    const every = document.querySelector("[data-all]");
    if (every) every.checked = false;
    count();
  });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-all]")) count(); });
  document.addEventListener("DOMContentLoaded", count);
})();
