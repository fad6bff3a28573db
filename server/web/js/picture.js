// Pictures behind a key: an <img> cannot send a header, so they are fetched, shown as blobs and let go of again.
import { getBlob, line } from "./api.js";

const shown = new WeakMap(); // img -> its blob URL
const wanted = new WeakMap(); // img -> path that it waits for

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) { seen.unobserve(target); load(target); }
}, { rootMargin: "200px" });

/** Show the picture of a path of the API, when it comes near the view. Broken ones get the class `broken`; those that
 * the server was away for are asked for again when it is back. */
export function showPath(img, path) {
  release(img);
  wanted.set(img, path);
  seen.observe(img);
  return img;
}

/** Show a Blob. */
export function showBlob(img, blob) {
  release(img);
  const address = URL.createObjectURL(blob);
  shown.set(img, address);
  img.src = address;
  img.hidden = false;
  return img;
}

/** Let go of what it shows. */
export function release(img) {
  seen.unobserve(img);
  wanted.delete(img);
  if (shown.has(img)) URL.revokeObjectURL(shown.get(img));
  shown.delete(img);
  img.removeAttribute("src");
  img.classList.remove("broken");
}

/** Let go of all pictures below an element, before it is emptied. */
export function releaseAll(element) {
  for (const img of element.querySelectorAll("img")) release(img);
}

async function load(img) {
  const path = wanted.get(img);
  try {
    const blob = await getBlob(path);
    if (wanted.get(img) === path) showBlob(img, blob);
  } catch (error) {
    if (wanted.get(img) !== path) return;
    img.classList.add("broken");
    if (error.offline || error.status === 401) line.addEventListener("back", () => { if (wanted.get(img) === path) showPath(img, path); }, { once: true });
  }
}

/** Hand a Blob to the person as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}

/** The bytes of base64 as a Blob. */
export function blobOf(base64, type = "image/png") {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type });
}
