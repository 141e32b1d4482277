/** The token, where the server wants one: it stands behind the address, which browsers do not send. */
const token = new URLSearchParams(location.hash.slice(1)).get("token");

/** What a server refused, in its words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** A request to the server's interface. */
export async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  if (token) headers.set("Authorization", "Bearer " + token);
  // What becomes a job is asked for as one.
  if (options.method === "POST" && !headers.has("Prefer")) headers.set("Prefer", "wait=600");
  let response;
  try {
    response = await fetch("/api/v1/" + path, { ...options, headers, credentials: "omit" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "the server does not answer; is it still running?");
  }
  if (response.ok) return response;
  let detail = "the server answered " + response.status;
  try {
    detail = (await response.json()).detail ?? detail;
  } catch { /* no problem in JSON */ }
  throw new Refused(response.status, detail);
}

export async function askJSON(path, options) {
  return (await ask(path, options)).json();
}

/** The lines of an answer, as they come. */
export async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
    const parts = rest.split("\n");
    rest = parts.pop();
    for (const part of parts) if (part) yield part;
  }
  if (rest) yield rest;
}

/** A query as the server reads it: pairs of names and values, in order; no value stands for a flag. */
export function query(items) {
  return items.map(([name, value]) => encodeURIComponent(name)
    + (value === undefined || value === null ? "" : "=" + encodeURIComponent(value))).join("&");
}

/** The command line and the request that do the same. */
export function asTyped(verb, items, file, method = "POST") {
  const word = (text) => /^[A-Za-z0-9_\-./,:+@%=]+$/.test(text)
    ? text : "'" + String(text).replaceAll("'", "'\\''") + "'";
  const flags = items.map(([name, value]) => (name.length === 1 ? "-" : "--") + name
    + (value === undefined || value === null ? "" : " " + word(value)));
  const address = location.origin + "/api/v1/" + verb.path + (items.length ? "?" + query(items) : "");
  const header = (token ? " -H 'Authorization: Bearer TOKEN'" : "") + (verb.isLong ? " -H 'Prefer: wait=600'" : "");
  return {
    command: ["vision", verb.command, ...flags, file ? word(file) : ""].join(" ").trim(),
    curl: "curl" + header + (method === "POST" ? " --data-binary @" + word(file ?? "photo.jpg") : "")
      + " '" + address + "'" + (verb.output ? " > " + verb.output : ""),
  };
}
