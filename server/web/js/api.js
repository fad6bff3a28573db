// The HTTP API: requests with the key, errors as the server words them, and the events of a job.
// Paths are relative to the page, so that any prefix of a proxy works. No key is ever part of a URL.
import { parseEvents } from "./event-stream.js";

export const FINAL = ["done", "failed", "cancelled", "dead"];

/** What the server refused, or that it could not be reached (status 0). */
export class ApiError extends Error {
  constructor(status, { type = "", message = "", remedy = "", ...data } = {}) {
    super(message);
    Object.assign(this, { status, type, remedy, data });
  }
  get offline() { return this.status === 0; }
}

const KEY = "atelier-key";
export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/** Told of every answer: "answer" when the server was there, "silence" when it was not, "key" when it wants one. */
export const line = new EventTarget();

export const url = (path) => new URL(path.replace(/^\//, ""), document.baseURI);

/** A Response with a good status; throws `ApiError`. `json` is sent as the body. */
export async function request(path, { method = "GET", body, json, headers = {}, signal } = {}) {
  const sent = { "ngrok-skip-browser-warning": "1", ...headers };
  if (key.get()) sent["x-api-key"] = key.get();
  if (json !== undefined) { body = JSON.stringify(json); sent["content-type"] = "application/json"; }
  let answer;
  try {
    answer = await fetch(url(path), { method, body, headers: sent, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    line.dispatchEvent(new Event("silence"));
    throw new ApiError(0, { type: "offline", message: "The server does not answer.", remedy: "Your work is kept. Try again when it is back." });
  }
  if ([502, 504].includes(answer.status)) line.dispatchEvent(new Event("silence")); // a tunnel or proxy without its server
  else line.dispatchEvent(new Event("answer"));
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 401) line.dispatchEvent(new Event("key"));
  throw new ApiError(answer.status, told.error ?? { message: `${answer.status} ${answer.statusText}` });
}

export const getJson = async (path, options) => {
  const answer = await request(path, { ...options, headers: { accept: "application/json", ...options?.headers } });
  return answer.status === 204 ? null : answer.json();
};

export const getBlob = async (path, options) => (await request(path, options)).blob();

const wait = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/**
 * The events of a job from the first to the one that ends it: `{ type, ...data }`. A connection that breaks is taken
 * up after the last event that arrived, for as long as it takes; while the server is silent, `{ type: "offline" }`.
 * Where streams do not get through (a proxy that holds them back), the job itself is asked for instead.
 */
export async function* events(id, signal) {
  let last = "0", quiet = 0;
  for (;;) {
    let heard = false;
    try {
      const answer = await request(`jobs/${id}/events`, { signal, headers: { "last-event-id": last } });
      if (answer.status === 204) return;
      for await (const event of parseEvents(answer.body.pipeThrough(new TextDecoderStream()))) {
        heard = true;
        last = event.id ?? last;
        yield { type: event.type, ...JSON.parse(event.data) };
        if (FINAL.includes(event.type)) return;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof ApiError && !error.offline && error.status < 500) throw error;
      if (error instanceof ApiError && error.offline) yield { type: "offline" };
    }
    quiet = heard ? 0 : quiet + 1;
    await wait(Math.min(4000, 250 * 2 ** quiet), signal);
    if (signal?.aborted) throw new DOMException("left", "AbortError");
    if (quiet > 2) { // nothing came through twice although the server may be there
      const job = await getJson(`jobs/${id}`, { signal }).catch((error) => { if (!error.offline) throw error; });
      if (job?.progress) yield { type: "progress", ...job.progress };
      if (job && FINAL.includes(job.state)) { yield { type: job.state, result: job.result, error: job.error }; return; }
    }
  }
}
