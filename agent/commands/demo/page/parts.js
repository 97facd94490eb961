// SPDX-License-Identifier: Apache-2.0
// Puts a picture of the stage into the page. Texts are set as text, never as markup; an element
// says with its data attributes what it wants:
//   data-text="a.b"   its text            data-show="a.b"   shown only where true ("!a" turns round)
//   data-mood="a.b"   "good" or "bad"     data-kind="a.b"   kept as an attribute for the style sheet
//   data-each="a.b"   one copy of its template for each item; data-empty shows where there is none
//   data-src, data-alt (inside a copy)    of the item

const shown = new WeakMap();

function at(value, path) {
  return path.split('.').reduce((inner, name) => (inner == null ? inner : inner[name]), value);
}

function truth(value, path) {
  const found = path.startsWith('!') ? !at(value, path.slice(1)) : at(value, path);
  return Array.isArray(found) ? found.length > 0 : Boolean(found);
}

function setText(element, text) {
  const wanted = text == null ? '' : String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

function copies(list, items) {
  const told = JSON.stringify(items);
  if (shown.get(list) === told) return;
  shown.set(list, told);
  const template = list.querySelector('template');
  const fresh = items.map((item) => {
    const copy = template.content.cloneNode(true);
    fill(copy, item);
    for (const image of copy.querySelectorAll('[data-src]')) {
      image.alt = item[image.dataset.alt];
      image.src = item[image.dataset.src];
    }
    return copy;
  });
  list.replaceChildren(template, ...fresh);
}

// Everything below `root` that asks for a value of `value`.
export function fill(root, value) {
  for (const element of root.querySelectorAll('[data-text]')) {
    if (element.closest('[data-each]') && root === document) continue;
    setText(element, at(value, element.dataset.text));
  }
  if (root !== document) return;
  for (const element of root.querySelectorAll('[data-show]')) {
    element.hidden = !truth(value, element.dataset.show);
  }
  for (const element of root.querySelectorAll('[data-empty]')) {
    element.hidden = truth(value, element.dataset.empty);
  }
  for (const element of root.querySelectorAll('[data-mood]')) {
    element.classList.toggle('good', truth(value, element.dataset.mood));
    element.classList.toggle('bad', !truth(value, element.dataset.mood));
  }
  for (const element of root.querySelectorAll('[data-kind]')) {
    element.dataset.is = at(value, element.dataset.kind);
  }
  for (const list of root.querySelectorAll('[data-each]')) {
    copies(list, at(value, list.dataset.each) || []);
  }
}

// Frames the part that the tour speaks of, and opens it where it is folded.
export function lookAt(name) {
  for (const part of document.querySelectorAll('[data-part]')) {
    const wanted = part.dataset.part === name;
    if (wanted && !part.classList.contains('looked-at')) {
      if (part instanceof HTMLDetailsElement) part.open = true;
      part.scrollIntoView({ block: 'nearest' });
    }
    part.classList.toggle('looked-at', wanted);
  }
}
