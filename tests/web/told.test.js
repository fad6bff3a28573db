import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, fileName, kindOf, KINDS, outcome, pictures, place, took, verdict } from "../../server/web/js/history/told.js";

const design = { id: "a", kind: "design", state: "done", inputs: ["sketch"], asked: { prompt: "a  cottage\nwith a red roof" }, result: { styles: [{ name: "Impasto oils" }, { name: "Ukiyo-e" }], engine: "painter 1.2", seeds: [7, 8], images: ["image-0.png", "image-1.png"] }, started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:00:02.500Z" };

test("what was asked is told in its own words", () => {
  assert.equal(asked(design), "a cottage with a red roof");
  assert.equal(asked({ kind: "design", asked: {} }), "A sketch without words");
  assert.equal(asked({ kind: "illustrate", asked: { question: "Which tower?" } }), "Which tower?");
  assert.equal(asked({ kind: "story", asked: { wish: "of a whale" }, result: null }), "of a whale");
  assert.equal(asked({ kind: "story", asked: { wish: "of a whale" }, result: { title: "The Boat" } }), "The Boat");
  assert.equal(asked({ kind: "documents", asked: { names: ["a.pdf", "b.pdf"] } }), "a.pdf and b.pdf");
  assert.equal(asked({ kind: "pictures", asked: { names: ["a", "b", "c", "d", "e"] } }), "a, b, c and 2 more");
  assert.equal(asked({ kind: "pictures", asked: { path: "/pictures" } }), "/pictures");
  assert.equal(asked({ kind: "replay", asked: { name: "x.png" } }), "x.png, made again");
  const long = asked({ kind: "picture", asked: { story: "once upon a time ".repeat(40) } });
  assert.ok(long.length < 182 && long.endsWith("…"));
  for (const kind of [...Object.keys(KINDS), "one of a later version"]) assert.ok(asked({ kind }), kind);
});

test("what came of it names the engine", () => {
  assert.deepEqual(outcome(design), ["Impasto oils and Ukiyo-e", "painter 1.2", "seeds 7, 8"]);
  assert.deepEqual(outcome({ ...design, state: "failed", result: null }), []);
  assert.deepEqual(outcome({ kind: "story", state: "done", result: { engine: "storyteller 1.0", story: "One two three." } }), ["storyteller 1.0", "3 words"]);
  assert.deepEqual(outcome({ kind: "pictures", state: "done", result: { new: 6, changed: 0, failed: 1 } }), ["6 new", "1 failed"]);
  assert.deepEqual(outcome({ kind: "documents", state: "done", result: { new: 0, failed: 0 } }), ["Nothing was there"]);
  assert.deepEqual(outcome({ kind: "describe", state: "done", result: { engine: "describer 1.0", described: 6, failed: 0 } }), ["6 described", "describer 1.0"]);
});

test("it is shown by what it made, or else by what it was asked with", () => {
  assert.deepEqual(pictures(design), { paths: ["jobs/a/files/image-0.png?size=320", "jobs/a/files/image-1.png?size=320"], count: 2 });
  assert.deepEqual(pictures({ ...design, result: { images: Array.from({ length: 8 }, (_, i) => `${i}.png`) } }).paths.length, 4);
  assert.deepEqual(pictures({ ...design, state: "running", result: null }), { paths: ["jobs/a/files/sketch?size=320"], count: 1, paper: true });
  assert.deepEqual(pictures({ id: "a", kind: "documents", state: "done", result: {} }), { paths: [], count: 0, paper: false });
  const taken = { id: "a", kind: "pictures", state: "done", result: { results: [{ id: "x", outcome: "new" }, { id: null, outcome: "failed" }, { id: "y", outcome: "gone" }] } };
  assert.deepEqual(pictures(taken), { paths: ["pictures/x/thumbnail"], count: 1 });
});

test("a replay is identical, close or different, with its reasons as sentences", () => {
  assert.deepEqual(verdict({ verdict: "identical", differences: [], largest_difference: 0 }), { good: true, title: "Identical", text: "Made again from its own recipe, it is the same in every pixel.", why: [] });
  assert.match(verdict({ verdict: "close", differences: [], largest_difference: 2 }).text, /more than 2 of 255/);
  const gone = verdict({ verdict: "different", differences: ["the style 'mine' is gone"], largest_difference: null });
  assert.deepEqual([gone.good, gone.why, gone.text], [false, ["The style 'mine' is gone."], "It cannot be made again as it was."]);
});

test("times, names and places", () => {
  assert.equal(took(design), "2.5 s");
  assert.equal(took({ started: null, finished: null }), "");
  assert.equal(fileName(design, 1), "a-cottage-with-a-red-roof-8.png");
  assert.equal(fileName({ kind: "replay", asked: { name: "x.png" }, result: { images: ["image-0.png"] } }, 0), "x-png-made-again-1.png");
  assert.deepEqual([1, 3].map(place), ["Waiting: next", "Waiting: 2 before it"]);
  assert.equal(kindOf({ kind: "later" }).name, "later");
});
