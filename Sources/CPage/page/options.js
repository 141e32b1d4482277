import { make, field } from "./dom.js";
import { askJSON } from "./api.js";

let described;

/** What the server's verbs and filters take: one description, from which panels and help are made. */
export function options() {
  described ??= askJSON("options").catch((error) => {
    described = undefined;
    throw error;
  });
  return described;
}

/** A control for an option, and what it does beside it. */
export function explainedControl(option, value, change) {
  const help = make("span", { class: "faint", id: "help-" + option.name }, option.summary);
  const control = optionControl(option, value, change);
  for (const input of control.querySelectorAll("input, select")) input.setAttribute("aria-describedby", help.id);
  return make("div", { class: "explained" }, control, help);
}

/**
 * A control for an option: a box for a flag, a choice among words, a slider with a number, or text.
 * `change` gets the value as text, "" for a flag that is set, or null where the option is left out.
 */
export function optionControl(option, value, change) {
  const label = option.label ?? option.name;
  if (!option.placeholder) {
    const box = make("input", {
      type: "checkbox", checked: value !== null && value !== undefined,
      onchange: (event) => change(event.target.checked ? "" : null),
    });
    return make("label", { class: "pair", title: option.summary }, box, label);
  }
  const { minimum, maximum, step } = option;
  // Without a value that holds otherwise a slider would have to stand somewhere.
  const start = value ?? option.initial ?? null;
  const isNumber = maximum !== undefined;
  const isChoice = isNumber && start === null && maximum - minimum <= 4 * step;
  if (option.values?.length || isChoice) {
    const values = isChoice ? Array.from({ length: (maximum - minimum) / step + 1 }, (_, index) => String(minimum + index * step))
      : option.values.filter((word) => !word.endsWith(":"));
    return field(label, make("select", {
      onchange: (event) => change(event.target.value || null), value: value ?? "",
    }, option.isRequired ? [] : make("option", { value: "" }, "default"),
    values.map((word) => make("option", { value: word, selected: word === value }, word))), option.summary);
  }
  if (isNumber) {
    const attributes = { min: minimum, max: maximum, step };
    const number = make("input", {
      type: "number", "aria-label": label, ...attributes, step: "any", placeholder: option.initial,
      value: value ?? (option.isRequired ? start : ""),
    });
    if (start === null || Number.isNaN(Number(start))) {
      number.addEventListener("input", () => change(number.value === "" ? null : number.value));
      return field(label, number, option.summary);
    }
    const slider = make("input", { type: "range", "aria-label": label + ", slider", ...attributes, value: start });
    slider.addEventListener("input", () => {
      number.value = slider.value;
      change(slider.value);
    });
    number.addEventListener("input", () => {
      if (number.value !== "") slider.value = number.value;
      change(number.value === "" ? null : number.value);
    });
    return make("div", { class: "field", role: "group", "aria-label": label, title: option.summary },
      make("span", {}, label), make("div", { class: "pair" }, slider, number));
  }
  return field(label, make("input", {
    type: "text", value: value ?? "", placeholder: option.example ?? option.placeholder, spellcheck: "false",
    oninput: (event) => change(event.target.value === "" ? null : event.target.value),
  }), option.summary);
}
