// The key: asked for when the server wants one, kept in this browser tab alone.
import { key, line, request } from "./api.js";

export function install() {
  const [dialog, input, wrong] = ["key-dialog", "key-input", "key-wrong"].map((id) => document.getElementById(id));
  const opener = document.getElementById("key");
  const ask = (why = "") => {
    if (dialog.open) return;
    input.value = key.get();
    wrong.hidden = !why;
    wrong.lastElementChild.textContent = why;
    dialog.showModal();
  };
  const mark = () => { opener.classList.toggle("has-key", Boolean(key.get())); };
  opener.addEventListener("click", () => ask());
  document.getElementById("key-close").addEventListener("click", () => dialog.close());
  document.getElementById("key-forget").addEventListener("click", () => { key.set(""); input.value = ""; mark(); dialog.close(); });
  let put = false;
  line.addEventListener("key", () => { if (!put) { put = true; ask(key.get() ? "That key is not known here." : ""); } });
  dialog.addEventListener("close", () => { put = false; });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    put = true; // a refusal while trying is told here
    key.set(input.value.trim());
    try {
      await request("styles");
      mark();
      dialog.close();
      line.dispatchEvent(new Event("back"));
    } catch (error) {
      wrong.hidden = false;
      wrong.lastElementChild.textContent = error.status === 401 ? "That key is not known here. Look for a missing character." : error.message;
      input.select();
    }
  });
  mark();
}
