// The connection: a band across the page while the server is silent, and word to all when it is back.
import { line, request } from "./api.js";

export function install() {
  const band = document.getElementById("band");
  let timer = 0, pause = 1000;
  const look = async () => {
    clearTimeout(timer);
    try { await request("healthz"); } catch { pause = Math.min(8000, pause * 1.6); timer = setTimeout(look, pause); }
  };
  line.addEventListener("silence", () => {
    if (!band.hidden) return;
    band.hidden = false;
    pause = 1000;
    timer = setTimeout(look, pause);
  });
  line.addEventListener("answer", () => {
    if (band.hidden) return;
    band.hidden = true;
    clearTimeout(timer);
    line.dispatchEvent(new Event("back"));
  });
  document.getElementById("band-retry").addEventListener("click", look);
  addEventListener("online", look);
}
