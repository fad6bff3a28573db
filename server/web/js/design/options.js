// Options: what the form says besides sketch, prompt and style, and what of it each engine takes.

const STRENGTHS = ["controlnet_conditioning_scale", "ip_adapter_scale"];
const SAMPLING = ["num_inference_steps", "guidance_scale", "negative_prompt"];
const MAX_SEED = 2 ** 31 - 1;

export class Options {
  #form; #sampling; #why;

  constructor(form, { dice, sampling, samplingWhy }) {
    [this.#form, this.#sampling, this.#why] = [form, sampling, samplingWhy];
    dice.addEventListener("click", () => { this.roll(); form.seed.dispatchEvent(new Event("change", { bubbles: true })); });
    for (const input of form.querySelectorAll('.slider > input[type="range"][name]')) {
      const show = () => { input.parentElement.querySelector("output").textContent = Number(input.value).toFixed(input.step < 1 ? 2 : 0); };
      input.addEventListener("input", show);
      show();
    }
  }

  /** Another seed. */
  roll() { this.#form.seed.value = Math.floor(Math.random() * 100000); }

  /** Say which engine paints: what steers diffusion alone cannot be set with the painter. */
  engine(name) {
    const painter = name.startsWith("painter");
    this.#sampling.disabled = painter;
    this.#why.hidden = !painter;
  }

  /** Fields of POST /generate; `preview`: those that POST /preview obeys. */
  fields(shape, preview = false) {
    const { form, sampling } = { form: this.#form, sampling: this.#sampling };
    const told = { seed: Math.min(MAX_SEED, Math.max(0, Math.round(Number(form.seed.value) || 0))), medium: form.medium.value };
    for (const name of STRENGTHS) told[name] = form[name].value;
    if (preview) return told;
    Object.assign(told, { n: form.n.value, best_of: form.best_of.checked ? Math.max(1, Math.min(4, Math.floor(8 / form.n.value))) : 1 });
    if (form.size.value) Object.assign(told, sides(Number(form.size.value), shape));
    if (!sampling.disabled) for (const name of SAMPLING) told[name] = form[name].value;
    return told;
  }

  /** Show what a job was asked. */
  fill(asked) {
    const form = this.#form;
    for (const name of ["seed", "n", "medium", ...STRENGTHS, ...SAMPLING]) {
      if (asked[name] === undefined) continue;
      form[name].value = asked[name];
      form[name].dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.best_of.checked = (asked.best_of ?? 1) > 1;
    const long = asked.width ? String(Math.max(asked.width, asked.height ?? 0)) : "";
    form.size.value = [...form.size.options].some((option) => option.value === long) ? long : "";
  }
}

/** Width and height of a picture that is `long` px long, in multiples of 8. */
export function sides(long, shape) {
  const eight = (side) => Math.max(64, Math.round(side / 8) * 8);
  return shape >= 1 ? { width: long, height: eight(long / shape) } : { width: eight(long * shape), height: long };
}
