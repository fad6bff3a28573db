// Words for numbers and times, as people read them.

export const percent = (share) => `${Math.round(share * 100)} %`;

export function bytes(count) {
  for (const unit of ["bytes", "kB", "MB"]) {
    if (count < 999.5) return `${unit === "bytes" || count >= 9.95 ? Math.round(count) : count.toFixed(1)} ${unit}`;
    count /= 1000;
  }
  return `${count.toFixed(1)} GB`;
}

export function duration(seconds) {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** How long ago an ISO time was; `now` in milliseconds. */
export function ago(iso, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 45) return "just now";
  for (const [unit, long, most] of [["minute", 60, 60], ["hour", 3600, 24]]) {
    const count = Math.max(1, Math.round(seconds / long));
    if (count < most) return `${plural(count, unit)} ago`;
  }
  return `${plural(Math.round(seconds / 86400), "day")} ago`;
}

export const plural = (count, noun, many = `${noun}s`) => `${count.toLocaleString("en")} ${count === 1 ? noun : many}`;

/** "a, b and c" */
export const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

/** The stop that words still need to be a sentence. */
export const ended = (words) => (/[.?!…]$/.test(words) ? "" : ".");

const NAME = /^\S*[./_=\d]\S*\s/; // of a file or a setting, which is written as it is

/** Words as a sentence: a capital at the beginning, unless that is a name, and a stop at the end. */
export const sentence = (words) => `${NAME.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1)}${ended(words)}`;
