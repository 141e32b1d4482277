import { make, replace, say, commandLines, field, Addresses, download } from "./dom.js";
import { asTyped, query } from "./api.js";
import { startJob, jobOfAddress, watchJob } from "./jobs.js";
import { picker, takeImages, reduced } from "./images.js";
import { options, optionControl } from "./options.js";
import { divider } from "./compare.js";

export const title = "Restore";

const works = {
  upscale: { label: "Enlarge", done: "large" },
  denoise: { label: "Remove noise or JPEG artifacts", done: "denoised" },
  segment: { label: "Tell things apart, pixel by pixel", done: "segmented" },
};

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const { verbs } = await options();
  const offered = Object.keys(works).filter((name) => verbs[name]);
  const given = new Map(settings);
  let verb = offered.includes(given.get("work")) ? given.get("work") : offered[0];
  given.delete("work");
  let chosen = given;
  let file = null;
  let preview = null;
  let stopWatching = () => {};

  const controls = make("div", { class: "row" });
  const result = make("div");
  const job = make("div");
  const typed = make("div");
  const start = make("button", { type: "button", class: "main", disabled: true, onclick: run }, "Start");

  replace(main, make("h1", {}, "Enlarge and restore an image"), picker(),
    make("div", { class: "row" }, field("Work", make("select", {
      onchange: (event) => {
        verb = event.target.value;
        // Of classes a picture shows more than a mask.
        chosen = new Map(verb === "segment" ? [["overlay", ""]] : []);
        draw();
      },
    }, offered.map((name) => make("option", { value: name, selected: name === verb }, works[name].label)))), start),
    controls, job, make("h2", {}, "Before and after"), result, typed);
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

  /** A flag has no value. */
  function items() {
    const isFlag = (name) => !verbs[verb].find((option) => option.name === name)?.placeholder;
    return [...chosen].map(([name, value]) => [name, isFlag(name) ? null : value]);
  }

  function draw() {
    replace(controls, verbs[verb].map((option) => optionControl(option, chosen.get(option.name) ?? null, (value) => {
      if (value === null) chosen.delete(option.name);
      else chosen.set(option.name, value);
      update();
    })));
    update();
  }

  function update() {
    remember([["work", verb], ...items()]);
    const { command, curl } = asTyped({ path: verb, command: verb, output: works[verb].done + ".png" }, items(), file?.name ?? "photo.jpg");
    replace(typed, commandLines(command, curl));
  }

  /** A job: it goes on when the page is left or loaded again. */
  async function run() {
    start.disabled = true;
    say("Sending the image.");
    try {
      watch(await startJob(verb + "?" + query(items()), file), works[verb].done);
    } catch (error) {
      replace(job, make("p", { class: "error", role: "alert" }, `${file.name}: ${error.message}`));
    }
    start.disabled = false;
  }

  function watch(id, done) {
    const before = preview;
    stopWatching();
    stopWatching = watchJob(id, job, "the result", (blob) => {
      const ending = { "image/jpeg": "jpg", "image/webp": "webp" }[blob.type] ?? "png";
      download(blob, `${(file?.name ?? "image").replace(/\.[^.]*$/, "")}.${done}.${ending}`);
    }, (blob) => {
      if (!before) return;
      const pair = divider(addresses.make(before.blob));
      pair.after.src = addresses.make(blob);
      // A large result is not judged at the size of a small image.
      pair.element.querySelector("img").style.width = "48rem";
      replace(result, pair.element);
    });
  }
  if (jobOfAddress()) watch(jobOfAddress(), works[verb].done);

  return () => {
    stopWatching();
    takeImages(() => {});
    addresses.freeAll();
  };
}
