import { make, replace, say, field, commandLines, shellWord, Addresses, percent, download } from "./dom.js";
import { ask, askJSON, asTyped, lines, query } from "./api.js";
import { picker, takeImages } from "./images.js";

const together = 16;

export const title = "Classify";

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const models = (await askJSON("models")).filter((model) => model.task === "classification");
  const chosen = new Map(settings);
  const cards = make("ul", { class: "cards" });
  const groups = make("div", { class: "row", role: "group", "aria-label": "Show a group" });
  const bar = make("progress", { "aria-label": "Images classified", hidden: true });
  const count = make("span", {});
  const typed = make("div");
  const done = [];
  let waiting = [];
  let stop = new AbortController();
  let isRunning = false;
  let total = 0;
  // One after the other: a browser decodes an image whole, however small it is shown.
  let thumbnails = Promise.resolve();

  const items = () => [...chosen].filter(([name]) => ["model", "top", "threshold"].includes(name));
  const change = (name) => (event) => {
    if (event.target.value === "") chosen.delete(name);
    else chosen.set(name, event.target.value);
    remember(items());
    tell();
  };
  if (!chosen.has("top")) chosen.set("top", "3");

  const stopButton = make("button", { type: "button", disabled: true, onclick: () => stop.abort() }, "Stop");
  const tableButton = make("button", { type: "button", disabled: true, onclick: saveTable }, "Save as CSV");
  const clearButton = make("button", { type: "button", disabled: true, onclick: clear }, "Clear");

  replace(main, make("h1", {}, "Classify images"),
    models.length === 0 && make("p", { class: "error", role: "alert" }, "This server has no model that classifies images."),
    picker({ several: true }),
    make("div", { class: "row" },
      field("Model", make("select", { onchange: change("model") },
        make("option", { value: "" }, "default"),
        models.map((model) => make("option", { value: model.name, selected: model.name === chosen.get("model") },
          `${model.name}: ${model.classes} classes`)))),
      field("Labels", make("input", { type: "number", min: 1, max: 20, value: chosen.get("top"), onchange: change("top") })),
      field("Least probability", make("input", {
        type: "number", min: 0, max: 1, step: 0.05, value: chosen.get("threshold") ?? "", onchange: change("threshold"),
      })),
      stopButton, tableButton, clearButton),
    make("div", { class: "row" }, bar, count), groups, cards, typed);
  tell();

  takeImages((files) => {
    for (const file of files) {
      const card = makeCard(file);
      cards.append(card.element);
      waiting.push(card);
    }
    total += files.length;
    clearButton.disabled = false;
    tell(files[0].name);
    run();
  });

  function tell(name = "photo.jpg") {
    const { command, curl } = asTyped({ path: "classify", command: "classify", output: "" }, items(), name);
    replace(typed, commandLines(command, curl));
  }

  function makeCard(file) {
    const image = make("canvas", { role: "img", "aria-label": file.name, hidden: true });
    thumbnails = thumbnails.then(() => thumbnail(file, image));
    const answer = make("div", {}, make("p", { class: "faint" }, "waiting"));
    const element = make("li", { class: "card" }, image, make("h2", { class: "name" }, file.name), answer);
    return { file, element, answer, image, label: null, row: null };
  }

  async function run() {
    if (isRunning) return;
    isRunning = true;
    stop = new AbortController();
    stopButton.disabled = false;
    bar.hidden = false;
    while (waiting.length && !stop.signal.aborted) {
      const part = waiting.splice(0, together);
      try {
        await classify(part);
      } catch (error) {
        const text = error.name === "AbortError" ? "stopped" : error.message;
        for (const card of part) if (!card.row) fail(card, text);
      }
      progress();
    }
    for (const card of waiting.splice(0)) fail(card, "stopped");
    progress();
    isRunning = false;
    stopButton.disabled = true;
    bar.hidden = true;
    const failed = done.filter((card) => card.row.error).length;
    say(`${done.length - failed} of ${done.length} images classified.`);
  }

  async function classify(part) {
    const form = new FormData();
    for (const card of part) {
      replace(card.answer, make("p", { class: "faint" }, "sent"));
      form.append("image", card.file, card.file.name);
    }
    const response = await ask("classify?" + query(items()), { method: "POST", body: form, signal: stop.signal });
    let index = 0;
    for await (const line of lines(response)) {
      const card = part[index++];
      if (!card) break;
      const row = JSON.parse(line);
      if (row.error) fail(card, row.error);
      else succeed(card, row);
      progress();
    }
    for (const card of part.slice(index)) fail(card, "the answer was cut off");
  }

  function progress() {
    bar.max = total;
    bar.value = done.length;
    count.textContent = `${done.length} of ${total}`;
    tableButton.disabled = !done.length;
    const labels = new Map();
    for (const card of done) if (card.label) labels.set(card.label, (labels.get(card.label) ?? 0) + 1);
    if (labels.size < 2) return replace(groups);
    replace(groups,
      make("button", { type: "button", onclick: () => filter(null) }, `all (${done.length})`),
      [...labels].sort((a, b) => b[1] - a[1]).slice(0, 24).map(([label, number]) =>
        make("button", { type: "button", onclick: () => filter(label) }, `${label} (${number})`)));
  }

  function filter(label) {
    for (const card of done) card.element.hidden = label !== null && card.label !== label;
    say(label === null ? "All images are shown." : `Only images of ${label} are shown.`);
  }

  function fail(card, text) {
    card.row = { path: card.file.name, error: text };
    done.push(card);
    replace(card.answer, make("p", { class: "error", role: "alert" }, text));
  }

  function succeed(card, row) {
    card.row = row;
    // What the model commits itself to: a label, a group of labels, or nothing.
    card.label = "answer" in row ? row.answer : row.label;
    done.push(card);
    const isGroup = row.group && card.label === row.group && card.label !== row.label;
    replace(card.answer,
      card.label === null && make("p", { class: "faint" }, "no label is probable enough"),
      isGroup && make("p", {}, make("strong", {}, row.group), ` (a group, ${percent(row.group_probability)})`),
      make("ul", { class: "bars", "aria-label": "Labels" }, row.top.map((candidate) => make("li", {},
        make("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" },
          make("rect", { width: candidate.probability, height: 1 })),
        make("span", {}, candidate.label), make("span", {}, percent(candidate.probability))))),
      make("button", { type: "button", onclick: (event) => explain(card, event.target) }, "Why?"));
  }

  async function explain(card, button) {
    button.disabled = true;
    say("Computing the heat map.");
    try {
      const shown = items().filter(([name]) => name === "model");
      const report = await askJSON("explain?" + query(shown), { method: "POST", body: card.file });
      const figure = report.images.find((image) => image.path === "grad-cam.png");
      const image = make("img", { alt: figure.shows, class: "figure" });
      image.src = addresses.make(fromBase64(figure.png));
      if (card.image.isConnected) card.image.replaceWith(image);
      else card.element.prepend(image);
      card.image = image;
      button.replaceWith(make("p", { class: "faint" }, figure.shows));
      say(figure.shows + ".");
    } catch (error) {
      button.replaceWith(make("p", { class: "error", role: "alert" }, error.message));
    }
  }

  function saveTable() {
    const quoted = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const rows = done.map(({ row, label }) => [row.path, label ?? "", row.answer_probability ?? row.probability ?? "", row.error ?? ""]);
    const text = [["path", "answer", "probability", "error"], ...rows]
      .map((row) => row.map((cell) => quoted(String(cell))).join(",")).join("\n") + "\n";
    download(new Blob([text], { type: "text/csv" }), "labels.csv");
  }

  function clear() {
    stop.abort();
    waiting = [];
    done.length = 0;
    total = 0;
    cards.replaceChildren();
    addresses.freeAll();
    progress();
    count.textContent = "";
    clearButton.disabled = true;
    say("Cleared.");
  }

  return () => {
    stop.abort();
    takeImages(() => {});
    addresses.freeAll();
  };
}

/** Draws a file, upright, no larger than it is shown; what the browser cannot read stays hidden. */
async function thumbnail(file, canvas) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image", resizeHeight: 352, resizeQuality: "medium" });
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    canvas.hidden = false;
  } catch { /* the answer says what is wrong */ }
}

/** The image of a text in base 64. */
export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}
