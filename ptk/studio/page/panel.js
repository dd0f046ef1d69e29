// The panel beside the photo: sliders of words, style, another's expression, points, and how well it came out.

import { arrange } from "./rows.js";
import { element, Slider } from "./slider.js";

const section = (title, open, ...children) =>
  element("details", { class: "section", open }, element("summary", {}, title), ...children);

export class Panel {
  constructor(root, model, controls, actions) {
    Object.assign(this, { root, model, controls, actions });
    const { groups, known } = arrange(controls.words);
    this.sliders = [];
    const made = groups.map(({ title, rows }) => {
      const own = rows.map((entry) => new Slider(entry, known, model));
      this.sliders.push(...own);
      return section(title, ["To rest", "Mouth", "Eyes"].includes(title), ...own.map((slider) => slider.element));
    });
    root.replaceChildren(this.#top(), this.#style(), ...made, this.#other(), this.#points(), this.#measure());
  }

  open(photo) {
    this.photo = photo;
    const several = photo.faces.length > 1;
    this.faces.hidden = !several;
    this.faces.replaceChildren(...(several ? photo.faces.map((face) => this.#faceButton(face)) : []));
    this.source.value = photo.from;
    this.taken.textContent = photo.drawing ? "Taken for a drawing: a photo was made of it, which is edited." : "Taken for a photo.";
    this.measured.textContent = "";
    this.update();
  }

  update() {
    const { edit } = this.model;
    const face = this.photo?.faces.find((each) => each.number === edit.face);
    const cannot = face ? face.cannot : new Proxy({}, { get: () => "no face is found in this photo" });
    for (const slider of this.sliders) slider.show(cannot);
    for (const button of this.faces.children) button.setAttribute("aria-pressed", String(Number(button.dataset.face) === edit.face));
    this.style.value = edit.style;
    for (const input of this.areas) {
      input.checked = input.value === edit.area;
      input.disabled = edit.style === "photo" || (input.value === "head" && !face);
    }
    this.#showOther();
    const moved = Object.keys(this.model.face().moved).length;
    this.reset.disabled = this.model.asksNothing;
    this.resetPoints.disabled = !moved;
    this.note.textContent = face?.warning ?? "";
  }

  showPoint(index, at) {
    this.chosen = index;
    this.pointName.textContent = index < 0 ? "No point is chosen." : this.controls.points[index];
    [this.x, this.y].forEach((input, axis) => {
      input.disabled = index < 0;
      if (document.activeElement !== input) input.value = index < 0 ? "" : at[axis].toFixed(1);
    });
  }

  showMeasured(text) {
    this.measured.textContent = text;
  }

  #top() {
    this.faces = element("div", { class: "choices", role: "group", "aria-label": "Face" });
    this.note = element("p", { class: "note" });
    this.reset = element("button", { type: "button", class: "block" }, "Reset everything");
    this.reset.addEventListener("click", () => this.actions.resetAll());
    return element("div", { class: "top" }, this.faces, this.note, this.reset);
  }

  #faceButton(face) {
    const button = element("button", { type: "button", "data-face": String(face.number) }, `Face ${face.number}`);
    button.addEventListener("click", () => this.actions.chooseFace(face.number));
    return button;
  }

  #style() {
    const groups = Map.groupBy
      ? Map.groupBy(this.controls.styles, (style) => style.group)
      : this.controls.styles.reduce((all, style) => all.set(style.group, [...(all.get(style.group) ?? []), style]), new Map());
    const titles = { ptk: "ptk", neural: "Neural styles" };
    this.style = element("select", { id: "style" });
    for (const [name, styles] of groups) {
      const options = styles.map((style) => element("option", { value: style.name, title: style.summary }, style.name));
      this.style.append(element("optgroup", { label: titles[name] ?? name }, ...options));
    }
    this.style.addEventListener("change", () => {
      const { value } = this.style;
      this.model.change(`Style ${value}`, (edit) => {
        edit.style = value;
        if (value === "photo") edit.area = "photo";
      });
    });
    this.areas = ["photo", "head"].map((value) => element("input", { type: "radio", name: "area", value }));
    const titled = { photo: "whole photo", head: "head alone" };
    const labels = this.areas.map((input) => element("label", {}, input, ` ${titled[input.value]}`));
    for (const input of this.areas) {
      input.addEventListener("change", () => this.model.change(`Style on the ${titled[input.value]}`, (edit) => (edit.area = input.value)));
    }
    const guess = element("option", { value: "" }, "what it looks like");
    this.source = element("select", { id: "source" }, guess, ...this.controls.sources.map((name) => element("option", { value: name }, name)));
    this.taken = element("small", {});
    this.source.addEventListener("change", () => this.actions.reopen(this.source.value));
    return section("Style", true,
      element("div", { class: "pair" }, element("label", { for: "style" }, "Render as"), this.style),
      element("fieldset", { class: "areas" }, element("legend", {}, "Style covers the"), ...labels),
      element("div", { class: "pair" }, element("label", { for: "source" }, "This picture is a"), this.source),
      this.taken);
  }

  #other() {
    const button = element("button", { type: "button", class: "block" }, "Take over from a photo or file…");
    button.addEventListener("click", () => this.actions.chooseOther());
    this.otherBox = element("div", { class: "other" });
    this.shares = {};
    for (const part of this.controls.parts) {
      const id = `share-${part}`;
      const range = element("input", { type: "range", id, min: 0, max: 1.5, step: 0.05 });
      const share = (rests) => {
        this.model.preview((edit, face) => {
          const parts = Object.keys(face.like.parts).length ? face.like.parts : this.#wholly();
          face.like.parts = { ...parts, [part]: Number(range.value) };
        });
        if (rests) this.model.commit(`Expression of another: ${part} ${range.value}`);
      };
      range.addEventListener("input", () => share(false));
      range.addEventListener("change", () => share(true));
      this.shares[part] = range;
      this.otherBox.append(element("div", { class: "pair" }, element("label", { for: id }, part[0].toUpperCase() + part.slice(1)), range));
    }
    const drop = element("button", { type: "button", class: "block" }, "Leave it");
    drop.addEventListener("click", () => this.model.change("Left the expression of another", (edit, face) => (face.like = null)));
    this.said = element("p", { class: "note" });
    this.otherBox.prepend(this.said);
    this.otherBox.append(drop);
    return section("Somebody else's expression", false, button, this.otherBox);
  }

  #wholly() {
    return Object.fromEntries(this.controls.parts.map((part) => [part, 1]));
  }

  #showOther() {
    const { like } = this.model.face();
    this.otherBox.hidden = !like;
    if (!like) return;
    const words = Object.entries(like.words).filter(([, value]) => Math.abs(value) > 0.05);
    this.said.textContent = words.map(([word, value]) => `${word.replaceAll("_", " ")} ${value.toFixed(1)}`).join(", ") || "no expression, as far as landmarks tell";
    const parts = Object.keys(like.parts).length ? like.parts : this.#wholly();
    for (const [part, range] of Object.entries(this.shares)) range.value = parts[part] ?? 0;
  }

  #points() {
    const { settings } = this.actions;
    const reach = element("input", { type: "range", id: "reach", min: 0, max: 0.5, step: 0.01, value: String(settings.reach) });
    reach.addEventListener("input", () => (settings.reach = Number(reach.value)));
    this.pointName = element("p", { class: "note" }, "No point is chosen.");
    [this.x, this.y] = ["x", "y"].map((axis) => element("input", { type: "number", step: 0.1, "aria-label": `${axis} of the point, in pixels`, disabled: true }));
    [this.x, this.y].forEach((input, axis) =>
      input.addEventListener("change", () => this.actions.placePoint(this.chosen, axis, input.valueAsNumber)));
    this.resetPoints = element("button", { type: "button", class: "block" }, "Put all points back");
    this.resetPoints.addEventListener("click", () => this.model.change("Put all points back", (edit, face) => (face.moved = {})));
    return section("Points", false,
      element("div", { class: "pair" }, element("label", { for: "reach" }, "Neighbours follow"), reach),
      this.pointName, element("div", { class: "pair" }, this.x, this.y), this.resetPoints);
  }

  #measure() {
    const button = element("button", { type: "button", class: "block" }, "Find the points again in the result");
    button.addEventListener("click", () => this.actions.measure());
    this.measured = element("p", { class: "note", id: "measured", role: "status" });
    return section("How well did it come out?", false, button, this.measured);
  }
}
