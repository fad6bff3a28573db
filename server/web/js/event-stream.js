// Server-sent events over fetch, since EventSource cannot send a key in a header.

/**
 * Events of a stream of text: `{ type, data, id }`; comments that keep a connection alive are left out. It ends with
 * the stream, or where nothing came for `patience()` ms, not even a comment.
 */
export async function* parseEvents(stream, patience = () => Infinity) {
  let rest = "", held = "";
  for await (const chunk of chunks(stream, patience)) {
    const text = held + chunk;
    held = text.endsWith("\r") ? "\r" : ""; // its line feed may be in the next chunk
    rest += text.slice(0, text.length - held.length).replace(/\r\n?/g, "\n");
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const event = parseEvent(rest.slice(0, end));
      if (event.data) yield event;
    }
  }
}

/** One block of lines as an event. */
export function parseEvent(block) {
  const event = { type: "message", data: "", id: undefined };
  const data = [];
  for (const text of block.split("\n")) {
    const colon = text.indexOf(":");
    const [name, value] = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1).replace(/^ /, "")];
    if (name === "data") data.push(value);
    else if (name === "event") event.type = value;
    else if (name === "id") event.id = value;
  }
  event.data = data.join("\n");
  return event;
}

async function* chunks(stream, patience) { // not every browser iterates over streams
  const reader = stream.getReader();
  try {
    for (;;) {
      const step = await within(patience(), reader.read());
      if (!step || step.done) return;
      yield step.value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What is waited for, or undefined where it takes longer. */
async function within(ms, promise) {
  if (ms === Infinity) return promise;
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, ms); });
  try { return await Promise.race([promise, late]); } finally { clearTimeout(timer); }
}
