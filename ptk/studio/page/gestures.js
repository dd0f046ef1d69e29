// Hands on the stage: points, lines and parts are dragged, the photo is panned, zoomed and pinched.

import { findShares } from "./weights.js";

const STARTS = 3; // screen pixels: a mere click moves nothing

export class Gestures {
  constructor({ stage, view, overlay, model, controls, settings, chooseFace, isOpen }) {
    Object.assign(this, { stage, view, overlay, model, controls, settings, chooseFace, isOpen });
    this.pointers = new Map();
    this.drag = null;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.#up(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerleave", () => stage.classList.remove("over"));
    overlay.svg.addEventListener("keydown", (event) => this.#key(event));
  }

  #at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (!this.isOpen() || event.button > 0 || event.target.closest("button, .welcome")) return;
    this.stage.setPointerCapture(event.pointerId);
    const at = this.#at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) return this.#beginPinch();
    if (this.pointers.size > 2) return;
    const found = this.overlay.find(at, event.pointerType);
    const indices = found.what === "point" ? [found.index] : (found.indices ?? []);
    this.drag = { ...found, indices, from: at, last: at, moving: false, shares: null };
    this.overlay.mark(indices);
    if (found.what === "point") this.overlay.focus(found.index);
  }

  #move(event) {
    const at = this.#at(event);
    this.stage.classList.add("over");
    if (!this.pointers.has(event.pointerId)) {
      const { what } = this.isOpen() ? this.overlay.find(at, event.pointerType) : { what: "none" };
      this.stage.dataset.under = what;
      return;
    }
    this.pointers.set(event.pointerId, at);
    if (this.pinch) return this.#pinch();
    const drag = this.drag;
    if (!drag) return;
    const far = Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]);
    if (!drag.moving && far < STARTS) return;
    if (!drag.moving) this.#begin(drag, event.altKey);
    if (drag.shares) this.#moveBy(drag, at);
    else this.view.pan(at[0] - drag.last[0], at[1] - drag.last[1]);
    drag.last = at;
  }

  #up(event) {
    this.pointers.delete(event.pointerId);
    if (this.pinch) {
      if (this.pointers.size < 2) this.pinch = null;
      return;
    }
    const drag = this.drag;
    this.drag = null;
    this.overlay.mark([]);
    if (!drag) return;
    if (event.type === "pointercancel" && drag.shares) return this.model.revert();
    if (drag.moving && drag.shares) this.model.commit(this.#label(drag));
    else if (!drag.moving && drag.what === "face") this.chooseFace(drag.number);
  }

  #label(drag) {
    if (drag.what === "point") return `Moved ${this.controls.points[drag.index]}`;
    return `Moved the ${(drag.part ?? drag.name).replaceAll("_", " ")}`;
  }

  #begin(drag, alone) {
    drag.moving = true;
    drag.before = structuredClone(this.model.face().moved);
    if (drag.what === "point") {
      drag.shares = this.#shares(drag.index, alone);
    } else if (drag.indices.length) {
      drag.shares = Object.fromEntries(drag.indices.map((index) => [index, 1]));
    }
  }

  #shares(index, alone) {
    const points = this.overlay.points;
    const [right, left] = this.controls.eye_corners.map((corner) => points[corner]);
    const reach = alone ? 0 : this.settings.reach * Math.hypot(left[0] - right[0], left[1] - right[1]);
    return findShares(points, this.controls.lines, this.controls.links, index, reach);
  }

  // The way of the hand since it took hold, so that nothing jumps to the pointer.
  #moveBy(drag, at) {
    const { scale } = this.view.transform;
    this.#shift(drag.shares, drag.before, (at[0] - drag.from[0]) / scale, (at[1] - drag.from[1]) / scale);
  }

  #shift(shares, before, dx, dy) {
    this.model.preview((edit, face) => {
      for (const [index, share] of Object.entries(shares)) {
        const [x, y] = before[index] ?? [0, 0];
        face.moved[index] = [x + share * dx, y + share * dy];
      }
    });
  }

  #beginPinch() {
    if (this.drag?.moving && this.drag.shares) this.model.revert();
    this.drag = null;
    this.overlay.mark([]);
    const [a, b] = [...this.pointers.values()];
    this.pinch = { apart: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
  }

  #pinch() {
    if (this.pointers.size < 2) return;
    const [a, b] = [...this.pointers.values()];
    const apart = Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1);
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    this.view.pan(middle[0] - this.pinch.middle[0], middle[1] - this.pinch.middle[1]);
    this.view.zoom(apart / Math.max(this.pinch.apart, 1), middle);
    this.pinch = { apart, middle };
  }

  #wheel(event) {
    if (!this.isOpen()) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.view.zoom(Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 100 : 400)), this.#at(event));
  }

  #key(event) {
    const index = this.overlay.focused;
    const box = event.target.closest(".face-box");
    if (box && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.chooseFace(Number(box.dataset.face));
    }
    if (index < 0 || event.ctrlKey || event.metaKey) return;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const name = this.controls.points[index];
    if (event.key in ways) {
      event.preventDefault();
      const step = (event.shiftKey ? 10 : 1) / this.view.transform.scale;
      const [dx, dy] = ways[event.key].map((way) => way * step);
      this.#shift(this.#shares(index, event.altKey), structuredClone(this.model.face().moved), dx, dy);
      this.model.commit(`Moved ${name}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.model.change(`Put back ${name}`, (edit, face) => delete face.moved[index]);
    } else if (event.key.toLowerCase() === "n" || event.key.toLowerCase() === "p") {
      event.preventDefault();
      event.stopPropagation();
      const count = this.overlay.dots.length;
      this.overlay.focus((index + (event.key.toLowerCase() === "n" ? 1 : count - 1)) % count);
    }
  }
}
