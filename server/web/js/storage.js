// Storage: what this browser tab keeps (`tab`) and what this browser keeps (`browser`). A frame of another site may be
// allowed neither; then this page remembers until it is left.

function open(name) {
  try {
    const storage = globalThis[name];
    storage.getItem("");
    return storage;
  } catch {
    const kept = new Map();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, String(value)), removeItem: (key) => kept.delete(key) };
  }
}

export const tab = open("sessionStorage");
export const browser = open("localStorage");
