import { make } from "./dom.js";

/** Two images over each other, and a boundary that moves between the first, to the left, and `after`. */
export function divider(address) {
  const first = make("img", { alt: "before" });
  first.src = address;
  const after = make("img", { alt: "after" });
  const edge = make("div", { class: "edge", "aria-hidden": "true" });
  const slider = make("input", { type: "range", class: "divider", min: 0, max: 100, value: 50, "aria-label": "Boundary between before, to the left, and after" });
  const place = () => {
    after.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    edge.style.left = slider.value + "%";
  };
  slider.addEventListener("input", place);
  place();
  return { after, element: make("div", { class: "before-after" }, make("div", { class: "compare" }, first, after, edge), slider) };
}
