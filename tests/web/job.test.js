import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { cancel, follow, forget, recall, remember, submit, words } from "../../server/web/js/job.js";

let handle;
const server = createServer((asked, answer) => handle(asked, answer));
const port = await new Promise((resolve) => { server.listen(0, "127.0.0.1", () => resolve(server.address().port)); });
globalThis.document = { baseURI: `http://127.0.0.1:${port}/` };
after(() => { server.closeAllConnections(); server.close(); });

const json = (answer, status, told) => answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));
const say = (answer, id, type, data = {}) => answer.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);

test("a job is asked for without waiting, in the new form and in the old", async () => {
  const asked = [];
  handle = (request, answer) => { asked.push([request.method, request.url, request.headers.prefer]); json(answer, 202, request.url === "/generate" ? { id: "a" } : { job_id: "b", status: "pending" }); };
  assert.equal(await submit("generate", { json: {} }), "a");
  assert.equal(await submit("generate-story", { json: {} }), "b");
  await cancel("a");
  assert.deepEqual(asked, [["POST", "/generate", "respond-async"], ["POST", "/generate-story", "respond-async"], ["DELETE", "/jobs/a", undefined]]);
});

test("while it waits its place is told, then what it does, and its end is the job", async () => {
  let state = "queued", stream;
  const begin = () => { say(stream, 2, "started"); state = "done"; say(stream, 3, "done"); };
  handle = (asked, answer) => {
    if (!asked.url.endsWith("/events")) {
      if (state === "queued") setTimeout(begin, 200); // when its place has been heard
      return json(answer, 200, { id: "a", state, position: 2, result: { images: ["image-0.png"] } });
    }
    stream = answer.writeHead(200, { "content-type": "text/event-stream" });
    say(answer, 1, "queued");
  };
  const told = [];
  const job = await follow("a", (event) => told.push(words(event)));
  assert.deepEqual(job.result.images, ["image-0.png"]);
  assert.deepEqual(told, ["Queued", "Queued: 1 before it", "Started"]);
});

test("a job that fails is an error in its own words", async () => {
  handle = (asked, answer) => {
    if (!asked.url.endsWith("/events")) return json(answer, 200, { id: "a", state: "failed", error: { type: "diverged", message: "it diverged", remedy: "lower guidance_scale" } });
    answer.writeHead(200, { "content-type": "text/event-stream" });
    say(answer, 1, "failed");
  };
  await assert.rejects(follow("a"), { name: "Error", state: "failed", message: "it diverged", remedy: "lower guidance_scale", type: "diverged" });
});

test("a job that was cancelled and does not end is not waited for", async () => {
  handle = (asked, answer) => {
    if (!asked.url.endsWith("/events")) return json(answer, 200, { id: "a", state: "running" });
    answer.writeHead(200, { "content-type": "text/event-stream" });
    say(answer, 1, "started");
    say(answer, 2, "cancelling");
  };
  const told = [];
  await assert.rejects(follow("a", (event) => told.push(event.type), undefined, { lettingGo: 30 }), { state: "cancelled", id: "a" });
  assert.deepEqual(told, ["started", "cancelling"]);
});

test("a job is remembered under its tab's name until it is forgotten", () => {
  assert.equal(recall("design"), null);
  remember("design", "a");
  assert.equal(recall("design"), "a");
  forget("design");
  assert.equal(recall("design"), null);
});

test("events are words", () => {
  assert.deepEqual([{ type: "place", position: 1 }, { type: "place", position: 3 }, { type: "progress", stage: "texture", step: 2, total: 6 }, { type: "progress" }, { type: "new" }].map(words), ["Queued: next", "Queued: 2 before it", "Painting: step 2 of 6", "Working", "Working"]);
});
