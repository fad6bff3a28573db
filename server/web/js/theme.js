// Light and dark: what the system says, until somebody chooses.
import { browser } from "./storage.js";

export function install() {
  const root = document.documentElement, button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => {
    root.dataset.theme = theme;
    const other = theme === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `${other === "dark" ? "Dark" : "Light"} colours`);
    button.querySelector("use").setAttribute("href", other === "dark" ? "#i-moon" : "#i-sun");
  };
  button.addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    browser.setItem("theme", theme);
    show(theme);
  });
  system.addEventListener("change", () => { if (!browser.getItem("theme")) show(system.matches ? "dark" : "light"); });
  show(root.dataset.theme);
}
