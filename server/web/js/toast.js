// A short message that comes and goes; screen readers hear it.
import { button, el } from "./dom.js";

/** `action` is `{ label, run }`. */
export function toast(text, action) {
  const place = document.getElementById("toasts");
  const message = el("div.toast", {}, el("span", {}, text));
  const close = () => message.remove();
  if (action) message.append(button(action.label, () => { close(); action.run(); }));
  place.append(message);
  setTimeout(close, action ? 8000 : 4000);
}
