import { make, replace, say, commandLines, field, Addresses, download } from "./dom.js";
import { askJSON, asTyped, query } from "./api.js";
import { startJob, jobOfAddress, watchJob } from "./jobs.js";
import { picker, takeImages, reduced } from "./images.js";
import { options, optionControl, explainedControl } from "./options.js";
import { divider } from "./compare.js";

export const title = "Restore";

/** What is offered: the verb, flags that it is given, and options that have no meaning then. */
const works = {
  upscale: { verb: "upscale", label: "Upscale", done: "large" },
  denoise: { verb: "denoise", label: "Denoise", done: "denoised", without: ["jpeg", "jpeg-quality"] },
  deblock: { verb: "denoise", label: "Remove JPEG artifacts", done: "deblocked", flag: "jpeg", without: ["sigma"] },
  segment: { verb: "segment", label: "Segment", done: "segmented" },
};
/** Options of how the result is written. */
const writing = ["format", "quality", "subsampling", "progressive", "lossless", "compression", "strip", "lenient"];

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const { verbs } = await options();
  const offered = Object.keys(works).filter((name) => verbs[works[name].verb]);
  let chosen = new Map(settings);
  let name = offered.includes(chosen.get("work")) ? chosen.get("work") : offered[0];
  chosen.delete("work");
  let file = null;
  let preview = null;
  let stopWatching = () => {};

  const controls = make("div");
  const result = make("div");
  const job = make("div");
  const typed = make("div");
  const start = make("button", { type: "button", class: "main", disabled: true, onclick: run }, "Start");

  replace(main, make("h1", {}, "Restore an image"), picker(),
    make("div", { class: "workbench" },
      make("div", {}, make("h2", {}, "Network"),
        make("div", { class: "row" }, field("Work", make("select", {
          onchange: (event) => {
            name = event.target.value;
            // Of classes a picture shows more than a mask.
            chosen = new Map(name === "segment" ? [["overlay", ""]] : []);
            draw();
          },
        }, offered.map((one) => make("option", { value: one, selected: one === name }, works[one].label)))), start),
        controls, job),
      make("div", {}, make("h2", {}, "Before and after"), result)),
    typed);
  replace(result, make("p", { class: "faint" }, "Choose an image to begin."));
  takeImages(async (files) => {
    file = files[0];
    preview = await reduced(file, 1600);
    start.disabled = false;
    const image = make("img", { class: "figure", alt: "the image as it is" });
    image.src = addresses.make(preview.blob);
    replace(result, image);
    say(`${file.name} is chosen.`);
    update();
  });
  draw();

  /** As the server takes them: a flag has no value. */
  function items() {
    const { verb, flag } = works[name];
    const isFlag = (one) => !verbs[verb].find((option) => option.name === one)?.placeholder;
    return [...flag ? [[flag, null]] : [], ...[...chosen].map(([one, value]) => [one, isFlag(one) ? null : value])];
  }

  function draw() {
    const { verb, flag, without = [] } = works[name];
    const control = (kind) => (option) => kind(option, chosen.get(option.name) ?? null, (value) => {
      if (value === null) chosen.delete(option.name);
      else chosen.set(option.name, value);
      update();
    });
    const known = verbs[verb].filter((option) => option.name !== flag && !without.includes(option.name));
    const isWriting = (option) => writing.includes(option.name);
    for (const one of [...chosen.keys()]) if (!known.some((option) => option.name === one)) chosen.delete(one);
    replace(controls, known.filter((option) => !isWriting(option)).map(control(explainedControl)),
      make("details", { open: known.some((option) => isWriting(option) && chosen.has(option.name)) },
        make("summary", {}, "How files are read and written"),
        make("div", { class: "row" }, known.filter(isWriting).map(control(optionControl)))));
    update();
  }

  function update() {
    remember([["work", name], ...items().filter(([one]) => one !== works[name].flag)]);
    const { verb, done } = works[name];
    const { command, curl } = asTyped({ path: verb, command: verb, output: done + ".png", isLong: true }, items(), file?.name ?? "photo.jpg");
    replace(typed, commandLines(command, curl));
  }

  /** A job: it goes on when the page is left or loaded again. */
  async function run() {
    start.disabled = true;
    say("Sending the image.");
    try {
      watch(await startJob(works[name].verb + "?" + query(items()), file), works[name].done);
    } catch (error) {
      replace(job, make("p", { class: "error", role: "alert" }, `${file.name}: ${error.message}`));
    }
    start.disabled = false;
  }

  function watch(id, done) {
    const before = preview;
    const shown = name;
    const legend = make("ul", { class: "legend", "aria-label": "Classes" });
    stopWatching();
    stopWatching = watchJob(id, job, "the result", (blob) => {
      const ending = { "image/jpeg": "jpg", "image/webp": "webp" }[blob.type] ?? "png";
      download(blob, `${(file?.name ?? "image").replace(/\.[^.]*$/, "")}.${done}.${ending}`);
    }, (blob) => {
      if (!before) {
        const image = make("img", { class: "figure", alt: "the result" });
        image.src = addresses.make(blob);
        return replace(result, image);
      }
      const pair = divider(addresses.make(before.blob));
      pair.after.src = addresses.make(blob);
      // A large result is not judged at the size of a small image.
      pair.element.querySelector("img").style.width = "48rem";
      replace(result, pair.element, legend);
      if (shown === "segment") tellClasses(legend);
    });
  }

  /** Which class has which color. */
  async function tellClasses(place) {
    const model = (await askJSON("models")).find((one) => one.task === "segmentation");
    const { masks } = model ? await askJSON("models/" + encodeURIComponent(model.name)) : {};
    if (!masks) return;
    replace(place, masks.names.map((label, index) => make("li", {},
      make("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" },
        make("rect", { width: 1, height: 1, fill: "#" + masks.colors[index].toString(16).padStart(6, "0") })), label)));
  }
  if (jobOfAddress()) watch(jobOfAddress(), works[name].done);

  return () => {
    stopWatching();
    takeImages(() => {});
    addresses.freeAll();
  };
}
