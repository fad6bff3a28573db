import assert from "node:assert/strict";
import { test } from "node:test";
import { batches } from "../../server/web/js/batches.js";

const sizes = (lots) => lots.map((lot) => lot.map((file) => file.size));
const files = (...all) => all.map((size) => ({ size }));

test("files go in their order, in lots of a size and a number", () => {
  assert.deepEqual(sizes(batches(files(3, 3, 3, 5, 1), 6)), [[3, 3], [3], [5, 1]]);
  assert.deepEqual(sizes(batches(files(1, 1, 1), 10, 2)), [[1, 1], [1]]);
});

test("a file that is larger than a lot goes alone", () => {
  assert.deepEqual(sizes(batches(files(2, 50, 2), 6)), [[2], [50], [2]]);
});

test("no files make no lots", () => assert.deepEqual(batches([]), []));
