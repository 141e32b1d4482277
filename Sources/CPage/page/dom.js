/** Makes an element: attributes, listeners by `on…`, and children. No text is ever taken for markup. */
export function make(tag, attributes = {}, ...children) {
  const svg = tag === "svg" || tag === "rect" || tag === "polyline" || tag === "line";
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" && !svg) element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

/** Tells people, also those who listen, what happened. */
export function say(text) {
  document.getElementById("status").textContent = text;
}

/** A labelled control. */
export function field(label, control, help) {
  return make("label", { class: "field", title: help }, make("span", {}, label), control);
}

/** What one does, as it would be typed. */
export function commandLines(command, curl) {
  return make("details", { open: true },
    make("summary", {}, "As a command, and for programs"),
    make("pre", { tabindex: 0 }, command), make("pre", { tabindex: 0 }, curl));
}

/** A word as a shell takes it for one. */
export function shellWord(text) {
  return /^[A-Za-z0-9_\-./,:+@%=]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";
}

/** Blob addresses that a panel has made; they are given back when it is left, and as soon as each is replaced. */
export class Addresses {
  #all = new Set();
  make(blob) {
    const address = URL.createObjectURL(blob);
    this.#all.add(address);
    return address;
  }
  free(address) {
    if (this.#all.delete(address)) URL.revokeObjectURL(address);
  }
  freeAll() {
    for (const address of [...this.#all]) this.free(address);
  }
}

export function percent(value) {
  return (100 * value).toFixed(1) + " %";
}

/** Saves bytes under a name. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
