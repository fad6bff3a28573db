// Draft: what is drawn and typed, kept over a reload of the page; in this browser tab alone.
import { tab } from "../storage.js";

const NAME = "draft-design";

export function keep(draft) {
  try { tab.setItem(NAME, JSON.stringify(draft)); } catch { tab.removeItem(NAME); } // more than it holds
}

export function kept() {
  try { return JSON.parse(tab.getItem(NAME)) ?? {}; } catch { return {}; }
}
