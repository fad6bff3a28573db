// Elements: made, found, and filled without markup from strings, so that nothing from outside is ever markup.

/** An element: `el("button.primary", { type: "button", onclick }, "Go", icon("pen"))`; `dataset` and `aria-…` as keys. */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag || "div");
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "dataset") Object.assign(made.dataset, value);
    else if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, value === true ? "" : value);
    else made[key] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A symbol of index.html. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const button = (label, onclick, { kind = "", sign, ...rest } = {}) =>
  el(`button.button${kind ? "." + kind.split(" ").join(".") : ""}`, { type: "button", onclick, ...rest }, sign && icon(sign), label);

/** Elements of a panel by their `data-ref`: `const { prompt, go } = refs(panel)`. */
export function refs(panel) {
  const found = {};
  for (const element of panel.querySelectorAll("[data-ref]")) found[element.dataset.ref] = element;
  return found;
}
