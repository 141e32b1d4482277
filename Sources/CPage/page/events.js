import { ask, lines, query } from "./api.js";

/*
 * What happens to jobs comes to all tabs over one connection, and only while there is work: a browser has six to a
 * server, whatever the number of its tabs. The tab that holds a lock listens to the server and passes on what it hears.
 * Where a browser has no locks (pages of other machines that are not encrypted), each tab asks now and then.
 */
const channel = new BroadcastChannel("jobs");
/** Of this tab: who wants to know of a job. */
const own = new Map();
/** The last event of each job of all tabs, where this tab listens. */
let all = null;
let stream = null;
let isQueued = false;

export const isShared = Boolean(navigator.locks);

/** Calls `tell` with a job's state whenever it changes; gives what ends that. */
export function listen(id, tell) {
  own.set(id, tell);
  if (isShared) {
    channel.postMessage({ watch: id });
    add(id);
    queue();
  }
  return () => own.delete(id);
}

channel.onmessage = ({ data }) => {
  if (data.job) own.get(data.job.id)?.(data.job);
  else if (data.watch) add(data.watch);
  else for (const id of own.keys()) channel.postMessage({ watch: id });
};

function add(id) {
  if (!all || all.has(id)) return;
  all.set(id, 0);
  stream?.abort();
}

/** Listens as soon as no other tab does. */
async function queue() {
  if (isQueued) return;
  isQueued = true;
  await navigator.locks.request("jobs", async () => {
    // What the tab that listened before passed on may still be on its way.
    await pause(100);
    all = new Map([...own.keys()].map((id) => [id, 0]));
    channel.postMessage({ who: true });
    while (all.size) await hear();
    all = null;
  });
  isQueued = false;
}

async function hear() {
  stream = new AbortController();
  const last = Math.min(...all.values());
  const asked = [...all.keys()];
  const forget = () => { for (const id of asked) all.delete(id); };
  try {
    const response = await ask("events?" + query(asked.map((id) => ["job", id])),
      { signal: stream.signal, headers: last ? { "Last-Event-ID": String(last) } : {} });
    let number = 0;
    for await (const line of lines(response)) {
      if (line.startsWith("id: ")) number = Number(line.slice(4));
      if (line.startsWith("data: ")) pass(number, JSON.parse(line.slice(6)));
    }
    // What was not told of is not there any more.
    forget();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.status === 404) forget();
    else await pause(2000);
  }
}

function pass(number, job) {
  if (!all.has(job.id) || number <= all.get(job.id)) return;
  all.set(job.id, number);
  if (job.state !== "waiting" && job.state !== "running") all.delete(job.id);
  channel.postMessage({ job });
  own.get(job.id)?.(job);
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
