// SPDX-License-Identifier: Apache-2.0
// The demo's page: pictures of the stage come in as events, buttons go out as one POST each.
import { fill, lookAt } from './parts.js';

const token = document.querySelector('meta[name="stage-token"]').content;
const buttons = [...document.querySelectorAll('button[data-act]')];
const faults = [...document.querySelectorAll('input[data-fault]')];
const lost = document.querySelector('[data-lost]');
const scene = document.querySelector('#scene');
let latest = null;
let sending = false;
let awaited = 0;

function show(picture) {
  const moved = latest === null || latest.tour.scene !== picture.tour.scene;
  const looked = latest === null ? '' : latest.tour.look + latest.tour.done;
  latest = picture;
  fill(document, picture);
  document.documentElement.dataset.ready = 'yes';
  const busy = picture.busy || sending || picture.done < awaited;
  for (const button of buttons) {
    const heard = button.dataset.act === 'mend' && picture.chaos.running;
    button.setAttribute('aria-disabled', String(busy && !heard));
  }
  // A switch stays as somebody has just set it until that is done.
  const settled = !(sending || picture.done < awaited) || picture.chaos.running;
  if (settled) for (const fault of faults) fault.checked = picture.faults[fault.dataset.fault];
  if (moved) enter(picture.tour.scene);
  if (looked !== picture.tour.look + picture.tour.done) lookAt(picture.tour.look);
}

// A scene begins at the top, with nothing unfolded.
function enter(number) {
  if (number < 0) return;
  scene.value = String(number);
  document.querySelector('#wire').open = false;
  window.scrollTo(0, 0);
}

async function act(name, body) {
  sending = true;
  try {
    const answer = await fetch(`/act/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Stage-Token': token },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    lost.textContent = answer.ok ? '' : told.why;
    if (answer.ok) awaited = told.deed;
  } catch {
    lose();
  } finally {
    sending = false;
    if (latest !== null) show(latest);
  }
}

function bodyOf(button) {
  const body = {};
  for (const id of (button.dataset.from || '').split(' ').filter(Boolean)) {
    const value = document.getElementById(id).value;
    if (id === 'scene') body.number = Number(value);
    else body[id] = value;
  }
  return body;
}

function lose() {
  lost.textContent = document.querySelector('#lost').content.textContent;
}

for (const button of buttons) {
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    act(button.dataset.act, bodyOf(button));
  });
}

for (const fault of faults) {
  fault.addEventListener('change', () => {
    act('fault', { name: fault.dataset.fault, on: fault.checked });
  });
}

const events = new EventSource('/events');
events.addEventListener('stage', (event) => {
  lost.textContent = '';
  show(JSON.parse(event.data));
});
events.addEventListener('error', lose);
window.addEventListener('pagehide', () => events.close());
