import { make, replace, say, commandLines, Addresses, download } from "./dom.js";
import { ask, asTyped, query } from "./api.js";
import { startJob, jobOfAddress, watchJob } from "./jobs.js";
import { picker, takeImages, reduced } from "./images.js";
import { options, optionControl } from "./options.js";
import { divider } from "./compare.js";

export const title = "Filter";
const screenSide = () => Math.min(1600, Math.round(Math.max(innerWidth, 640) * devicePixelRatio));

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const { filters, modifiers } = await options();
  const named = (name) => filters.find((filter) => filter.name === name);
  const modifier = (name) => modifiers.find((one) => one.name === name);
  let chain = [];
  let file = null;
  let preview = null;
  let newest = null;
  let timer = null;
  let shownAddress = null;

  for (const [name, value] of settings) {
    const filter = named(name);
    if (filter) chain.push({ filter, value: value || filter.parameter?.example || null, more: new Map() });
    else if (modifier(name) && chain.length) chain.at(-1).more.set(name, value ?? "");
  }
  if (!chain.length) chain = [makeStep("gaussian"), makeStep("sobel")].filter(Boolean);

  const steps = make("div");
  const result = make("div");
  const gallery = make("div", { class: "gallery" });
  const galleryBox = make("details", { ontoggle: () => galleryBox.open && fillGallery() },
    make("summary", {}, "Every filter on your image"), gallery);
  const typed = make("div");
  const job = make("div");
  const fullButton = make("button", { type: "button", class: "main", disabled: true, onclick: save }, "Filter the full image");

  replace(main, make("h1", {}, "Filter an image"), picker(),
    make("div", { class: "workbench" },
      make("div", {}, make("h2", {}, "Filters, in order"), steps,
        make("div", { class: "row" },
          make("button", { type: "button", onclick: () => { chain.push(makeStep("sharpen") ?? makeStep(filters[0].name)); draw(); } }, "Add a filter"),
          fullButton), job),
      make("div", {}, make("h2", {}, "Before and after"), result)),
    galleryBox, typed);
  replace(result, make("p", { class: "faint" }, "Choose an image to see what the filters make of it."));

  takeImages(async (files) => {
    file = files[0];
    preview = null;
    say(`${file.name}: reading.`);
    preview = await reduced(file, screenSide());
    gallery.replaceChildren();
    fullButton.disabled = false;
    update(0);
    if (galleryBox.open) fillGallery();
  });
  draw();

  function makeStep(name) {
    const filter = named(name);
    return filter && { filter, value: filter.parameter?.isOptional ? null : filter.parameter?.example ?? null, more: new Map() };
  }

  function items() {
    return chain.flatMap(({ filter, value, more }) => [
      [filter.name, filter.parameter ? value : null],
      ...[...more].map(([name, text]) => [name, modifier(name)?.placeholder ? text : null]),
    ]);
  }

  function draw() {
    replace(steps, chain.map((step, index) => drawStep(step, index)));
    update(0);
  }

  function drawStep(step, index) {
    const select = make("select", {
      "aria-label": `Filter ${index + 1}`, onchange: (event) => { chain[index] = makeStep(event.target.value); draw(); focusOn(index, "select"); },
    }, filters.map((filter) => make("option", { value: filter.name, selected: filter === step.filter }, filter.name)));
    const fits = modifiers.filter((one) => !one.filters || one.filters.includes(step.filter.name));
    const move = (by) => () => {
      [chain[index], chain[index + by]] = [chain[index + by], chain[index]];
      draw();
      focusOn(index + by, "select");
    };
    return make("fieldset", {}, make("legend", {}, `${index + 1}. ${step.filter.summary}`),
      make("div", { class: "row" }, select,
        step.filter.parameter && optionControl(
          { ...step.filter.parameter, name: step.filter.parameter.placeholder, initial: step.filter.parameter.example, isRequired: !step.filter.parameter.isOptional },
          step.value, (value) => { step.value = value ?? step.filter.parameter.example; update(); }),
        make("button", { type: "button", "aria-label": `Move filter ${index + 1} up`, disabled: index === 0, onclick: move(-1) }, "↑"),
        make("button", { type: "button", "aria-label": `Move filter ${index + 1} down`, disabled: index === chain.length - 1, onclick: move(1) }, "↓"),
        make("button", { type: "button", "aria-label": `Remove filter ${index + 1}`, disabled: chain.length === 1, onclick: () => { chain.splice(index, 1); draw(); focusOn(Math.max(0, index - 1), "select"); } }, "Remove")),
      make("details", { open: step.more.size > 0 }, make("summary", {}, "Options"),
        make("p", { class: "faint" }, `Kernel: ${step.filter.kernel}. Results for samples 0…255: ${step.filter.range}.`),
        make("div", { class: "row" }, fits.map((one) => optionControl(one, step.more.get(one.name) ?? null, (value) => {
          if (value === null) step.more.delete(one.name);
          else step.more.set(one.name, value);
          update();
        })))));
  }

  function focusOn(index, selector) { steps.children[index]?.querySelector(selector)?.focus(); }

  function update(delay = 60) {
    remember(items());
    const { command, curl } = asTyped({ path: "filter", command: "filter", output: "filtered.png" }, items(), file?.name ?? "photo.jpg");
    replace(typed, commandLines(command, curl));
    clearTimeout(timer);
    if (preview) timer = setTimeout(run, delay);
  }

  /** Only the newest settings count: what was asked before is given up. */
  async function run() {
    newest?.abort();
    const mine = newest = new AbortController();
    const before = preview;
    try {
      const response = await ask("filter?" + query([...items(), ["format", "png"]]), { method: "POST", body: before.blob, signal: mine.signal });
      const blob = await response.blob();
      if (mine === newest) compare(before, blob);
    } catch (error) {
      if (error.name !== "AbortError" && mine === newest) {
        replace(result, make("p", { class: "error", role: "alert" }, `${file.name}: ${error.message}`));
      }
    }
  }

  let pair = null;
  function compare(before, blob) {
    if (!pair?.element.isConnected || pair.before !== before) {
      pair = divider(addresses.make(before.blob));
      pair.before = before;
      replace(result, before.isReduced && make("p", { class: "faint" }, `A preview at the size of the screen; the image has ${before.width} × ${before.height} pixels, on which filters of a fixed size look finer.`),
        pair.element);
    }
    if (shownAddress) addresses.free(shownAddress);
    shownAddress = addresses.make(blob);
    pair.after.src = shownAddress;
    say("Filtered.");
  }

  async function fillGallery() {
    if (!file) return replace(gallery, make("p", { class: "faint" }, "Choose an image first."));
    if (gallery.querySelector("button")) return;
    const small = await reduced(file, 240);
    const queue = filters.map((filter) => {
      const image = make("img", { alt: "" });
      const button = make("button", {
        type: "button", title: filter.summary, onclick: () => { chain = [makeStep(filter.name)]; draw(); focusOn(0, "select"); },
      }, image, filter.name);
      return { filter, image, button };
    });
    replace(gallery, queue.map((one) => one.button));
    // A few at a time: a browser has six connections to a server.
    await Promise.all([1, 2, 3].map(async () => {
      for (let one = queue.shift(); one; one = queue.shift()) {
        if (!one.button.isConnected) return;
        const value = one.filter.parameter && !one.filter.parameter.isOptional ? one.filter.parameter.example : null;
        try {
          const response = await ask("filter?" + query([[one.filter.name, value], ["format", "png"]]), { method: "POST", body: small.blob });
          const address = addresses.make(await response.blob());
          one.image.addEventListener("load", () => addresses.free(address));
          one.image.src = address;
        } catch { one.button.title += " (not for this image)"; }
      }
    }));
  }

  /** The full image is a job: it goes on when the page is left or loaded again. */
  async function save() {
    fullButton.disabled = true;
    say("Sending the full image.");
    try {
      watch(await startJob("filter?" + query(items()), file));
    } catch (error) {
      replace(job, make("p", { class: "error", role: "alert" }, `${file.name}: ${error.message}`));
    }
    fullButton.disabled = false;
  }

  let stopWatching = () => {};
  function watch(id) {
    stopWatching();
    stopWatching = watchJob(id, job, "the full image", (blob) => {
      const ending = { "image/jpeg": "jpg", "image/webp": "webp" }[blob.type] ?? "png";
      const stem = (file?.name ?? "image").replace(/\.[^.]*$/, "");
      download(blob, `${stem}.${chain.map((step) => step.filter.name).join("-")}.${ending}`);
    });
  }
  if (jobOfAddress()) watch(jobOfAddress());

  return () => {
    clearTimeout(timer);
    newest?.abort();
    stopWatching();
    takeImages(() => {});
    addresses.freeAll();
  };
}
