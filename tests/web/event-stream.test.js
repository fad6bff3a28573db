import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEvent, parseEvents } from "../../server/web/js/event-stream.js";

const streamOf = (...chunks) => new ReadableStream({ start(stream) { for (const chunk of chunks) stream.enqueue(chunk); stream.close(); } });

async function read(...chunks) {
  const events = [];
  for await (const event of parseEvents(streamOf(...chunks))) events.push(event);
  return events;
}

const TEXT = `: ping\n\nid: 1\nevent: queued\ndata: {"a": 1}\n\nid: 2\nevent: token\ndata: one\ndata: two\n\n: ping\n\ndata: {"text": "a\u2028b: c"}\n\n`;
const EVENTS = [
  { type: "queued", data: '{"a": 1}', id: "1" },
  { type: "token", data: "one\ntwo", id: "2" },
  { type: "message", data: '{"text": "a\u2028b: c"}', id: undefined },
];

test("events are read, comments are not, and lines of data are put together", async () => {
  assert.deepEqual(await read(TEXT), EVENTS);
});

test("wherever the stream is cut, and however its lines end", async () => {
  for (const ending of ["\n", "\r\n", "\r"]) {
    const text = TEXT.replaceAll("\n", ending);
    for (let cut = 0; cut <= text.length; cut++) {
      const told = await read(text.slice(0, cut), text.slice(cut), ending === "\r" ? ":" : "");
      assert.deepEqual(told, EVENTS, `${JSON.stringify(ending)} cut at ${cut}`);
    }
    assert.deepEqual(await read(...text, ending === "\r" ? ":" : ""), EVENTS, "letter by letter");
  }
});

test("an event that the stream breaks off in is not told", async () => {
  assert.deepEqual(await read("id: 1\ndata: whole\n\nid: 2\ndata: ha"), [{ type: "message", data: "whole", id: "1" }]);
});

test("a field may have no space, a colon in its value, or no value", () => {
  assert.deepEqual(parseEvent("event:token\ndata:a: b\ndata"), { type: "token", data: "a: b\n", id: undefined });
});

test("a stream that says nothing for too long is left, and let go of", async () => {
  let left = false;
  const silent = new ReadableStream({ start(stream) { stream.enqueue("data: one\n\n"); }, cancel() { left = true; } });
  const events = [];
  for await (const event of parseEvents(silent, () => 20)) events.push(event.data);
  assert.deepEqual([events, left], [["one"], true]);
});
