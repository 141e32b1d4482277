import { make, replace, say } from "./dom.js";
import * as classify from "./classify.js";
import * as filter from "./filter.js";
import * as restore from "./restore.js";
import * as generate from "./generate.js";
import * as networks from "./networks.js";
import * as runs from "./runs.js";

const panels = { classify, filter, restore, generate, networks, runs };
const main = document.getElementById("main");
let leave = () => {};

const links = Object.entries(panels).map(([name, panel]) => make("a", {
  href: "/" + name, onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", "/" + name + location.hash);
    open().then(() => main.focus());
  },
}, panel.title));
document.getElementById("panels").append(...links.map((link) => make("li", {}, link)));

/** Shows the panel of the address. */
async function open() {
  const name = location.pathname.slice(1) || "classify";
  const panel = panels[name] ?? classify;
  for (const link of links) {
    if (link.textContent === panel.title) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = panel.title + " – vision";
  leave();
  leave = () => {};
  replace(main, make("p", { class: "faint" }, "loading"));
  const settings = [...new URLSearchParams(location.search)];
  try {
    leave = await panel.show(main, settings, remember) ?? (() => {});
  } catch (error) {
    replace(main, make("h1", {}, panel.title), make("p", { class: "error", role: "alert" }, error.message),
      make("button", { type: "button", onclick: open }, "Try again"));
  }
}

/** Keeps a panel's settings in the address. */
function remember(items) {
  const text = items.map(([name, value]) => encodeURIComponent(name)
    + (value === null || value === undefined ? "" : "=" + encodeURIComponent(value))).join("&");
  const address = location.pathname + (text ? "?" + text : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) history.replaceState(null, "", address);
}

addEventListener("popstate", open);
addEventListener("unhandledrejection", (event) => say(event.reason?.message ?? "Something went wrong."));
open();
