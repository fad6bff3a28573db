// Compare: the sketch over the picture, up to a line that is drawn across; by pointer or arrow keys.

export function installCompare({ easel, compare, divider, over }) {
  const at = () => easel.style.setProperty("--at", `${divider.value}%`);
  divider.addEventListener("input", at);
  compare.addEventListener("click", () => set(compare.getAttribute("aria-pressed") !== "true"));
  const set = (on) => {
    compare.setAttribute("aria-pressed", on);
    divider.hidden = over.hidden = !on;
    easel.classList.toggle("comparing", on);
    if (on) { at(); divider.focus(); }
  };
  return { off: () => set(false) };
}
