import { make, replace, say } from "./dom.js";
import { ask, askJSON } from "./api.js";

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

/**
 * Shows how a job is doing, and what it gave. It is asked now and then instead of listened to: a browser has six
 * connections to a server, whatever the number of its tabs. `show` gets the result as soon as it is there, `save` when
 * somebody asks for it.
 */
export function watchJob(id, place, what, save, show = () => {}) {
  let timer = null;
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
        isLeft = true;
        await ask("jobs/" + id, { method: "DELETE" }).catch(() => {});
        forget();
        say("Stopped.");
      },
    }, "Stop")));
  say(`Computing ${what}.`);

  async function look() {
    try {
      const job = await askJSON("jobs/" + id);
      if (isLeft) return;
      bar.value = job.progress;
      words.textContent = job.state === "waiting" ? "waiting" : job.progress < 1 ? `${Math.round(100 * job.progress)} %` : "computing";
      if (job.state === "done") return await finish();
      if (job.state === "failed") return await ask(`jobs/${id}/result`);
      if (job.state === "cancelled") return forget();
      timer = setTimeout(look, 500);
    } catch (error) {
      if (isLeft) return;
      replace(place, make("p", { class: "error", role: "alert" },
        error.status === 404 ? "The server does not have this result any more." : error.message));
      if (error.status) keepInAddress(null);
      else timer = setTimeout(look, 2000);
    }
  }

  async function finish() {
    const blob = await (await ask(`jobs/${id}/result`)).blob();
    show(blob);
    replace(place, make("div", { class: "row" },
      make("button", { type: "button", class: "main", onclick: () => save(blob) }, `Save ${what} (${(blob.size / 1e6).toFixed(1)} MB)`),
      make("button", { type: "button", onclick: forget }, "Forget it")));
    say(`Done: ${what} can be saved.`);
  }

  look();
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}
