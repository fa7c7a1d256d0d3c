"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const bar = id("_filter");
  const checks = [...document.querySelectorAll(".check")];
  const fields = ["_words", "_outcome", "_inphase", "_owner"].map(id);
  const texts = new Map();
  const text = (check) => {
    if (!texts.has(check)) texts.set(check, check.textContent.toLowerCase().replace(/\s+/g, " "));
    return texts.get(check);
  };
  const show = () => {
    const [words, outcome, phase, owner] = fields.map((field) => field.value);
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const check of checks) {
      const fits = (!outcome || check.classList.contains(outcome)) &&
        (!phase || check.parentElement.id === phase) &&
        (!owner || check.dataset.owner === owner) &&
        wanted.every((word) => text(check).includes(word));
      check.classList.toggle("off", !fits);
      shown += fits;
    }
    for (const part of document.querySelectorAll("#_checks > section")) {
      part.classList.toggle("off", shown < checks.length && !part.querySelector(".check:not(.off)"));
    }
    id("_shown").textContent = (shown ? "" : "Nothing matches: ") + `${shown} of ${checks.length} checks shown`;
  };
  const clear = () => {
    for (const field of fields) field.value = "";
    show();
  };
  const reveal = () => {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { return; }
    const target = name && id(name);
    if (!target) return;
    if (target.closest(".off")) clear();
    for (let place = target; place; place = place.parentElement) {
      if (place.tagName === "DETAILS") place.open = true;
    }
    target.scrollIntoView();
  };
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
  addEventListener("hashchange", reveal);
  addEventListener("click", (event) => {
    // A link to where the address points already changes nothing: no other event comes.
    if (event.target.closest("a")?.href === location.href) reveal();
  });
  if (bar && checks.length) {
    for (const field of fields) field.addEventListener("input", show);
    id("_clear").addEventListener("click", () => { clear(); fields[0].focus(); });
    bar.hidden = false;
    show();
  }
  reveal();
})();
