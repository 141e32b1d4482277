import { make, replace, say } from "./dom.js";
import { ask, askJSON } from "./api.js";
import { isShared, listen } from "./events.js";

/** The job whose number stands in the address, so that a page that is loaded again finds it. */
export function jobOfAddress() {
  return new URLSearchParams(location.hash.slice(1)).get("job");
}

function keepInAddress(id) {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (id) parts.set("job", id);
  else parts.delete("job");
  const hash = parts.toString();
  history.replaceState(null, "", location.pathname + location.search + (hash ? "#" + hash : ""));
}

/** Hands work to the server that goes on without this page. */
export async function startJob(path, body) {
  const response = await ask(path, { method: "POST", body, headers: { Prefer: "respond-async" } });
  const { id } = await response.json();
  keepInAddress(id);
  return id;
}

/** After so long without a word of a job it is asked for. */
const silence = isShared ? 5000 : 700;

/** Shows how a job is doing, and what it gave: `show` gets the result as soon as it is there, `save` when somebody asks for it. */
export function watchJob(id, place, what, save, show = () => {}) {
  let timer = null;
  let stopListening = null;
  let isLeft = false;
  const bar = make("progress", { "aria-label": `Progress of ${what}`, max: 1, value: 0 });
  const words = make("span", {});
  const forget = () => {
    keepInAddress(null);
    replace(place);
  };
  replace(place, make("div", { class: "row", role: "group", "aria-label": `Work on ${what}` }, bar, words,
    make("button", {
      type: "button", onclick: async () => {
        leave();
        await ask("jobs/" + id, { method: "DELETE" }).catch(() => {});
        forget();
        say("Stopped.");
      },
    }, "Stop")));
  say(`Computing ${what}.`);

  async function look() {
    try {
      await hear(await askJSON("jobs/" + id));
    } catch (error) {
      fail(error);
    }
  }

  async function hear(job) {
    if (isLeft) return;
    clearTimeout(timer);
    bar.value = job.progress;
    words.textContent = job.state === "waiting" ? "waiting" : job.progress < 1 ? `${Math.round(100 * job.progress)} %` : "computing";
    if (job.state === "waiting" || job.state === "running") {
      stopListening ??= listen(id, hear);
      timer = setTimeout(look, silence);
      return;
    }
    leave();
    try {
      if (job.state === "done") await finish();
      else if (job.state === "failed") await ask(`jobs/${id}/result`);
      else forget();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error) {
    if (error.status) keepInAddress(null);
    else if (!isLeft) timer = setTimeout(look, 2000);
    replace(error.status ? place : words, make("p", { class: "error", role: "alert" },
      error.status === 404 ? "The server does not have this result any more." : error.message));
  }

  function leave() {
    isLeft = true;
    clearTimeout(timer);
    stopListening?.();
  }

  async function finish() {
    const blob = await (await ask(`jobs/${id}/result`)).blob();
    show(blob);
    replace(place, make("div", { class: "row" },
      make("button", { type: "button", class: "main", onclick: () => save(blob) }, `Save ${what} (${size(blob.size)})`),
      make("button", { type: "button", onclick: forget }, "Forget it")));
    say(`Done: ${what} can be saved.`);
  }

  look();
  return leave;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
