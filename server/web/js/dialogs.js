// Dialogs: a press on the backdrop closes the one that is open, as Escape does, and so does another tab by the browser's
// Back; the browser gives the focus back.

export function install() {
  let pressed = null; // the dialog that the press began on: its own box is wholly covered by what it holds
  addEventListener("pointerdown", (event) => { pressed = event.target; });
  addEventListener("hashchange", () => { for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); });
  addEventListener("click", ({ target }) => { if (target instanceof HTMLDialogElement && target === pressed) target.close(); });
}
