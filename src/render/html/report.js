"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // The theme: the system's until somebody decides; kept where the browser lets a file keep something.
  const button = byId("theme");
  const words = {"": "Theme: as the system", light: "Theme: light", dark: "Theme: dark"};
  const order = ["", "light", "dark"];
  const remembered = () => { try { return localStorage.getItem("plimsoll-theme") || ""; } catch { return ""; } };
  const show = (theme) => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    button.textContent = words[theme];
  };
  show(order.includes(remembered()) ? remembered() : "");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(root.dataset.theme || "") + 1) % order.length];
    show(next);
    try { localStorage.setItem("plimsoll-theme", next); } catch { /* for this view only */ }
  });

  // A link to something folded unfolds it.
  const unfold = () => {
    const target = location.hash.length > 1 && byId(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.firstElementChild.focus();
    }
  };
  addEventListener("hashchange", unfold);
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#s']");
    if (link && link.hash === location.hash) unfold();
  });
  unfold();

  // The filter. What a service's row has is read once, its text when somebody searches for the first time.
  const form = byId("filter");
  let owners = [], chunks = [], rows = [];
  const read = () => {
    owners = [...document.querySelectorAll(".owner")];
    chunks = [...document.querySelectorAll(".chunk")];
    rows = [];
    for (const owner of owners) {
      for (const details of owner.querySelectorAll(":scope > details")) {
        rows.push({details, row: byId("m" + details.id.slice(1)), owner: owner.dataset.o, tier: details.dataset.t,
                   state: details.dataset.s, rules: " " + details.dataset.r + " ", text: null,
                   name: owner.firstElementChild.textContent});
      }
    }
    form.hidden = rows.length === 0;
  };
  const field = (name) => byId("f-" + name);
  const textOf = (one) => one.text ??= (one.name + " " + one.details.textContent).toLowerCase();
  const count = byId("count");
  const apply = () => {
    const terms = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [owner, tier, rule, state] = ["owner", "tier", "rule", "state"].map((name) => field(name).value);
    let shown = 0;
    const owned = new Set();
    for (const one of rows) {
      const keep = (!owner || one.owner === owner) && (!tier || one.tier === tier) && (!state || one.state === state) &&
                   (!rule || one.rules.includes(" " + rule + " ")) && terms.every((term) => textOf(one).includes(term));
      if (one.details.hidden === keep) {
        one.details.hidden = !keep;
        if (one.row) one.row.hidden = !keep;
      }
      if (keep) { ++shown; owned.add(one.owner); }
    }
    for (const place of owners) place.hidden = !owned.has(place.dataset.o);
    for (const chunk of chunks) chunk.hidden = !owned.has(chunk.dataset.o) || !chunk.querySelector("tbody > tr:not([hidden])");
    count.textContent = shown === rows.length ? `All ${shown} services` :
      shown === 0 ? "No service matches" : `${shown} of ${rows.length} services`;
  };
  let waiting = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 80); });
  form.addEventListener("reset", () => setTimeout(apply, 0));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card && !form.hidden) { field("state").value = card.dataset.state; apply(); }
  });
  // What is served may have been replaced by what is newer (report_live.js).
  addEventListener("plimsoll:changed", () => { read(); apply(); });
  read();
  apply();
})();
