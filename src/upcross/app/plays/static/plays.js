// What takes some seconds says so: the button that was pressed tells, and is not pressed twice.
"use strict";
document.addEventListener("submit", (event) => {
  const words = event.target.dataset && event.target.dataset.busy;
  if (!words) return;
  const button = event.submitter || event.target.querySelector("button");
  if (button.getAttribute("aria-busy")) { event.preventDefault(); return; }
  button.setAttribute("aria-busy", "true");
  button.textContent = words;
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
