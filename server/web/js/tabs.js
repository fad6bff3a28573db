// Tabs: one at a time, by hash (#/design), each loaded when it is first opened: its markup, its style, its script.
import { ApiError, getBlob } from "./api.js";
import { el } from "./dom.js";
import { failure, state } from "./states.js";

export const TABS = [
  ["design", "Design"], ["search", "Search"], ["library", "Library"], ["story", "Story"], ["documents", "Documents"], ["history", "History"],
];

const mounted = new Map(); // name -> { panel, tab, module, scroll, waiting, works }
let current = "";

/** Go to a tab and hand it something: `go("design", { sketch: blob })`. It waits for a tab that cannot be opened yet. */
export async function go(name, payload) {
  const place = mounted.get(name);
  place.waiting = payload;
  select(name);
  deliver(place, await load(name));
}

function deliver(place, module) {
  if (!module || place.waiting === undefined) return;
  const payload = place.waiting;
  place.waiting = undefined;
  module.receive?.(payload);
}

/** A dot at a tab that works while another is shown; `what` tells apart the works of one tab. */
export function busy(name, is, what = "") {
  const { tab, works } = mounted.get(name);
  if (is) works.add(what); else works.delete(what);
  tab.querySelector(".dot")?.remove();
  if (works.size) tab.append(el("span.dot", { title: "at work" }, el("span.hidden-visually", {}, "at work")));
}

export function install() {
  const bar = document.getElementById("tabs"), main = document.getElementById("main");
  for (const [name, label] of TABS) {
    const tab = el("button.tab", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, "aria-selected": "false", tabIndex: -1, onclick: () => select(name) }, label);
    const panel = el("section.panel", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, hidden: true });
    mounted.set(name, { tab, panel, module: null, scroll: 0, waiting: undefined, works: new Set() });
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
  if (mounted.has(name)) return select(name);
  history.replaceState(null, "", `#/${TABS[0][0]}`); // what names no tab is no step to go back to
  select(TABS[0][0]);
}

function select(name) {
  if (name === current) return;
  const before = mounted.get(current);
  if (before) before.scroll = scrollY;
  before?.module?.hide?.();
  current = name;
  for (const [other, { tab, panel }] of mounted) {
    const is = other === name;
    tab.setAttribute("aria-selected", is);
    tab.tabIndex = is ? 0 : -1;
    panel.hidden = !is;
  }
  document.title = `${TABS.find(([key]) => key === name)[1]} · Atelier`;
  if (location.hash !== `#/${name}`) history.pushState(null, "", `#/${name}`);
  const { tab, scroll } = mounted.get(name);
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (before) scrollTo(0, scroll);
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
    const [module, markup] = await fetched(name, place.tries = (place.tries ?? 0) + 1);
    clearTimeout(slow);
    place.panel.replaceChildren(...new DOMParser().parseFromString(markup, "text/html").body.childNodes);
    await module.mount(place.panel);
    return place.module = module;
  } catch (error) {
    clearTimeout(slow);
    failure(place.panel, told(error), async () => {
      loading.delete(name);
      const module = await load(name);
      if (current === name) module?.show?.();
      deliver(place, module);
    });
    return null;
  }
}

/** Its script, its markup, its styles (its own, and those in `styles` that it shares with other tabs); throws where one
 * did not come. A script that failed is asked for anew. */
async function fetched(name, tries) {
  const parts = [markupOf(name), import(`./${name}/${name}.js${tries > 1 ? `?again=${tries}` : ""}`), style(name)];
  const [markup, module, sheet] = await Promise.allSettled(parts);
  for (const part of [markup, module, sheet]) if (part.status === "rejected") throw part.reason;
  await Promise.all((module.value.styles ?? []).map(style));
  return [module.value, markup.value];
}

const markupOf = async (name) => (await getBlob(`tabs/${name}.html`)).text();

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

/** What went wrong, in words for the panel; what is wrong with the tab itself goes on record as well. */
function told(error) {
  if (error instanceof ApiError && (error.offline || error.status === 401)) return error;
  if (!(error instanceof ApiError)) console.error(error);
  return { message: "This part of the page could not be opened.", remedy: `${error.message}. Try again; if it stays so, load the page anew` };
}
