// The query: what the form of the search says, as the API takes it, and in a few words.
import { tab } from "../storage.js";

const LISTS = ["tag", "label"];
const KEPT = "search-query";

/** What is asked: `{ text, negative, like, filters }`, without what is empty. */
export function read(form) {
  const { text, negative } = Object.fromEntries(new FormData(form));
  const asked = { text: text.trim(), negative: negative.trim() }, filters = {};
  for (const name of ["medium", "source"]) if (form[name].value) filters[name] = [form[name].value];
  for (const name of LISTS) {
    const values = form[name].value.split(",").map((value) => value.trim()).filter(Boolean);
    if (values.length) filters[name] = values;
  }
  for (const name of ["after", "before"]) if (form[name].value) filters[name] = form[name].value;
  if (form.min_width.value) filters.min_width = Number(form.min_width.value);
  const colours = [...form.querySelectorAll("[name=colour]:checked")].map((input) => input.value);
  if (colours.length) filters.colour = colours;
  if (Object.keys(filters).length) asked.filters = filters;
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
}

/** The same as a form, with a picture. */
export function asForm(asked, image) {
  const form = new FormData();
  for (const [name, value] of Object.entries(asked)) form.append(name, typeof value === "object" ? JSON.stringify(value) : value);
  if (image) form.append("image", image, "picture");
  return form;
}

/** The conditions that are set, as `{ words, off }`: what they say, and what takes them off. */
export function conditions(form) {
  const set = [], clear = (field) => () => { field.value = ""; };
  const words = { negative: "not", tag: "tagged", label: "in", after: "from", before: "to" };
  for (const [name, before] of Object.entries(words)) if (form[name].value.trim()) set.push({ words: `${before} ${form[name].value.trim()}`, off: clear(form[name]) });
  for (const name of ["medium", "source", "min_width"]) if (form[name].value) set.push({ words: form[name].selectedOptions[0].text.toLowerCase(), off: clear(form[name]) });
  for (const input of form.querySelectorAll("[name=colour]:checked")) set.push({ words: input.value, off: () => { input.checked = false; } });
  return set;
}

/** Kept over a reload, in this browser tab alone. */
export function keep(form, like) {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value);
  tab.setItem(KEPT, JSON.stringify({ fields, like }));
}

export function restore(form) {
  const { fields = [], like = null } = JSON.parse(tab.getItem(KEPT) ?? "{}");
  for (const [name, value] of fields) {
    if (name === "colour") form.querySelector(`[name=colour][value="${CSS.escape(value)}"]`).checked = true;
    else if (form[name]) form[name].value = value;
  }
  return like;
}
