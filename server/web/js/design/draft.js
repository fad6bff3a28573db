// Draft: what is drawn and typed, kept over a reload of the page; in this browser tab alone.

const NAME = "draft-design";

export function keep(draft) {
  try { sessionStorage.setItem(NAME, JSON.stringify(draft)); } catch { sessionStorage.removeItem(NAME); } // more than it holds
}

export function kept() {
  try { return JSON.parse(sessionStorage.getItem(NAME)) ?? {}; } catch { return {}; }
}
