// Against a real HTTP server on this machine, which breaks off, is silent, or holds back what it says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, beforeEach, test } from "node:test";
import { events, getJson, key, line, request } from "../../server/web/js/api.js";

let handle; // what the server does with a request
const server = createServer((asked, answer) => handle(asked, answer));
const port = await new Promise((resolve) => { server.listen(0, "127.0.0.1", () => resolve(server.address().port)); });
globalThis.document = { baseURI: `http://127.0.0.1:${port}/rag/` }; // the page lies below a prefix
after(() => { server.closeAllConnections(); server.close(); });
beforeEach(() => { handle = (_, answer) => answer.writeHead(404).end(); key.set(""); });

const json = (answer, status, told, headers = {}) => answer.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(told));
const stream = (answer) => { answer.writeHead(200, { "content-type": "text/event-stream" }); answer.flushHeaders(); return answer; };
const say = (answer, id, type, data = {}) => answer.write(`id: ${id}\r\nevent: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`);

/** What `line` says while something is done. */
async function heard(work) {
  const told = [], kinds = ["answer", "silence", "key"];
  const listen = (event) => told.push(event.type);
  for (const kind of kinds) line.addEventListener(kind, listen);
  try { await work(); } finally { for (const kind of kinds) line.removeEventListener(kind, listen); }
  return told;
}

async function all(generator) {
  const told = [];
  for await (const event of generator) told.push(event);
  return told;
}

test("paths are below the page's own, whatever they begin with, and the key is in a header and in no address", async () => {
  const seen = [];
  handle = (asked, answer) => { seen.push([asked.url, asked.headers["x-api-key"], asked.headers["ngrok-skip-browser-warning"]]); json(answer, 200, {}); };
  await getJson("/styles");
  key.set("correct-horse");
  await getJson("styles?q=a b");
  await getJson("styles", { headers: { "x-api-key": "tried" } });
  assert.deepEqual(seen, [["/rag/styles", undefined, "1"], ["/rag/styles?q=a%20b", "correct-horse", "1"], ["/rag/styles", "tried", "1"]]);
});

test("an error is told as the server words it, with what it carries", async () => {
  handle = (_, answer) => json(answer, 422, { error: { type: "bad_value", message: "n is 9", remedy: "give 1 to 8", field: "n" } });
  const told = await heard(() => assert.rejects(getJson("generate"), { status: 422, type: "bad_value", message: "n is 9", remedy: "give 1 to 8", data: { field: "n" }, offline: false }));
  assert.deepEqual(told, ["answer"]);
});

test("a server that wants a key is an answer, and word goes round", async () => {
  handle = (_, answer) => json(answer, 401, { error: { type: "missing_key", message: "no key" } });
  assert.deepEqual(await heard(() => assert.rejects(request("jobs"), { status: 401 })), ["answer", "key"]);
});

test("what was asked before the key was there is asked again with it, and with a wrong one once", async () => {
  const seen = [];
  handle = (asked, answer) => {
    seen.push(asked.headers["x-api-key"]);
    if (seen.length === 1) key.set("correct-horse"); // typed while the answer is on its way
    const good = asked.headers["x-api-key"] === "correct-horse" && asked.method === "POST";
    json(answer, good ? 200 : 401, good ? {} : { error: { message: "no key" } });
  };
  assert.deepEqual(await heard(() => getJson("styles", { method: "POST", json: {} })), ["answer"]);
  assert.deepEqual(seen, [undefined, "correct-horse"]);
  assert.deepEqual(await heard(() => assert.rejects(getJson("styles"), { status: 401 })), ["answer", "key"]);
  assert.equal(seen.length, 3);
});

test("what failed behind the server is its answer; a proxy without its server is silence", async () => {
  handle = (_, answer) => json(answer, 502, { error: { type: "provider_failed", message: "the provider failed" } });
  assert.deepEqual(await heard(() => assert.rejects(request("jobs"), { status: 502, offline: false })), ["answer"]);
  handle = (_, answer) => answer.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>");
  assert.deepEqual(await heard(() => assert.rejects(request("jobs"), { status: 0, offline: true })), ["silence"]);
  handle = (_, answer) => answer.destroy();
  assert.deepEqual(await heard(() => assert.rejects(request("jobs"), { status: 0, offline: true })), ["silence"]);
});

test("what is given up is given up, and no silence", async () => {
  handle = () => {};
  const told = await heard(() => assert.rejects(request("jobs", { signal: AbortSignal.timeout(20) }), { name: "TimeoutError" }));
  assert.deepEqual(told, []);
});

test("a job is followed to its end, through connections that break off, without an event twice or missed", async () => {
  const asked = [];
  handle = (request, answer) => {
    const last = Number(request.headers["last-event-id"]);
    asked.push(last);
    if (asked.length === 3) return answer.destroy();
    stream(answer).write(": ping\n\n");
    for (let id = last + 1; id <= Math.min(last + 2, 5); id++) say(answer, id, id === 5 ? "done" : "progress", { step: id });
    if (last === 4) answer.end();
    else setTimeout(() => answer.write('id: 9\ndata: {"ha', () => answer.destroy()), 20); // in the middle of an event
  };
  const told = await all(events("abc"));
  assert.deepEqual(told.filter(({ type }) => type !== "offline").map(({ type, step }) => [type, step]), [["progress", 1], ["progress", 2], ["progress", 3], ["progress", 4], ["done", 5]]);
  assert.deepEqual(asked, [0, 2, 4, 4]);
  assert.equal(told.filter(({ type }) => type === "offline").length, 1);
});

test("a job that had ended before is no event, and one that is not there is an error", async () => {
  handle = (_, answer) => answer.writeHead(204).end();
  assert.deepEqual(await all(events("abc")), []);
  handle = (_, answer) => json(answer, 404, { error: { type: "unknown_job", message: "no such job" } });
  await assert.rejects(all(events("abc")), { status: 404 });
});

test("behind a proxy that holds streams back the job itself is asked for, and the stream let go of", async () => {
  let looks = 0, left = false;
  handle = (asked, answer) => {
    if (asked.url.endsWith("/events")) { stream(answer); answer.on("close", () => { left = true; }); return; }
    looks += 1;
    if (looks === 3) return answer.destroy();
    json(answer, 200, looks < 4 ? { state: "running", progress: { step: looks, total: 4 } } : { state: "failed", error: { message: "no" } });
  };
  const told = await all(events("abc", undefined, { first: 60, pause: 10 }));
  assert.deepEqual(told, [{ type: "progress", step: 1, total: 4 }, { type: "progress", step: 2, total: 4 }, { type: "offline" }, { type: "failed", result: undefined, error: { message: "no" } }]);
  assert.ok(left);
});

test("behind one that holds back the very headers too", async () => {
  handle = (asked, answer) => { if (!asked.url.endsWith("/events")) json(answer, 200, { state: "done", result: { images: [] } }); };
  assert.deepEqual(await all(events("abc", undefined, { between: 60, pause: 10 })), [{ type: "done", result: { images: [] }, error: undefined }]);
});

test("a stream that falls silent in between is taken up again", async () => {
  const asked = [];
  handle = (request, answer) => { const last = Number(request.headers["last-event-id"]); asked.push(last); say(stream(answer), last + 1, last ? "done" : "started"); };
  assert.deepEqual((await all(events("abc", undefined, { between: 60 }))).map(({ type }) => type), ["started", "done"]);
  assert.deepEqual(asked, [0, 1]);
});

test("who leaves stops following at once", async () => {
  const leave = new AbortController();
  let closed;
  const gone = new Promise((resolve) => { closed = resolve; });
  handle = (_, answer) => { say(stream(answer), 1, "started"); answer.on("close", closed); };
  await assert.rejects(async () => { for await (const _ of events("abc", leave.signal)) leave.abort(); }, { name: "AbortError" });
  await gone;
});
