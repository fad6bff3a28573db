// The key: asked for when the server wants one, kept in this browser tab alone, and never part of an address.
import { key, line, request } from "./api.js";

const UNKNOWN = "That key is not known here.";

export function install() {
  const [dialog, input, wrong] = ["key-dialog", "key-input", "key-wrong"].map((id) => document.getElementById(id));
  const opener = document.getElementById("key"), form = dialog.querySelector("form");
  let declined = false; // nobody is asked twice for what they do not have
  const mark = () => {
    opener.classList.toggle("has-key", Boolean(key.get()));
    opener.title = key.get() ? "API key: in use" : "API key";
    opener.setAttribute("aria-label", opener.title);
  };
  const tell = (why) => { wrong.hidden = !why; wrong.lastElementChild.textContent = why; input.toggleAttribute("aria-invalid", Boolean(why)); };
  const ask = (why = "") => {
    if (dialog.open) return;
    input.value = key.get();
    tell(why);
    dialog.showModal();
    input.select();
  };
  const use = async (value) => {
    if (!/^[\x21-\x7e]+$/.test(value)) throw new Error(value ? "A key holds no spaces and no letters beyond A to Z." : "Type or paste the key.");
    await request("styles", { headers: { "x-api-key": value } });
    key.set(value);
  };
  opener.addEventListener("click", () => ask());
  line.addEventListener("key", () => { if (!declined && !dialog.open) ask(key.get() && UNKNOWN); });
  line.addEventListener("ask", () => ask(key.get() && UNKNOWN));
  dialog.addEventListener("close", () => { declined = dialog.returnValue !== "used"; dialog.returnValue = ""; });
  document.getElementById("key-close").addEventListener("click", () => dialog.close());
  document.getElementById("key-forget").addEventListener("click", () => { key.set(""); mark(); dialog.close(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [go] = form.querySelectorAll("button");
    go.disabled = true;
    try {
      await use(input.value.trim());
      mark();
      dialog.close("used");
      line.dispatchEvent(new Event("back"));
    } catch (error) {
      tell(error.status === 401 ? `${UNKNOWN} Look for a missing character.` : error.message);
      input.select();
    } finally {
      go.disabled = false;
    }
  });
  mark();
}
