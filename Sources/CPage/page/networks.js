import { make, replace, say, field, Addresses, percent } from "./dom.js";
import { askJSON, query } from "./api.js";
import { picker, takeImages } from "./images.js";
import { fromBase64 } from "./classify.js";

export const title = "Networks";

export async function show(main, settings, remember) {
  const addresses = new Addresses();
  const models = await askJSON("models");
  const card = make("div");
  const seen = make("div");
  let name = new Map(settings).get("model") ?? models[0]?.name;

  replace(main, make("h1", {}, "Networks"),
    models.length === 0 && make("p", { class: "error", role: "alert" }, "This server has no models."),
    make("div", { class: "row" }, field("Model", make("select", {
      onchange: (event) => {
        name = event.target.value;
        draw();
      },
    }, models.map((model) => make("option", { value: model.name, selected: model.name === name }, model.name))))),
    card, seen);
  if (name) await draw();

  async function draw() {
    remember([["model", name]]);
    replace(seen);
    let report;
    try {
      report = await askJSON("models/" + encodeURIComponent(name));
    } catch (error) {
      return replace(card, make("p", { class: "error", role: "alert" }, error.message));
    }
    const about = report.card ?? {};
    const facts = [
      ["What it does", about.summary], ["Accuracy", about.metrics?.accuracy && percent(about.metrics.accuracy)],
      ["Measured on", about.evaluatedOn], ["Trained on", about.data], ["Trained by", about.command && make("code", {}, about.command)],
      ["Limits", about.limitations], ["License", about.license],
      ["Classes", about.classNames?.length && `${about.classNames.length}: ${about.classNames.slice(0, 40).join(", ")}${about.classNames.length > 40 ? ", …" : ""}`],
    ].filter(([, value]) => value);
    const layers = report.layers ?? [];
    replace(card, make("dl", {}, facts.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)])),
      make("h2", {}, "Layers"),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Layers" }, make("table", {},
        make("thead", {}, make("tr", {}, ["Layer", "Output"].map((text) => make("th", {}, text)),
          ["Parameters", "Multiply-adds"].map((text) => make("th", { class: "number" }, text)))),
        make("tbody", {}, layers.map((layer) => make("tr", {}, make("td", {}, layer.name ?? layer.layer ?? layer.declaration ?? ""),
          make("td", {}, [layer.output ?? layer.outputShape ?? ""].flat().join(" × ")),
          make("td", { class: "number" }, (layer.parameters ?? 0).toLocaleString("en")),
          make("td", { class: "number" }, (layer.multiplyAdds ?? 0).toLocaleString("en"))))))));
    if (models.find((model) => model.name === name)?.task !== "classification") return takeImages(() => {});
    const maps = make("div");
    replace(seen, make("h2", {}, "What it sees in your image"), picker(), maps);
    takeImages((files) => explain(files[0], maps));
  }

  async function explain(file, place) {
    say(`${file.name}: computing.`);
    replace(place, make("p", { class: "faint" }, "computing"));
    try {
      const report = await askJSON("explain?" + query([["model", name]]), { method: "POST", body: file });
      addresses.freeAll();
      const figure = (image) => {
        const element = make("img", { class: "figure", alt: image.shows });
        element.src = addresses.make(fromBase64(image.png));
        return make("figure", {}, element, make("figcaption", { class: "faint" }, image.shows));
      };
      const maps = report.images.filter((image) => image.path.startsWith("feature-maps/"));
      const first = ["predictions.png", "grad-cam.png", "filters.png"]
        .map((path) => report.images.find((image) => image.path === path)).filter(Boolean);
      replace(place, make("p", {}, `${file.name}: ${report.class}`), first.map(figure),
        make("h3", {}, "Feature maps"), maps.map((image) => make("details", {},
          make("summary", {}, image.path.replace("feature-maps/", "").replace(".png", "")), figure(image))));
      say(`${file.name}: ${report.images.length} figures.`);
    } catch (error) {
      replace(place, make("p", { class: "error", role: "alert" }, `${file.name}: ${error.message}`));
    }
  }

  return () => {
    takeImages(() => {});
    addresses.freeAll();
  };
}
