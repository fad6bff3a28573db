// Tools: the bar above the canvas, and pictures that are dropped, pasted or chosen as sketches.
import { el } from "../dom.js";
import { getBlob, getJson } from "../api.js";
import { showPath } from "../picture.js";

export function installTools(canvas, parts, { fail, begun }) {
  const { pen, eraser, size, undo, redo, clear, upload, sheet, samples, samplesOpen, samplesList, shapes } = parts;
  const lay = async (file, name = file?.name) => {
    if (!file) return;
    try { await canvas.lay(file); begun(name); fail(null); } catch {
      fail({ message: `${name ?? "That file"} is no picture that this browser can read.`, remedy: "take a PNG, JPEG, WebP or GIF" });
    }
  };
  for (const tool of [pen, eraser]) {
    tool.addEventListener("click", () => {
      canvas.tool = tool.dataset.ref;
      for (const other of [pen, eraser]) other.setAttribute("aria-pressed", other === tool);
    });
  }
  size.addEventListener("input", () => { canvas.size = Number(size.value); });
  undo.addEventListener("click", () => canvas.undo());
  redo.addEventListener("click", () => canvas.redo());
  clear.addEventListener("click", () => canvas.clear());
  upload.addEventListener("change", () => { lay(upload.files[0]); upload.value = ""; });
  for (const shape of shapes.querySelectorAll("button")) {
    shape.addEventListener("click", () => { canvas.shape = Number(shape.value); canvas.dispatchEvent(new CustomEvent("change", { detail: { final: true } })); });
  }

  sheet.addEventListener("dragover", (event) => { event.preventDefault(); sheet.classList.add("drop-here"); });
  sheet.addEventListener("dragleave", () => sheet.classList.remove("drop-here"));
  sheet.addEventListener("drop", (event) => {
    event.preventDefault();
    sheet.classList.remove("drop-here");
    lay(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => {
    const file = event.clipboardData.files[0];
    if (file && sheet.offsetParent) { event.preventDefault(); lay(file, "The pasted file"); } // while the tab is shown
  });

  const offer = async () => {
    if (samplesList.childElementCount) return;
    const { samples: known } = await getJson("samples");
    samplesList.replaceChildren(...known.map((sample) => el("li", {}, el("button.sample", {
      type: "button", title: sample.prompt,
      onclick: async () => { samples.close(); try { await lay(await getBlob(sample.image), sample.name); begun(sample.name, sample.prompt); } catch (error) { fail(error); } },
    }, showPath(el("img", { alt: "", width: 96, height: 96 }), `${sample.image}?size=192`), sample.name))));
  };
  samplesOpen.addEventListener("click", () => { samples.showModal(); offer().catch((error) => { samples.close(); fail(error); }); });
  samples.addEventListener("click", (event) => { if (event.target === samples) samples.close(); });

  const mark = () => {
    undo.disabled = !canvas.sheet.canUndo;
    redo.disabled = !canvas.sheet.canRedo;
    clear.disabled = canvas.empty;
    for (const shape of shapes.querySelectorAll("button")) shape.setAttribute("aria-pressed", Math.abs(Number(shape.value) - canvas.shape) < 0.03);
  };
  canvas.addEventListener("change", mark);
  mark();
  return { lay };
}
