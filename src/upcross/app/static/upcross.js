// What makes pages quicker for those who have scripts: everything here also works without, by links and forms.
"use strict";

(() => {
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  // Keys: "g" and a letter go to a place; pages add their own by listening to "upcross:key".
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette("");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => menu.removeAttribute("open"));
    }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (going && Date.now() - going < 1200) {
      const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      going = 0;
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    if (event.key === "g") { going = Date.now(); return; }
    const told = new CustomEvent("upcross:key", { detail: { key: event.key, shift: event.shiftKey }, cancelable: true });
    if (!document.dispatchEvent(told)) event.preventDefault();
  });

  // Menus close when one clicks elsewhere.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // Forms of filters are sent as soon as something is chosen.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form) form.requestSubmit();
  });

  // Toasts go after a while, but never while the pointer or the focus is on them.
  const fade = (toast) => {
    if (toast.dataset.timed) return;
    toast.dataset.timed = "yes";
    const end = () => (toast.matches(":hover, :focus-within") ? setTimeout(end, 3000) : toast.remove());
    setTimeout(end, 14000);
  };
  const watchToasts = () => document.querySelectorAll("[data-toast]").forEach(fade);
  document.addEventListener("DOMContentLoaded", watchToasts);
  document.addEventListener("htmx:afterSettle", watchToasts);
  document.addEventListener("htmx:oobAfterSwap", watchToasts);

  const tell = (text) => {
    const toast = document.createElement("div");
    toast.className = "toast fault";
    toast.dataset.toast = "";
    toast.textContent = text;
    document.getElementById("toasts").append(toast);
    fade(toast);
  };

  // What the server refuses is shown where it belongs; what never reached it is said, and what was typed stays.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 400 && event.detail.xhr.getResponseHeader("X-Upcross-Part")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Upcross-Part")) return;
    const shown = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector("main .fault, main p");
    tell(shown ? shown.textContent : "That did not work. Nothing was changed.");
  });
  document.addEventListener("htmx:sendError", () => tell("The server cannot be reached. Nothing was changed; what you typed is still here."));

  // The palette: what is typed is looked up here, among what was loaded once.
  const palette = () => document.getElementById("palette");
  let known = null, shown = [], at = 0;
  const show = () => {
    const list = document.getElementById("palette-found");
    const input = document.getElementById("palette-input");
    const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    shown = (known || []).map((one) => {
      const text = `${one.words} ${one.kind}`.toLowerCase();
      if (!wanted.every((word) => text.includes(word))) return null;
      return { ...one, rank: one.words.toLowerCase().startsWith(wanted[0] || "") ? 0 : 1 };
    }).filter(Boolean).sort((a, b) => a.rank - b.rank).slice(0, 12);
    at = Math.min(at, Math.max(shown.length - 1, 0));
    list.replaceChildren(...shown.map((one, place) => {
      const row = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("small");
      row.id = `found-${place}`; row.setAttribute("role", "option"); row.setAttribute("aria-selected", place === at);
      link.href = one.href; link.tabIndex = -1; link.textContent = one.words; kind.textContent = one.kind;
      link.append(kind); row.append(link);
      return row;
    }));
    if (shown.length) input.setAttribute("aria-activedescendant", `found-${at}`);
    else { input.removeAttribute("aria-activedescendant"); if (known) list.innerHTML = ""; }
  };
  const openPalette = async (text) => {
    const dialog = palette();
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const input = document.getElementById("palette-input");
    input.value = text; at = 0; input.focus(); show();
    if (known === null) {
      const answer = await fetch(dialog.querySelector("form").action + "?format=json", { headers: { Accept: "application/json" } });
      known = answer.ok ? (await answer.json()).found : [];
      show();
    }
  };
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-palette-open]")) { event.target.blur(); openPalette(event.target.value); }
  });
  document.addEventListener("input", (event) => { if (event.target.id === "palette-input") { at = 0; show(); } });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "palette-input") return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = Math.max(0, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      show();
    } else if (event.key === "Enter" && shown[at]) {
      event.preventDefault();
      location.assign(shown[at].href);
    }
  });
  document.addEventListener("click", (event) => { if (event.target === palette()) palette().close(); });
})();
