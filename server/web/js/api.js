// The HTTP API: requests with the key, errors as the server words them, and the events of a job.
// Paths are relative to the page, so that any prefix of a proxy works. No key is ever part of a URL.
import { parseEvents } from "./event-stream.js";
import { tab } from "./storage.js";

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
  get: () => tab.getItem(KEY) ?? "",
  set: (value) => (value ? tab.setItem(KEY, value) : tab.removeItem(KEY)),
};

/** Told of every answer: "answer" when the server was there, "silence" when it was not, "key" when it wants one. */
export const line = new EventTarget();

export const url = (path) => new URL(path.replace(/^\//, ""), document.baseURI);

/** A Response with a good status; throws `ApiError`. `json` is sent as the body; a key in `headers` goes before the kept one. */
export async function request(path, { method = "GET", body, json, headers = {}, signal } = {}) {
  const kept = key.get(), sent = { "ngrok-skip-browser-warning": "1", ...(kept && { "x-api-key": kept }), ...headers };
  if (json !== undefined) { body = JSON.stringify(json); sent["content-type"] = "application/json"; }
  let answer;
  try {
    answer = await fetch(url(path), { method, body, headers: sent, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw silence();
  }
  if (answer.status === 401 && key.get() !== kept) return request(path, { method, body, json, headers, signal }); // a key was given meanwhile
  if (answer.ok) { line.dispatchEvent(new Event("answer")); return answer; }
  const told = await answer.json().catch(() => null);
  if (told === null && [502, 503, 504].includes(answer.status)) throw silence(); // a tunnel or proxy without its server
  line.dispatchEvent(new Event("answer"));
  if (answer.status === 401) line.dispatchEvent(new Event("key"));
  throw new ApiError(answer.status, told?.error ?? { message: `${answer.status} ${answer.statusText}`.trim() });
}

function silence() {
  line.dispatchEvent(new Event("silence"));
  return new ApiError(0, { type: "offline", message: "The server does not answer.", remedy: "Your work is kept. Try again when it is back." });
}

export const getJson = async (path, options) => {
  const answer = await request(path, { ...options, headers: { accept: "application/json", ...options?.headers } });
  return answer.status === 204 ? null : answer.json();
};

export const getBlob = async (path, options) => (await request(path, options)).blob();

const FIRST = 6000, BETWEEN = 40000; // ms: the first event is sent at once, later a comment at least every 15 s

const wait = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/**
 * The events of a job from the first to the one that ends it: `{ type, ...data }`. A connection that breaks is taken
 * up after the last event that arrived, for as long as it takes; while the server is silent, `{ type: "offline" }`.
 * Where streams do not get through (a proxy that holds them back), the job itself is asked for instead.
 */
export async function* events(id, signal, { first = FIRST, between = BETWEEN, pause = 1000 } = {}) {
  let last = "0", quiet = 0, streams = false, held = false; // whether an event ever came through; whether none does
  while (!held) {
    let heard = false;
    const began = performance.now(), leave = new AbortController(), stop = () => leave.abort();
    signal?.addEventListener("abort", stop, { once: true });
    const late = setTimeout(stop, between); // some proxies hold back the very headers
    try {
      if (signal?.aborted) stop();
      const answer = await request(`jobs/${id}/events`, { signal: leave.signal, headers: { "last-event-id": last } });
      clearTimeout(late);
      if (answer.status === 204) return;
      const text = answer.body.pipeThrough(new TextDecoderStream());
      for await (const event of parseEvents(text, () => (streams ? between : first))) {
        heard = streams = true;
        last = event.id ?? last;
        yield { type: event.type, ...JSON.parse(event.data) };
        if (FINAL.includes(event.type)) return;
      }
      held = !streams && performance.now() - began >= first;
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof ApiError && !error.offline && error.status < 500) throw error;
      if (error instanceof ApiError && error.offline) yield { type: "offline" };
      held = leave.signal.aborted;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", stop);
      stop();
    }
    quiet = heard ? 0 : quiet + 1;
    if (!held) await wait(Math.min(4000, 250 * 2 ** quiet), signal);
    if (signal?.aborted) throw new DOMException("left", "AbortError");
  }
  yield* looks(id, signal, pause);
}

/** The same, by asking for the job time and again. */
async function* looks(id, signal, pause) {
  for (;;) {
    const job = await getJson(`jobs/${id}`, { signal }).catch((error) => {
      if (!error.offline && !(error.status >= 500)) throw error;
      return { state: "offline" };
    });
    if (FINAL.includes(job.state)) { yield { type: job.state, result: job.result, error: job.error }; return; }
    yield job.progress ? { type: "progress", ...job.progress } : { type: job.state === "running" ? "started" : job.state };
    await wait(pause, signal);
    if (signal?.aborted) throw new DOMException("left", "AbortError");
  }
}
