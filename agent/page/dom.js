// The little there is between us and the document. Texts are set as text, never as HTML.

/**
 * `el('p.note.small', { title: 'x', onclick: f }, 'text', child, null)`: an element with its classes, properties (`data` and
 * `aria` are objects) and children; what is null or false is left out.
 */
export function el(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'aria') for (const [key, text] of Object.entries(value)) element.setAttribute(`aria-${key}`, text);
    else if (name === 'role') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ''));
  return element;
}

const kShown = new WeakMap();

/**
 * Makes the children of `parent` those of `items`, in their order. What shows the same as before stays untouched, so that
 * a selection, a focus and an opened line survive; `make(item)` is asked for the others.
 */
export function keep(parent, items, keyOf, make) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const key = String(keyOf(item));
    const text = JSON.stringify(item);
    const before = old.get(key);
    if (before && kShown.get(before) === text) return before;
    const fresh = make(item);
    fresh.dataset.key = key;
    kShown.set(fresh, text);
    if (before) takeOver(before, fresh);
    return fresh;
  });
  const stays = new Set(wanted);
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  wanted.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}

/** What a person did with the element that goes: opened it, or stands on one of its buttons. */
function takeOver(before, fresh) {
  const open = before.querySelector('details')?.open;
  if (open) for (const details of fresh.querySelectorAll('details')) details.open = true;
  const at = document.activeElement;
  if (!before.contains(at) || !at.dataset.act) return;
  requestAnimationFrame(() => fresh.querySelector(`[data-act="${at.dataset.act}"]`)?.focus());
}

/** Children anew, whatever they were. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** A word with its colour; the word says the same, so that colour is never the only sign. */
export function mark(tone, text, testId = null) {
  return el(`span.mark.tone-${tone}`, { data: testId ? { testid: testId } : {} }, el('span.mark-dot', { aria: { hidden: 'true' } }), text);
}

/** A labelled input; `input` is the element. */
export function field(label, input) {
  return el('label.field', {}, el('span.label', {}, label), input);
}

/**
 * A dialog with a form. `submit` may throw: what it says is shown, and the form stays as it was filled in. It is gone, with
 * all that was typed, when it is closed.
 */
export function openForm({ title, testId, body, closeWords, submitWords, submitTone = 'primary', submit, words }) {
  const trouble = el('p.trouble', { role: 'alert', hidden: true, data: { testid: 'form-error' } });
  const button = el(`button.button.${submitTone}`, { type: 'submit', data: { testid: 'form-submit' } }, submitWords);
  const dialog = el('dialog.dialog', { data: { testid: testId } });
  const form = el(
    'form',
    { noValidate: true },
    el('h2', {}, title),
    body,
    trouble,
    el('div.buttons', {}, button, el('button.button', { type: 'button', onclick: () => dialog.close() }, closeWords)),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    trouble.hidden = true;
    Promise.resolve()
      .then(submit)
      .then(
        () => dialog.close(),
        (failure) => {
          trouble.textContent = words(failure);
          trouble.hidden = false;
        },
      )
      .finally(() => (button.disabled = false));
  });
  dialog.append(form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
