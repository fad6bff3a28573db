// Outcome: beside the picture what it came from: the sketch, the style that was found with its runners-up, how faithful
// it is, and the recipe.
import { copy } from "../copying.js";
import { button, el } from "../dom.js";
import { releaseAll, showBlob, showPath } from "../picture.js";
import { duration, percent } from "../words.js";

/** Show the outcome of picture number `index` of a finished job; `choose(id)` takes another style. */
export function showOutcome(place, { told, sketch, index }, choose) {
  releaseAll(place);
  place.replaceChildren(sketchCard(told, sketch, index), styleCard(told, choose), recipeCard(told, index));
  place.hidden = false;
}

function sketchCard(told, sketch, index) {
  const fidelity = told.fidelity[index];
  const drawn = sketch ? showBlob(el("img.thumb.paper", { alt: "Your sketch" }), sketch) : null;
  return el("section.from", {}, el("h3", {}, sketch ? "Your sketch" : "Composed from your words"), drawn,
    el("dl.facts", {},
      measure("Lines kept", percent(fidelity.edge_recall), "of the sketch's lines that the picture has"),
      measure("Nothing added", percent(fidelity.edge_precision), "of the picture's strong lines that the sketch has"),
      measure("Colours off", fidelity.palette_distance.toFixed(3), `from the style's; with its hues turned round it would be ${fidelity.palette_control.toFixed(3)}`),
      measure("Texture off", fidelity.texture_distance.toFixed(3), `from the style's; with its pixels shuffled it would be ${fidelity.texture_control.toFixed(3)}`)),
    told.notes.map((note) => el("p.small.muted", {}, `${note[0].toUpperCase()}${note.slice(1)}.`)));
}

const measure = (name, value, title) => [el("dt", { title }, name), el("dd", { title }, value)];

function styleCard(told, choose) {
  const { styles, runners_up: others } = told, retrieved = told.recipe.retrieved;
  const main = styles.map((style) => el("figure.worn", {},
    showPath(el("img.thumb", { alt: `Style: ${style.name}` }), `styles/${encodeURIComponent(style.id)}/image?size=320`),
    el("figcaption", {}, el("strong", {}, style.name),
      styles.length > 1 && el("span.muted.small", {}, ` weight ${style.weight.toFixed(2)}`), meter(style.score))));
  return el("section.wears", {}, el("h3", {}, retrieved ? "Style found for your words" : "Style you chose"), el("div.worn-all", {}, main),
    others.length > 0 && el("div.stack.tight", {}, el("h4", {}, "Runners-up"),
      el("ul.others", {}, others.slice(0, 4).map((style) => el("li", {}, el("button.other", { type: "button", title: `Paint it in ${style.name} instead`, onclick: () => choose(style.id) },
        showPath(el("img", { alt: "", width: 36, height: 36 }), `styles/${encodeURIComponent(style.id)}/image?size=96`), el("span", {}, style.name), meter(style.score)))))));
}

/** How well a style fits the words, from 0 to 1. */
function meter(score) {
  if (score === null || score === undefined) return el("span.meter", {});
  const bar = el("span.meter", {}, el("i", { "aria-hidden": "true" }), el("span.number.small", {}, score.toFixed(2)));
  bar.style.setProperty("--score", `${Math.round(Math.max(0, Math.min(1, score)) * 100)}%`);
  return bar;
}

function recipeCard(told, index) {
  const { recipe } = told, text = JSON.stringify(recipe, null, 2);
  return el("section.made", {}, el("h3", {}, "How it was made"),
    el("dl.facts", {},
      el("dt", {}, "Engine"), el("dd", {}, told.engine),
      el("dt", {}, "Seed"), el("dd", {}, String(told.seeds[index])),
      el("dt", {}, "Size"), el("dd", {}, `${recipe.width} × ${recipe.height} px`),
      recipe.medium && [el("dt", {}, "Sketch read as"), el("dd", {}, recipe.medium.replaceAll("-", " "))],
      told.seconds && [el("dt", {}, "Took"), el("dd", {}, duration(told.seconds))]),
    el("details", {}, el("summary", {}, "Recipe"),
      el("pre.mono.recipe", { tabIndex: 0, role: "region", "aria-label": "Recipe" }, text),
      button("Copy", () => copy(text, "Recipe"), { kind: "small", sign: "copy" })),
    el("p.small.muted", {}, "The recipe travels in the PNG: drop it on History’s Prove it, or run atelier replay, and it is made again."));
}
