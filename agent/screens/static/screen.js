// SPDX-License-Identifier: Apache-2.0
// Keeps a page of a register alive. Everything works without this script; it only improves:
// the strip and the state are pushed, nothing is redrawn under somebody's fingers, a second press
// of a button is swallowed, and the page says so when the agent is gone. It stores nothing.

import { Idiomorph } from "./idiomorph.esm.js";

const LOST_MS = 5000;
const BACKOFF_MS = [500, 1000, 2000, 4000];
const FIELDS = new Set(["INPUT", "SELECT", "TEXTAREA"]);
const THEIRS = new Set(["value", "checked", "open"]);

const byId = (id) => document.getElementById(id);
const main = () => byId("view");
const isCashier = () => main().hasAttribute("data-view");

let source = null;
let failures = 0;
let retry = 0;
let silent = 0;

// ---- what a screen reader hears: one polite and one urgent line, always there, only refilled

function announce(text, loud) {
  byId(loud ? "alert" : "status").textContent = text;
  byId(loud ? "status" : "alert").textContent = "";
}

function announceState() {
  const { told, loud } = main().dataset;
  if (told) announce(told, loud === "yes");
}

// ---- pictures from the agent

// What somebody types in is left alone. Nothing but a field may be: the morph would leave the text
// of a focused heading alone, too, and an old word would stand above a new state.
function morph(old, html) {
  const ignoreActiveValue = FIELDS.has(document.activeElement.tagName);
  Idiomorph.morph(old, html, { morphStyle: "outerHTML", ignoreActiveValue, callbacks: CALLBACKS });
}

// What a person has typed, ticked or unfolded stays as it is.
const CALLBACKS = {
  beforeAttributeUpdated: (name, element) => !THEIRS.has(name) || element.type === "hidden",
};

function show(picture) {
  morph(byId("strip"), picture.strip);
  if (!isCashier() || main().dataset.view === picture.view) return;
  if (picture.main === null) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(picture.main, "text/html").getElementById("view");
  document.title = fresh.dataset.title;
  const { state, credit } = main().dataset;
  // A form that somebody fills in is never taken away for an empty one: its own name is good
  // for as long as it stands here, whatever became of the agent.
  if (state === "ready" && fresh.dataset.state === "ready") return;
  if (fresh.dataset.state === state && fresh.dataset.credit === credit) {
    morph(main(), picture.main);
    return;
  }
  // Another state or credit is another page: nothing of the old one may be left over in it.
  main().replaceWith(document.adoptNode(fresh));
  if (fresh.dataset.state === state) return;
  announceState();
  main().querySelector("h1").focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// ---- is the agent there?

function alive() {
  failures = 0;
  clearTimeout(silent);
  silent = setTimeout(lost, LOST_MS);
  if (!document.body.classList.contains("lost")) return;
  document.body.classList.remove("lost");
  byId("lost").hidden = true;
  announceState();
}

function lost() {
  if (document.hidden) return;
  document.body.classList.add("lost");
  byId("lost").hidden = false;
  const said = byId("lost").querySelectorAll(".title, .sentence");
  announce([...said].map((each) => each.textContent).join(". "), true);
}

function connect() {
  clearTimeout(retry);
  if (source) return;
  source = new EventSource(byId("strip").dataset.live);
  source.addEventListener("beat", alive);
  source.addEventListener("view", (event) => {
    alive();
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", failed);
}

function disconnect() {
  clearTimeout(retry);
  if (source) source.close();
  source = null;
}

async function failed() {
  disconnect();
  const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)];
  failures += 1;
  retry = setTimeout(connect, wait);
  if (failures > 1) await askWhy();
}

// A stream that is refused says not why. A page that comes all the same is the picture itself:
// with too many pages open, this one lives on by asking.
async function askWhy() {
  try {
    const reply = await fetch(location.href, { redirect: "manual" });
    if (reply.type === "opaqueredirect") location.reload(); // not paired any more
    if (!reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = page.getElementById("view");
    alive();
    show({
      strip: page.getElementById("strip").outerHTML,
      view: fresh.dataset.view,
      main: fresh.outerHTML,
    });
  } catch {
    // Nobody answers: the silence is counted already.
  }
}

// ---- forms: one press is one press

function onSubmit(event) {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const pressed = event.submitter;
  // After the browser has taken the fields: a disabled button would send nothing of its own.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-disabled", "true");
    }
    if (pressed) pressed.setAttribute("aria-busy", "true");
  }, 0);
}

// Enter in a field presses the form's main button, not whichever stands first.
function onKey(event) {
  if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
  const primary = event.target.form && event.target.form.querySelector("[data-primary]");
  if (!primary) return;
  event.preventDefault();
  event.target.form.requestSubmit(primary);
}

// ---- the page's own life

function start() {
  silent = setTimeout(lost, LOST_MS);
  connect();
}

function hide() {
  clearTimeout(silent);
  disconnect();
}

function onVisibility() {
  if (document.hidden) hide();
  else start();
}

document.addEventListener("submit", onSubmit);
document.addEventListener("keydown", onKey);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // a picture from the past
});

if (byId("strip")) {
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("pagehide", hide);
  start();
}
announceState();
if (main().dataset.state !== "ready" && isCashier()) main().querySelector("h1").focus();
