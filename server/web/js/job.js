// A job: asked for, followed to its end, cancelled, and found again after the page was loaded anew.
import { ApiError, events, FINAL, getJson, request } from "./api.js";
import { tab } from "./storage.js";
import { toast } from "./toast.js";

/** That a job ended without a result: `state` is failed, dead or cancelled. */
export class JobEnded extends Error {
  constructor(id, state, error) {
    super(state === "cancelled" ? "Cancelled." : error?.message ?? "The job failed.");
    Object.assign(this, { id, state, remedy: error?.remedy ?? "", type: error?.type ?? state });
  }
}

/** Ask for a job without waiting for its end; its id. */
export async function submit(path, options) {
  const answer = await request(path, { method: "POST", ...options, headers: { prefer: "respond-async", ...options.headers } });
  const job = await answer.json();
  return job.id ?? job.job_id;
}

const LETTING_GO = 3000; // ms that a cancelled job has to end: a model that is asked cannot be interrupted

/**
 * Follow a job to its end and return it. `tell` gets what happens: `{ type: "place", position }` while it waits,
 * events of the server (`started`, `progress`, `token`, `again`, …), `{ type: "offline" }` while the server is away.
 * Throws `JobEnded` where it ends without a result, and `ApiError` where there is no such job. One that was cancelled
 * is not waited for long: it ends by itself.
 */
export async function follow(id, tell = () => {}, signal, { lettingGo = LETTING_GO } = {}) {
  const leave = new AbortController();
  const stop = () => leave.abort();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  let waiting = true, timer, last;
  const ask = async () => {
    const job = await getJson(`jobs/${id}`, { signal }).catch(() => null);
    if (waiting && job?.state === "queued") {
      tell({ type: "place", position: job.position });
      timer = setTimeout(ask, 1000);
    }
  };
  try {
    for await (const event of events(id, leave.signal)) {
      if (event.type === "cancelling") last = setTimeout(stop, lettingGo);
      if (["queued", "again"].includes(event.type)) { waiting = true; clearTimeout(timer); ask(); }
      else if (event.type !== "offline") { waiting = false; clearTimeout(timer); }
      if (FINAL.includes(event.type)) break;
      tell(event);
    }
  } catch (error) {
    if (leave.signal.aborted && !signal?.aborted) throw new JobEnded(id, "cancelled");
    throw error;
  } finally {
    waiting = false;
    clearTimeout(timer);
    clearTimeout(last);
    signal?.removeEventListener("abort", stop);
  }
  const job = await patiently(() => getJson(`jobs/${id}`, { signal }), signal);
  if (job.state !== "done") throw new JobEnded(id, job.state, job.error);
  return job;
}

async function patiently(ask, signal) {
  for (let pause = 500; ; pause = Math.min(4000, pause * 2)) {
    try { return await ask(); } catch (error) {
      if (signal?.aborted || !(error instanceof ApiError) || !error.offline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

export const cancel = (id) => request(`jobs/${id}`, { method: "DELETE" });

/** Cancel from a button, which can be pressed again where the word did not get through. */
export async function stopFrom(button, id) {
  button.disabled = true;
  try { await cancel(id); } catch (error) {
    button.disabled = false;
    toast(`Not cancelled: ${error.message}`);
  }
}

/** The job that a tab was waiting for when the page was left: `remember(name, id)`, `recall(name)`, `forget(name)`. */
export const remember = (name, id) => tab.setItem(`job-${name}`, id);
export const recall = (name) => tab.getItem(`job-${name}`);
export const forget = (name) => tab.removeItem(`job-${name}`);

const STAGES = { style: "Reading the style", composition: "Composing", texture: "Painting", finish: "Finishing", reading: "Reading" };

/** An event in words: what is going on now. */
export function words(event) {
  switch (event.type) {
    case "place": return event.position > 1 ? `Queued: ${event.position - 1} before it` : "Queued: next";
    case "queued": return "Queued";
    case "started": return "Started";
    case "again": return "Its worker had to go; it begins again";
    case "offline": return "The server does not answer; the job goes on when it is back";
    case "cancelling": return "Cancelling…";
    case "progress": {
      const stage = STAGES[event.stage] ?? event.stage ?? "Working";
      return event.total ? `${stage}: step ${event.step} of ${event.total}` : stage;
    }
    default: return "Working";
  }
}
