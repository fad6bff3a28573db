// Dropping: files and whole folders that are dropped on a place, or pasted while it is shown.

/** `take(files)` gets a list of `File`s, folders read to their depths; `paste` takes pasted files as well. */
export function dropping(place, take, { paste = false } = {}) {
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("drop-here"); });
  place.addEventListener("dragleave", (event) => { if (!place.contains(event.relatedTarget)) place.classList.remove("drop-here"); });
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.classList.remove("drop-here");
    const files = await filesOf(event.dataTransfer);
    if (files.length) take(files);
  });
  if (paste) {
    addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length && place.offsetParent) { event.preventDefault(); take(files); }
    });
  }
}

async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  return (await Promise.all(entries.map(within))).flat();
}

async function within(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader(), found = [];
  for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length;) found.push(...some); // some hundred at a time
  return (await Promise.all(found.map(within))).flat();
}
