// Tabs: one at a time, by hash (#/design), each loaded when it is first opened: its markup, its style, its script.
import { getBlob } from "./api.js";
import { el } from "./dom.js";
import { failure, state } from "./states.js";

export const TABS = [
  ["design", "Design"], ["search", "Search"], ["library", "Library"], ["story", "Story"], ["documents", "Documents"], ["history", "History"],
];

const mounted = new Map(); // name -> { panel, tab, module }
let current = "";

/** Go to a tab and hand it something: `go("design", { sketch: blob })`. */
export async function go(name, payload) {
  select(name);
  const module = await load(name);
  if (payload !== undefined) module?.receive?.(payload);
}

/** A dot at a tab that works while another is shown. */
export function busy(name, is) {
  const { tab } = mounted.get(name);
  tab.querySelector(".dot")?.remove();
  if (is) tab.append(el("span.dot", { title: "at work" }, el("span.hidden-visually", {}, "at work")));
}

export function install() {
  const bar = document.getElementById("tabs"), main = document.getElementById("main");
  for (const [name, label] of TABS) {
    const tab = el("button.tab", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "aria-selected": "false", tabIndex: -1, onclick: () => select(name) }, label);
    const panel = el("section.panel", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, hidden: true });
    mounted.set(name, { tab, panel, module: null });
    bar.append(tab);
    main.append(panel);
  }
  bar.addEventListener("keydown", (event) => {
    const names = TABS.map(([name]) => name), at = names.indexOf(current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select(names.at(to % names.length));
    mounted.get(current).tab.focus();
  });
  document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  addEventListener("hashchange", fromAddress);
  fromAddress();
}

function fromAddress() {
  const name = location.hash.replace(/^#\/?/, "").split("?")[0];
  select(mounted.has(name) ? name : TABS[0][0]);
}

function select(name) {
  if (name === current) return;
  mounted.get(current)?.module?.hide?.();
  current = name;
  for (const [other, { tab, panel }] of mounted) {
    const is = other === name;
    tab.setAttribute("aria-selected", is);
    tab.tabIndex = is ? 0 : -1;
    panel.hidden = !is;
  }
  document.title = `${TABS.find(([key]) => key === name)[1]} · Atelier`;
  if (location.hash !== `#/${name}`) history.pushState(null, "", `#/${name}`);
  const { tab } = mounted.get(name);
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  load(name).then((module) => { if (current === name) module?.show?.(); });
}

const loading = new Map();

/** The module of a tab, mounted; null where it could not be loaded, which the panel says. */
function load(name) {
  if (!loading.has(name)) loading.set(name, mount(name));
  return loading.get(name);
}

async function mount(name) {
  const place = mounted.get(name);
  const slow = setTimeout(() => state(place.panel, "loading", { title: "Opening…" }), 300);
  try {
    const [module, markup] = await Promise.all([import(`./${name}/${name}.js`), getBlob(`tabs/${name}.html`), style(name)]);
    const parsed = new DOMParser().parseFromString(await markup.text(), "text/html");
    await Promise.all((module.styles ?? []).map(style)); // those that it shares with other tabs
    clearTimeout(slow);
    place.panel.replaceChildren(...parsed.body.childNodes);
    place.module = module;
    await module.mount(place.panel);
    return module;
  } catch (error) {
    clearTimeout(slow);
    console.error(error);
    failure(place.panel, error.status === undefined ? { offline: true } : error, () => { loading.delete(name); load(name).then((module) => module?.show?.()); });
    return null;
  }
}

const sheets = new Map();

function style(name) {
  if (!sheets.has(name)) {
    sheets.set(name, new Promise((resolve, reject) => {
      const fail = () => { sheet.remove(); sheets.delete(name); reject(new Error(`css/${name}.css`)); };
      const sheet = el("link", { rel: "stylesheet", href: `css/${name}.css`, onload: resolve, onerror: fail });
      document.head.append(sheet);
    }));
  }
  return sheets.get(name);
}
