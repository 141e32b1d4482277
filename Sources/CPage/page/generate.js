import { make, replace, say, commandLines, field, Addresses, download } from "./dom.js";
import { ask, askJSON, asTyped, query } from "./api.js";

export const title = "Generate";

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const models = (await askJSON("models")).filter((model) => model.task === "generation");
  const chosen = new Map([["n", "16"], ["seed", "1"], ...settings]);
  const figure = make("div", { role: "group", "aria-label": "Result" });
  const typed = make("div");
  let newest = null;
  let timer = null;

  const names = ["n", "seed", "columns", "truncation", "model"];
  const items = () => names.filter((name) => chosen.get(name)).map((name) => [name, chosen.get(name)]);
  const number = (name, label, attributes) => field(label, make("input", {
    type: "number", ...attributes, value: chosen.get(name) ?? "", oninput: (event) => {
      chosen.set(name, event.target.value);
      update();
    },
  }));
  const seed = number("seed", "Seed", { min: 0, step: 1 });
  const shift = (by) => () => {
    const next = Math.max(0, Number(chosen.get("seed") ?? 0) + by);
    chosen.set("seed", String(next));
    seed.querySelector("input").value = next;
    update();
  };

  replace(main, make("h1", {}, "Generate images"),
    models.length === 0 && make("p", { class: "error", role: "alert" }, "This server has no model that generates images."),
    make("p", {}, "An image depends on its seed alone: the same seed is the same image, in any number and company."),
    make("div", { class: "row" },
      models.length > 1 && field("Model", make("select", { onchange: (event) => { chosen.set("model", event.target.value); update(); } },
        models.map((model) => make("option", { value: model.name, selected: model.name === chosen.get("model") }, model.name)))),
      number("n", "Images", { min: 1, max: 256 }), seed,
      make("button", { type: "button", onclick: () => shift(-Number(chosen.get("n") || 16))() }, "Previous"),
      make("button", { type: "button", class: "main", onclick: () => shift(Number(chosen.get("n") || 16))() }, "Next"),
      number("columns", "Columns", { min: 1, max: 64 }),
      number("truncation", "Truncation", { min: 0.1, max: 5, step: 0.1 })),
    figure,
    make("h2", {}, "A walk between seeds"), walk(), typed);
  if (models.length) update();

  function update() {
    remember(items());
    const { command, curl } = asTyped({ path: "generate", command: "gan sample", output: "faces.png" }, items(), null, "GET");
    replace(typed, commandLines(command, curl));
    clearTimeout(timer);
    timer = setTimeout(() => draw("generate?" + query(items()), figure, `${chosen.get("n")} generated images from seed ${chosen.get("seed")} on`), 150);
  }

  async function draw(path, place, alt) {
    newest?.abort();
    const mine = newest = new AbortController();
    say("Computing.");
    try {
      const blob = await (await ask(path, { signal: mine.signal })).blob();
      if (mine !== newest) return;
      const old = place.querySelector("img")?.src;
      const image = make("img", { class: "figure large", alt });
      image.src = addresses.make(blob);
      replace(place, image, make("div", { class: "row" }, make("button", { type: "button", onclick: () => download(blob, "generated.png") }, "Save")));
      if (old) addresses.free(old);
      say(alt + ".");
    } catch (error) {
      if (error.name !== "AbortError") replace(place, make("p", { class: "error", role: "alert" }, error.message));
    }
  }

  function walk() {
    const place = make("div");
    const seeds = make("input", { type: "text", value: "3,8,21", spellcheck: "false" });
    const steps = make("input", { type: "number", min: 2, max: 24, value: 8 });
    return make("div", {}, make("div", { class: "row" }, field("Seeds", seeds), field("Steps", steps),
      make("button", {
        type: "button", onclick: () => draw("walk?" + query([["seeds", seeds.value], ["steps", steps.value],
          ...items().filter(([name]) => ["model", "truncation"].includes(name))]), place, `a walk between the seeds ${seeds.value}`),
      }, "Walk")), place);
  }

  return () => {
    clearTimeout(timer);
    newest?.abort();
    addresses.freeAll();
  };
}
