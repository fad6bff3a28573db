// The canvas: a pen with pressure, an eraser, pictures laid on the sheet; by mouse, finger, stylus or keyboard.
// It says "change" while a stroke is drawn (`detail.final` false) and when anything is finished.
import { curves, Sheet, sizeOf } from "./sheet.js";

const ERASER = 4; // times as wide as the pen
const WHILE_DRAWING = 150; // ms between two changes within a stroke
const STEP = 12; // px of an arrow key

export class Canvas extends EventTarget {
  #canvas; #context; #stroke = null; #timer = 0; #cursor = null;
  sheet = new Sheet();
  tool = "pen";
  size = 7;

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { willReadFrequently: true });
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#go(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#end(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => { if (this.#cursor?.down) this.#lift(); this.#cursor = null; this.#paint(); });
    this.shape = 1;
  }

  get shape() { return this.#canvas.width / this.#canvas.height; }
  set shape(shape) { Object.assign(this.#canvas, sizeOf(shape)); this.#paint(); }
  get empty() { return this.sheet.empty; }

  undo() { if (this.sheet.undo()) this.#changed(); }
  redo() { if (this.sheet.redo()) this.#changed(); }
  clear() { if (!this.empty) { this.sheet.do({ kind: "clear" }); this.#changed(); } }

  /** Lay a picture on the sheet, which takes its shape; throws where the browser cannot read it. */
  async lay(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    this.sheet.do({ kind: "picture", picture });
    this.shape = picture.width / picture.height;
    this.#changed();
  }

  /** Strokes of another time. */
  restore(strokes) {
    for (const stroke of strokes) this.sheet.do(stroke);
    this.#changed();
  }

  /** The sheet as PNG, at most `long` pixels long. */
  blob(long = Infinity) {
    const { width, height } = this.#canvas, scale = Math.min(1, long / Math.max(width, height));
    const small = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    const source = this.#cursor ? this.#clean() : this.#canvas;
    context.drawImage(source, 0, 0, small.width, small.height);
    return small.convertToBlob({ type: "image/png" });
  }

  #clean() { // without the cursor of the keyboard
    const copy = new OffscreenCanvas(this.#canvas.width, this.#canvas.height);
    this.#paint(copy.getContext("2d"));
    return copy;
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect(), scale = this.#canvas.width / box.width;
    const pressure = event.pointerType === "pen" ? Math.max(0.2, event.pressure * 2) : 1;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale, pressure];
  }

  #start(id, point, erase) {
    const size = erase ? this.size * ERASER : this.size;
    this.#stroke = { id, step: { kind: "stroke", erase, size, points: [point] } };
    this.#draw(this.#context, this.#stroke.step);
  }

  #begin(event) {
    if (this.#stroke || event.button > 0 || !event.isPrimary) return;
    this.#canvas.setPointerCapture(event.pointerId);
    if (this.#cursor) { this.#cursor = null; this.#paint(); }
    this.#start(event.pointerId, this.#point(event), this.tool === "eraser" || event.buttons === 32); // 32: a pen's other end
  }

  #go(event) {
    if (this.#stroke?.id !== event.pointerId) return;
    const { points } = this.#stroke.step, from = points.length;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) points.push(this.#point(one));
    this.#draw(this.#context, this.#stroke.step, from);
    this.#timer ||= setTimeout(() => { this.#timer = 0; if (this.#stroke) this.#tell(false); }, WHILE_DRAWING);
  }

  #end(event) {
    if (this.#stroke?.id === event.pointerId) this.#finish();
  }

  #finish() {
    this.sheet.do(this.#stroke.step);
    this.#stroke = null;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#changed();
  }

  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      return event.shiftKey ? this.redo() : this.undo();
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    const { width, height } = this.#canvas;
    this.#cursor ??= { x: width / 2, y: height / 2, down: false };
    const cursor = this.#cursor;
    if (!way) return cursor.down ? this.#lift() : this.#lower();
    const step = event.shiftKey ? STEP * 5 : STEP;
    cursor.x = Math.min(width, Math.max(0, cursor.x + way[0] * step));
    cursor.y = Math.min(height, Math.max(0, cursor.y + way[1] * step));
    if (cursor.down) this.#stroke.step.points.push([cursor.x, cursor.y, 1]);
    this.#paint();
  }

  #lower() {
    this.#cursor.down = true;
    this.#start("keyboard", [this.#cursor.x, this.#cursor.y, 1], this.tool === "eraser");
    this.#paint();
  }

  #lift() {
    this.#cursor.down = false;
    this.#finish();
  }

  #draw(context, { points, erase, size }, from = 0) {
    context.strokeStyle = context.fillStyle = erase ? "#fff" : "#000";
    context.lineCap = context.lineJoin = "round";
    if (from === 0) {
      context.beginPath();
      context.arc(points[0][0], points[0][1], (size * points[0][2]) / 2, 0, 2 * Math.PI);
      context.fill();
    }
    for (const { start, control, end, width } of curves(points, size, from)) {
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...start);
      context.quadraticCurveTo(...control, ...end);
      context.stroke();
    }
    if (points.length > 1 && from === 0) { // the last half step, which no curve reaches
      context.lineTo(...points.at(-1).slice(0, 2));
      context.stroke();
    }
  }

  #paint(context = this.#context) {
    const { width, height } = this.#canvas;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    for (const step of this.sheet.visible) {
      if (step.kind === "stroke") this.#draw(context, step);
      else {
        const { picture } = step, scale = Math.min(width / picture.width, height / picture.height);
        const [w, h] = [picture.width * scale, picture.height * scale];
        context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
      }
    }
    if (context !== this.#context) return;
    if (this.#stroke) this.#draw(context, this.#stroke.step);
    if (this.#cursor) this.#cross(context, this.#cursor);
  }

  #cross(context, { x, y, down }) {
    context.strokeStyle = "#a03c1c";
    context.lineWidth = down ? 5 : 2;
    context.beginPath();
    for (const [a, b] of [[20, 0], [0, 20]]) { context.moveTo(x - a, y - b); context.lineTo(x + a, y + b); }
    context.stroke();
  }

  #changed() { this.#paint(); this.#tell(true); }
  #tell(final) { this.dispatchEvent(new CustomEvent("change", { detail: { final } })); }
}
