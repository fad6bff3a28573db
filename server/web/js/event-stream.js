// Server-sent events over fetch, since EventSource cannot send a key in a header.

/** Events of a stream of text: `{ type, data, id }`; comments that keep a connection alive are left out. */
export async function* parseEvents(stream) {
  let rest = "";
  for await (const chunk of chunks(stream)) {
    rest += chunk.replaceAll("\r\n", "\n");
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
    const [, name, value] = /^(\w+): ?(.*)$/.exec(text) ?? [];
    if (name === "data") data.push(value);
    else if (name === "event") event.type = value;
    else if (name === "id") event.id = value;
  }
  event.data = data.join("\n");
  return event;
}

async function* chunks(stream) { // not every browser iterates over streams
  const reader = stream.getReader();
  try {
    for (let step; !(step = await reader.read()).done;) yield step.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
