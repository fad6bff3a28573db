import assert from "node:assert/strict";
import { test } from "node:test";
import { Latest } from "../../server/web/js/design/latest.js";

/** Work that is finished by hand. */
function bench() {
  const begun = [];
  const latest = new Latest(() => new Promise((finish) => begun.push(finish)));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { begun, latest, settle };
}

test("one is in flight, and of those that come meanwhile only one follows", async () => {
  const { begun, latest, settle } = bench();
  latest.ask(); latest.ask(); latest.ask(); latest.ask();
  assert.equal(begun.length, 1);
  begun[0]();
  await settle();
  assert.equal(begun.length, 2);
  begun[1]();
  await settle();
  assert.equal(begun.length, 2);
  latest.ask();
  assert.equal(begun.length, 3);
});

test("nothing begins in a pause, and the last wish is done after it", async () => {
  const { begun, latest, settle } = bench();
  latest.pause();
  latest.ask(); latest.ask();
  await settle();
  assert.equal(begun.length, 0);
  latest.resume();
  assert.equal(begun.length, 1);
});

test("a wish that is dropped in a pause is not done", async () => {
  const { begun, latest } = bench();
  latest.pause();
  latest.ask();
  latest.drop();
  latest.resume();
  assert.equal(begun.length, 0);
});

test("work that fails does not stop the next", async () => {
  let calls = 0;
  const latest = new Latest(async () => { calls += 1; if (calls === 1) throw new Error("no"); });
  await assert.rejects(latest.ask());
  await latest.ask();
  assert.equal(calls, 2);
});
