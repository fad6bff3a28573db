import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, duration, list, percent, plural, sentence } from "../../server/web/js/words.js";

test("bytes, shares and counts are short", () => {
  assert.deepEqual([0, 999, 1000, 9_949, 12_345, 999_999, 5_000_000, 2e9].map(bytes), ["0 bytes", "999 bytes", "1.0 kB", "9.9 kB", "12 kB", "1.0 MB", "5.0 MB", "2.0 GB"]);
  assert.deepEqual([0, 0.505, 1].map(percent), ["0 %", "51 %", "100 %"]);
  assert.deepEqual([plural(1, "style"), plural(1200, "style"), plural(2, "story", "stories")], ["1 style", "1,200 styles", "2 stories"]);
});

test("durations are told as finely as they matter", () => {
  assert.deepEqual([0.0004, 0.25, 0.9996, 59.94, 59.97, 60, 61.4, 3599.7, 3600, 7384].map(duration), ["0 ms", "250 ms", "1.0 s", "59.9 s", "1 min 0 s", "1 min 0 s", "1 min 1 s", "1 h 0 min", "1 h 0 min", "2 h 3 min"]);
});

test("how long ago, in the unit that a person would say", () => {
  const now = Date.parse("2026-01-02T12:00:00Z"), before = (seconds) => new Date(now - seconds * 1000).toISOString();
  assert.deepEqual([-5, 10, 44, 60, 3569, 3599, 3700, 86_000, 86_400, 200_000].map((seconds) => ago(before(seconds), now)), ["just now", "just now", "just now", "1 minute ago", "59 minutes ago", "1 hour ago", "1 hour ago", "1 day ago", "1 day ago", "2 days ago"]);
});

test("lists are read aloud", () => {
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(list), ["", "a", "a and b", "a, b and c"]);
});

test("messages and remedies are sentences, and names stay as they are", () => {
  assert.deepEqual(["send a PNG", "Is it a PNG?", "b.png is none."].map(sentence), ["Send a PNG.", "Is it a PNG?", "b.png is none."]);
});
