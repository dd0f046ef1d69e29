// A row of the panel: a title, a slider, its number to type, and its reset.

import { limits, say, sideOf, strength } from "./rows.js";

let count = 0;
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

export class Slider {
  constructor(entry, known, model) {
    Object.assign(this, { entry, known, model });
    this.side = sideOf(entry, {});
    this.dragging = false;
    const id = `slider-${(count += 1)}`;
    this.range = element("input", { type: "range", id, "aria-describedby": `${id}-note` });
    this.number = element("input", { type: "number", "aria-label": `${entry.title}, as a number`, class: "number" });
    this.reset = element("button", { type: "button", class: "reset", "aria-label": `Reset ${entry.title.toLowerCase()}`, title: "Reset" }, "↺");
    this.note = element("small", { id: `${id}-note` });
    const head = element("div", { class: "head" }, element("label", { for: id }, entry.title));
    if (entry.sides) head.append(this.#chooser(id));
    head.append(this.number, this.reset);
    this.element = element("div", { class: "slider", "data-row": entry.words[0] }, head, this.range, this.note);
    this.range.addEventListener("input", () => this.#set(Number(this.range.value), false));
    this.range.addEventListener("change", () => this.#set(Number(this.range.value), true));
    this.number.addEventListener("change", () => this.#type());
    this.reset.addEventListener("click", () => this.#set(0, true));
    this.show();
  }

  // Show what is said of the face that is chosen; `cannot` says why words do not act in this photo.
  show(cannot = {}) {
    const said = this.model.face().words;
    if (this.entry.words.some((word) => said[word])) this.side = sideOf(this.entry, said);
    const { least, most, step, unit, summary } = limits(this.entry, this.known, this.side);
    const value = strength(this.entry, said, this.side);
    const why = this.entry.words.map((word) => cannot[word]).find(Boolean);
    const shown = JSON.stringify([this.side, value, why]);
    if (shown === this.shown && document.activeElement !== this.number) return;
    this.shown = shown;
    for (const input of [this.range, this.number]) Object.assign(input, { min: least, max: most, step });
    this.range.value = value;
    if (document.activeElement !== this.number) this.number.value = String(Number(value.toFixed(2)));
    this.range.setAttribute("aria-valuetext", `${Number(value.toFixed(2))}${unit}`);
    const share = (each) => `${((each - least) / (most - least)) * 100}%`;
    this.range.style.setProperty("--low", share(Math.min(0, value)));
    this.range.style.setProperty("--high", share(Math.max(0, value)));
    this.reset.hidden = value === 0;
    this.note.textContent = why ?? summary;
    this.element.classList.toggle("cannot", Boolean(why));
    for (const input of [this.range, this.number]) input.disabled = Boolean(why);
    for (const button of this.choices ?? []) {
      button.setAttribute("aria-pressed", String(button.dataset.side === this.side));
      button.disabled = Boolean(why);
    }
  }

  #chooser(id) {
    const offered = Object.keys(this.entry.sides).filter((side) => this.entry.sides[side]);
    const name = { both: "Both", right: "R", left: "L" };
    const full = { both: "both sides", right: "the person's right", left: "the person's left" };
    this.choices = offered.map((side) =>
      element("button", { type: "button", "data-side": side, "aria-label": `${this.entry.title}: ${full[side]}`, title: full[side] }, name[side]));
    for (const button of this.choices) button.addEventListener("click", () => this.#turn(button.dataset.side));
    return element("div", { class: "sides", role: "group", "aria-label": `${this.entry.title}: side`, id: `${id}-sides` }, ...this.choices);
  }

  // The same strength, said by another side.
  #turn(side) {
    const value = strength(this.entry, this.model.face().words, this.side);
    this.side = side;
    if (value) this.#set(value, true);
    else this.show();
  }

  #type() {
    const value = this.number.valueAsNumber; // NaN where it is no number
    this.number.blur();
    this.shown = ""; // what was typed is no longer there
    if (Number.isFinite(value)) this.#set(value, true);
    else this.show();
  }

  #set(value, rests) {
    const { least, most } = limits(this.entry, this.known, this.side);
    const within = Math.min(Math.max(value, least), most);
    this.model.preview((edit, face) => say(this.entry, face.words, this.side, within));
    if (rests) this.model.commit(within ? `${this.entry.title} ${Number(within.toFixed(2))}` : `${this.entry.title} reset`);
  }
}
