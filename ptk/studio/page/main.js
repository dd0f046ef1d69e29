// Puts the page together: a photo is opened, wished for, shown, and saved.

import * as api from "./api.js";
import { pick, receiveFiles } from "./files.js";
import { Gestures } from "./gestures.js";
import { bindKeys } from "./keys.js";
import { Model } from "./model.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Renderer } from "./renderer.js";
import { Save } from "./save.js";
import { View } from "./view.js";

const by = (id) => document.getElementById(id);
const GIVEN = Symbol("the photo that the studio was started with");
const SIDE = 2048; // pixels of the longer side of the photo as it is shown at first

class Studio {
  constructor(controls) {
    this.controls = controls;
    this.settings = { reach: 0.14 };
    this.model = new Model();
    this.view = new View(by("stage"), by("canvas"));
    this.overlay = new Overlay(by("overlay"), this.view, controls);
    this.renderer = new Renderer(this.view);
    this.panel = new Panel(by("panel"), this.model, controls, this);
    this.save = new Save(this);
    this.goal = []; // where words put the points of the face, before they are moved by hand
    const isOpen = () => Boolean(this.photo);
    new Gestures({ ...this, stage: by("stage"), chooseFace: (number) => this.chooseFace(number), isOpen });
    bindKeys(this);
    this.#bind();
  }

  tell(text, alarm = false) {
    by("status").textContent = text;
    by("status").classList.toggle("alarm", alarm);
  }

  // Open a file, a bundled portrait by its name, or the photo that the studio was started with.
  // Of several that come before one is open, the last is shown.
  async open(source, from = "") {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.tell("Opening…");
    document.body.classList.add("busy");
    try {
      const photo = await this.#send(source, from);
      const bitmap = await createImageBitmap(await api.getPicture(photo.id, SIDE));
      if (turn !== this.turn) return api.forget(photo.id);
      if (this.photo) api.forget(this.photo.id);
      this.source = source;
      this.#show(photo, bitmap);
    } catch (error) {
      this.tell(source.name ? `${source.name}: ${error.message}` : error.message, true);
    } finally {
      if (turn === this.turn) document.body.classList.remove("busy");
    }
  }

  #send(source, from) {
    if (source === GIVEN) return api.openGiven(from);
    return typeof source === "string" ? api.openSample(source) : api.openPhoto(source, from);
  }

  reopen(from) {
    if (typeof this.source === "string") this.tell("the bundled portraits are photos");
    else if (this.source) this.open(this.source, from);
  }

  // The server has forgotten the photo, for it keeps only so many: it gets it again, and goes on.
  async revive() {
    const photo = await this.#send(this.source, this.photo.from);
    this.photo.id = photo.id;
  }

  chooseFace(number) {
    this.model.change(`Face ${number}`, (edit) => (edit.face = number));
    this.goal = this.#face()?.points ?? [];
    this.overlay.choose(number);
    this.#refresh();
    this.showFace(true);
  }

  resetAll() {
    this.model.change("Reset everything", (edit) => {
      edit.faces = {};
      edit.style = "photo";
      edit.area = "photo";
    });
  }

  placePoint(index, axis, value) {
    if (index < 0 || !Number.isFinite(value)) return this.#refresh();
    this.model.change(`Moved ${this.controls.points[index]}`, (edit, face) => {
      const moved = [...(face.moved[index] ?? [0, 0])];
      moved[axis] = value - this.goal[index][axis];
      face.moved[index] = moved;
    });
  }

  chooseOther() {
    pick(by("other-file"), async (file) => {
      try {
        const { words, parts, said } = await api.readExpression(file);
        this.model.change(`Expression of ${file.name}`, (edit, face) => (face.like = { words, parts }));
        this.tell(`${file.name}: ${said}`);
      } catch (error) {
        this.tell(`${file.name}: ${error.message}`, true);
      }
    });
  }

  async measure() {
    this.panel.showMeasured("Looking…");
    try {
      const found = await this.withPhoto((id) => api.ask(id, "measure", { edit: this.model.edit }));
      const parts = Object.entries(found.parts ?? {}).map(([part, value]) => `${part} ${value.toFixed(1)}`);
      this.panel.showMeasured(found.error ?? `Points lie ${found.mean.toFixed(1)} % of the eye distance from where they were asked: ${parts.join(", ")}.`);
    } catch (error) {
      this.panel.showMeasured(error.message);
    }
  }

  // Call the server about the photo; of one that it has forgotten again, once it has it back.
  async withPhoto(call) {
    try {
      return await call(this.photo.id);
    } catch (error) {
      if (error.status !== 410) throw error;
      await this.revive();
      return call(this.photo.id);
    }
  }

  #face() {
    return this.photo?.faces.find((face) => face.number === this.model.edit.face);
  }

  #show(photo, bitmap) {
    this.photo = photo;
    by("welcome").hidden = true;
    by("panel").hidden = false;
    document.querySelector(".zoom").hidden = false;
    document.body.classList.add("open");
    this.view.open(photo, bitmap);
    this.renderer.open(photo);
    this.overlay.open(photo);
    this.model.clear(photo.faces[0]?.number ?? 1);
    this.overlay.choose(this.model.edit.face);
    this.goal = this.#face()?.points ?? [];
    this.panel.open(photo);
    this.#refresh();
    this.#showHistory();
    this.save.open();
    for (const id of ["compare", "show-points"]) by(id).disabled = false;
    this.tell(photo.warnings.join(" · ") || `${photo.name}: ${photo.width} × ${photo.height}`);
    this.showFace(true);
  }

  // Zoom to the face, unless it fills the stage anyway.
  showFace(onlySmall = false) {
    const face = this.#face();
    if (!face) return;
    const [xs, ys] = [0, 1].map((axis) => face.points.map((point) => point[axis]));
    const [left, top, wide, high] = [Math.min(...xs), Math.min(...ys), Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
    if (onlySmall && high * this.view.transform.scale > 0.45 * this.view.size[1]) return;
    this.view.show([left - wide * 0.5, top - high * 0.7, wide * 2, high * 2.1], 1);
  }

  #refresh() {
    const { moved } = this.model.face();
    this.overlay.set(this.goal.map(([x, y], index) => (moved[index] ? [x + moved[index][0], y + moved[index][1]] : [x, y])));
    const index = this.overlay.focused;
    if (index >= 0) this.pointed = index;
    this.panel.showPoint(this.pointed ?? -1, this.overlay.points[this.pointed] ?? [0, 0]);
    this.panel.update();
  }

  #showHistory() {
    for (const [id, can] of [["undo", this.model.at > 0], ["redo", this.model.at < this.model.steps.length - 1]]) by(id).disabled = !can;
    this.#listSteps();
  }

  #listSteps() {
    by("history").replaceChildren(...this.model.steps.map((step, index) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = step.label;
      if (index === this.model.at) button.setAttribute("aria-current", "step");
      button.addEventListener("click", () => this.model.go(index));
      item.append(button);
      return item;
    }));
  }

  #bind() {
    let style = "photo";
    this.model.addEventListener("change", ({ detail }) => {
      if (!this.photo) return;
      const restyled = style !== this.model.edit.style + this.model.edit.area;
      style = this.model.edit.style + this.model.edit.area;
      this.#refresh();
      if (detail === "preview") this.renderer.follow(this.model.edit);
      else {
        this.overlay.choose(this.model.edit.face);
        this.#showHistory();
        this.renderer.settle(this.model.edit, { draft: restyled });
        this.save.refresh();
      }
    });
    this.renderer.addEventListener("shown", ({ detail }) => this.#follow(detail));
    this.renderer.addEventListener("refused", ({ detail }) => this.#refuse(detail));
    for (const state of ["busy", "idle"]) this.renderer.addEventListener(state, () => document.body.classList.toggle("rendering", state === "busy"));
    let rest = 0;
    this.view.addEventListener("moved", () => {
      clearTimeout(rest);
      this.view.layers.detail = null;
      rest = setTimeout(() => this.photo && this.renderer.refine(this.model.edit), 250);
    });
    by("overlay").addEventListener("focusin", () => this.#refresh());
    for (const id of ["open", "choose"]) by(id).addEventListener("click", () => pick(by("file"), (file) => this.open(file)));
    receiveFiles({ open: (file) => this.open(file), welcome: (text) => this.tell(text, true) });
    addEventListener("pagehide", () => this.photo && api.forget(this.photo.id));
  }

  // Points follow the words once the server has said where these put them.
  #follow({ points, edit, warnings }) {
    if (edit.face === this.model.edit.face && points) {
      const moved = edit.faces[edit.face]?.moved ?? {};
      this.goal = points.map(([x, y], index) => (moved[index] ? [x - moved[index][0], y - moved[index][1]] : [x, y]));
      this.#refresh();
    }
    this.tell((warnings ?? []).join(" · "));
  }

  async #refuse({ error, edit, kind }) {
    if (error.status === 410) {
      try {
        await this.revive();
        if (kind === "live") this.renderer.follow(edit);
        else this.renderer.settle(edit);
        return;
      } catch (again) {
        this.tell(again.message, true);
        return;
      }
    }
    this.tell(error.message, true);
  }
}

async function welcome(studio) {
  for (const { name, title } of studio.controls.samples) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = title;
    const picture = new Image();
    picture.alt = title;
    picture.src = URL.createObjectURL(await api.getSample(name));
    button.append(picture);
    button.addEventListener("click", () => studio.open(name));
    by("samples").append(button);
  }
}

try {
  const controls = await api.getControls();
  window.studio = new Studio(controls);
  await welcome(window.studio);
  if (controls.given) await window.studio.open(GIVEN);
  document.body.dataset.ready = "yes";
} catch (error) {
  by("status").textContent = error.status === 401 || error.status === 403
    ? "this address lacks the token of the run: open the whole line that ptk studio printed"
    : error.message;
  by("status").classList.add("alarm");
}
