import assert from "node:assert/strict";
import { test } from "node:test";
import { curves, LONG, Sheet, sizeOf } from "../../server/web/js/design/sheet.js";

const stroke = (erase = false) => ({ kind: "stroke", erase, size: 4, points: [[0, 0, 1]] });

test("a sheet takes any shape in multiples of eight, and none that is a strip", () => {
  assert.deepEqual(sizeOf(1), { width: LONG, height: LONG });
  assert.deepEqual(sizeOf(4 / 3), { width: 1024, height: 768 });
  assert.deepEqual(sizeOf(0.75), { width: 768, height: 1024 });
  assert.deepEqual(sizeOf(50), { width: 1024, height: 512 });
});

test("everything is undone and done again, one after the other", () => {
  const sheet = new Sheet(), [one, two] = [stroke(), stroke()];
  sheet.do(one);
  sheet.do(two);
  sheet.do({ kind: "clear" });
  assert.equal(sheet.empty, true);
  sheet.undo();
  assert.deepEqual(sheet.visible, [one, two]);
  sheet.undo();
  assert.deepEqual(sheet.visible, [one]);
  sheet.redo();
  sheet.redo();
  assert.deepEqual([sheet.visible, sheet.canRedo, sheet.canUndo], [[], false, true]);
});

test("what is drawn anew takes the undone away", () => {
  const sheet = new Sheet();
  sheet.do(stroke());
  sheet.undo();
  sheet.do(stroke());
  assert.equal(sheet.redo(), false);
});

test("a sheet on which something was only rubbed out is empty", () => {
  const sheet = new Sheet();
  assert.equal(sheet.empty, true);
  sheet.do(stroke(true));
  assert.equal(sheet.empty, true);
  sheet.do({ kind: "picture", picture: {} });
  assert.equal(sheet.empty, false);
});

test("a picture covers what was there, and strokes over it are no longer all there is", () => {
  const sheet = new Sheet();
  sheet.do(stroke());
  assert.equal(sheet.strokes.length, 1);
  sheet.do({ kind: "picture", picture: {} });
  sheet.do(stroke());
  assert.equal(sheet.visible.length, 2);
  assert.equal(sheet.strokes, null);
});

test("curves join each other and are as wide as the pressure", () => {
  const points = [[0, 0, 1], [10, 0, 1], [20, 10, 2], [30, 10, 2]];
  const all = [...curves(points, 4)];
  assert.equal(all.length, 3);
  for (let i = 1; i < all.length; i++) assert.deepEqual(all[i].start, all[i - 1].end);
  assert.deepEqual(all.map((curve) => curve.width), [4, 6, 8]);
  assert.deepEqual([...curves(points, 4, 2)], all.slice(1));
});
