// A sheet of paper as what was done to it, one thing after the other, so that everything can be undone: strokes,
// clearings, pictures laid on it. Places are in pixels of the sheet, whatever size it is shown at.

export const LONG = 1024; // px of the sheet's long side

/** The size of a sheet of a shape, width over height: multiples of 8, as painters take them. */
export function sizeOf(shape) {
  const within = Math.min(2, Math.max(0.5, shape));
  const eight = (side) => Math.round(side / 8) * 8;
  return within >= 1 ? { width: LONG, height: eight(LONG / within) } : { width: eight(LONG * within), height: LONG };
}

export class Sheet {
  #done = [];
  #undone = [];

  /** `{ kind: "stroke", erase, size, points }`, `{ kind: "clear" }` or `{ kind: "picture", picture }`. */
  do(step) { this.#done.push(step); this.#undone = []; }
  undo() { return move(this.#done, this.#undone); }
  redo() { return move(this.#undone, this.#done); }
  get canUndo() { return this.#done.length > 0; }
  get canRedo() { return this.#undone.length > 0; }

  /** What can be seen: all steps since the sheet was last cleared or covered. */
  get visible() {
    const start = this.#done.findLastIndex((step) => step.kind !== "stroke");
    return this.#done.slice(Math.max(0, start)).filter((step) => step.kind !== "clear");
  }

  get empty() { return !this.visible.some((step) => step.kind === "picture" || !step.erase); }

  /** Strokes alone, to be kept over a reload; null where a picture lies on the sheet. */
  get strokes() {
    const visible = this.visible;
    return visible.every((step) => step.kind === "stroke") ? visible : null;
  }
}

function move(from, to) {
  const step = from.pop();
  if (step) to.push(step);
  return Boolean(step);
}

/**
 * The curves of a stroke from its point number `from` on: quadratic ones through the middles between points, as wide
 * as the pressure there. A point is `[x, y, pressure]`, pressure 1 being the plain width.
 */
export function* curves(points, size, from = 0) {
  for (let i = Math.max(1, from); i < points.length; i++) {
    const before = points[i - 2] ?? points[i - 1], at = points[i - 1], next = points[i];
    yield { start: middle(before, at), control: [at[0], at[1]], end: middle(at, next), width: (size * (at[2] + next[2])) / 2 };
  }
}

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
