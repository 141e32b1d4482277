import { make, replace, say, field, Addresses } from "./dom.js";
import { ask, askJSON } from "./api.js";

export const title = "Runs";
const figures = { "curves.png": "Curves", "confusion.png": "Confusion matrix", "mistakes.png": "Mistakes", "samples.png": "Samples" };

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const runs = await askJSON("runs");
  const place = make("div");
  let number = Number(new Map(settings).get("run") ?? 0);
  let timer = null;
  let seen = "";
  replace(main, make("h1", {}, "Training runs"),
    runs.length === 0 ? make("p", {}, "Start the server with --run FOLDER to see a training here, also while it is under way.")
      : make("div", { class: "row" }, field("Run", make("select", {
        onchange: (event) => {
          number = Number(event.target.value);
          seen = "";
          draw();
        },
      }, runs.map((run) => make("option", { value: run.number, selected: run.number === number }, run.name))))),
    place);
  if (runs.length) await draw();

  async function draw() {
    clearTimeout(timer);
    remember([["run", String(number)]]);
    try {
      const run = (await askJSON("runs")).find((one) => one.number === number);
      const log = run?.files.includes("log.csv") ? await (await ask(`runs/${number}/log.csv`)).text() : "";
      if (run && log + run.files !== seen) {
        seen = log + run.files;
        await fill(run, log);
      }
    } catch (error) {
      replace(place, make("p", { class: "error", role: "alert" }, error.message));
    }
    const again = () => document.hidden ? timer = setTimeout(again, 5000) : draw();
    if (main.contains(place)) timer = setTimeout(again, 5000);
  }

  async function fill(run, log) {
    const rows = log.trim().split("\n").map((line) => line.split(","));
    const [head, ...epochs] = rows;
    const images = [];
    for (const file of run.files.filter((name) => figures[name])) {
      const image = make("img", { class: "figure", alt: `${figures[file]} of ${run.name}` });
      image.src = addresses.make(await (await ask(`runs/${number}/${file}`)).blob());
      images.push(make("h2", {}, figures[file]), image);
    }
    replace(place,
      epochs.length > 0 && [make("h2", {}, `Epochs: ${epochs.length}`),
        make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Log" }, make("table", {},
          make("thead", {}, make("tr", {}, head.map((cell) => make("th", { class: "number" }, cell)))),
          make("tbody", {}, epochs.slice(-12).reverse().map((row) => make("tr", {}, row.map((cell) => make("td", { class: "number" }, cell)))))))],
      images, images.length === 0 && epochs.length === 0 && make("p", {}, "Nothing is written yet."));
    say(`${run.name}: ${epochs.length} ${epochs.length === 1 ? "epoch" : "epochs"}.`);
  }

  return () => {
    clearTimeout(timer);
    addresses.freeAll();
  };
}
