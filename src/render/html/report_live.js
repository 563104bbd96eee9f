"use strict";
// A page that is served looks now and then whether there is a newer one, by its ETag, and puts that in the place of what it
// shows: filter, what is unfolded, focus and place on the page stay. What changes by itself can be paused; where less motion
// is wanted, or the page is large, nothing changes before somebody says so.
(() => {
  const kEvery = 30000;     // ms between two looks; the server makes a new page at most every 15 s
  const kLargest = 2000000; // bytes: what is larger takes a browser seconds to show
  const kParts = ["totals", "answers", "upcoming", "waivers", "matrix", "services", "rules"];
  const byId = (id) => document.getElementById(id);
  const live = byId("live"), button = byId("live-button"), note = byId("live-note");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let revision = live.dataset.revision, on = true, waiting = false, busy = false, lost = false;
  live.hidden = false;

  // Read out only where somebody should know: that nothing has changed is nobody's news twice a minute.
  const say = (text, loud) => {
    note.ariaLive = loud ? "polite" : "off";
    if (note.textContent !== text) note.textContent = text;
  };
  const show = () => { button.textContent = waiting ? "Show what is new" : on ? "Updates: on" : "Updates: paused"; };

  // What an element is called in this page and the next one: services by owner and name, as their numbers change.
  const nameOf = (details) => details.closest(".owner")
    ? "service " + details.closest(".owner").firstElementChild.firstChild.textContent + "\n" + details.querySelector("summary b").textContent
    : "part " + details.closest("section")?.id + " " + [...details.closest("section").querySelectorAll("details")].indexOf(details);
  const allDetails = () => [...document.querySelectorAll("section details")];
  const kFocusable = "a[href],button,input,select,summary,[tabindex]";
  const focused = () => {
    const one = document.activeElement;
    const home = one && (one.closest(".owner > details") || one.closest("section"));
    if (!home) return null;
    const name = home.tagName === "DETAILS" ? nameOf(home) : "#" + home.id;
    return {name, at: one === home ? -1 : [...home.querySelectorAll(kFocusable)].indexOf(one)};
  };
  const find = (name, names) => name.startsWith("#") ? byId(name.slice(1)) : names.get(name);
  // The first thing that is seen, and where.
  const place = () => {
    for (const one of [...document.querySelectorAll("section, .owner > details")].reverse()) {
      const {top} = one.getBoundingClientRect();
      if (top <= 1 && one.checkVisibility()) return {name: one.tagName === "DETAILS" ? nameOf(one) : "#" + one.id, top};
    }
    return null;
  };

  const options = (id, from) => {
    const select = byId(id), next = from.getElementById(id);
    if (select.innerHTML === next.innerHTML) return;
    const chosen = select.selectedOptions[0]?.textContent;
    select.replaceChildren(...next.children);
    const same = [...select.options].find((option) => option.textContent === chosen);
    select.value = same ? same.value : "";
  };

  const replace = (next) => {
    const open = new Set(allDetails().filter((one) => one.open).map(nameOf));
    const focus = focused(), seen = place();
    const scrolled = [...document.querySelectorAll("section .scroll")].map((one) => [one.getAttribute("aria-label"), one.scrollLeft, one.scrollTop]);
    for (const id of ["f-owner", "f-tier", "f-rule"]) options(id, next);
    for (const id of kParts) {
      const mine = byId(id), theirs = next.getElementById(id);
      if (mine && theirs) mine.replaceWith(theirs);
      else if (theirs) byId("main").append(theirs);
      else if (mine) mine.remove();
    }
    document.querySelector("header > .note").replaceWith(next.querySelector("header > .note"));
    document.querySelector("nav").replaceWith(next.querySelector("nav"));
    const names = new Map();
    for (const one of allDetails()) {
      const name = nameOf(one);
      names.set(name, one);
      one.open = open.has(name);
    }
    for (const [label, left, top] of scrolled) {
      const one = document.querySelector(`section .scroll[aria-label="${CSS.escape(label)}"]`);
      if (one) { one.scrollLeft = left; one.scrollTop = top; }
    }
    dispatchEvent(new Event("plimsoll:changed"));
    const home = focus && find(focus.name, names);
    if (home) (focus.at < 0 ? home : home.querySelectorAll(kFocusable)[focus.at] ?? home).focus({preventScroll: true});
    const there = seen && find(seen.name, names);
    if (there) scrollBy({top: there.getBoundingClientRect().top - seen.top, behavior: "instant"});
  };

  const time = () => new Date().toISOString().slice(11, 16) + " UTC";
  const trouble = (status) => say(
    status === 401 || status === 403 ? `Not updated since ${lost}: signing in is needed again. Reload the page.`
      : `Not updated since ${lost}: the server does not answer as it should${status ? ` (${status})` : ""}. It is tried again.`, true);
  const ask = async (method) => {
    const answer = await fetch(location.pathname, {method, cache: "no-store", headers: {"If-None-Match": `W/"${revision}"`}});
    if (answer.status !== 200 && answer.status !== 304) throw answer.status;
    return answer;
  };

  const take = async () => {
    const answer = await ask("GET");
    if (answer.status === 200) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      revision = next.getElementById("live").dataset.revision;
      replace(next);
    }
    waiting = false;
  };
  const look = async (wanted) => {
    if (busy) return;
    busy = true;
    try {
      const answer = wanted ? null : await ask("HEAD");
      if (wanted) await take();
      else if (answer.status === 200) {
        if (calm || Number(answer.headers.get("Content-Length")) > kLargest) waiting = true;
        else await take();
      }
      lost = false;
      say(waiting ? `There is something new, seen at ${time()}.` : `Looked at ${time()}.`, waiting);
    } catch (status) {
      lost ||= time();
      trouble(Number.isInteger(status) ? status : 0);
    }
    busy = false;
    show();
  };
  const due = () => { if (on && !waiting && document.visibilityState === "visible") look(false); };

  button.addEventListener("click", () => {
    if (waiting) { look(true); return; }
    on = !on;
    show();
    say(on ? "" : "This page stays as it is until you say otherwise.", !on);
    due();
  });
  document.addEventListener("visibilitychange", due);
  setInterval(due, kEvery);
  show();
})();
