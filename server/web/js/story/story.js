// Story: a picture becomes a story, a story becomes a picture, and both are remembered.
import { line } from "../api.js";
import { refs } from "../dom.js";
import { dropping } from "../dropping.js";
import { styleChoice } from "../painting.js";
import { tab } from "../storage.js";
import { Memories } from "./memories.js";
import { Picturing } from "./picturing.js";
import { Telling } from "./telling.js";

export const styles = ["painting"];

const LEADS = { telling: "Give a picture, and read its story while it is written.", picturing: "Give a story, and its most visible moment is painted." };
const WAY = "story-way";
let parts, memories, telling, picturing;

export async function mount(panel) {
  parts = refs(panel);
  memories = new Memories(parts);
  telling = new Telling(parts, memories, (story) => { see("picturing"); picturing.give(story); picturing.paint(); });
  picturing = new Picturing(parts, memories);
  parts.seeTelling.addEventListener("click", () => see("telling"));
  parts.seePicturing.addEventListener("click", () => see("picturing"));
  dropping(panel, ([file]) => { see("telling"); telling.give(file); }, { paste: true });
  see(tab.getItem(WAY) ?? "telling");
  line.addEventListener("back", open);
  await open();
  telling.again();
  picturing.again();
}

/** From other tabs: `{ image, name }`, `{ story }` or `{ job }`. */
export async function receive({ image, name, story, job }) {
  if (image) { see("telling"); telling.give(image, name); }
  if (story) { see("picturing"); picturing.give(story); }
  if (job?.kind === "story") { see("telling"); await telling.again(job.id); }
  if (job?.kind === "picture") { see("picturing"); picturing.give(job.asked.story ?? ""); await picturing.again(job.id); }
}

async function open() {
  styleChoice(parts.style).catch(() => {}); // without them there is still the automatic one
  await memories.load();
}

function see(name) {
  tab.setItem(WAY, name);
  for (const part of ["telling", "picturing"]) parts[part].hidden = part !== name;
  parts.seeTelling.setAttribute("aria-pressed", name === "telling");
  parts.seePicturing.setAttribute("aria-pressed", name === "picturing");
  parts.lead.textContent = LEADS[name];
}
