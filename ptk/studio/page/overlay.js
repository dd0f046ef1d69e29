// Points and lines of the face as SVG: drawn, found under the pointer, moved by hand and by key.

const SVG = "http://www.w3.org/2000/svg";
const SMALL = 110; // screen pixels between the eyes: on a smaller face points would hide it
const NEAR = { mouse: 12, pen: 14, touch: 22 };
const make = (name, attributes = {}) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

export class Overlay {
  constructor(svg, view, controls) {
    this.svg = svg;
    this.view = view;
    this.lines = controls.lines;
    this.names = controls.points;
    this.corners = controls.eye_corners;
    this.points = []; // where points are, in pixels of the photo
    this.photo = null;
    this.face = 1;
    this.handles = {}; // part -> indices
    for (const { part, name, indices } of this.lines) {
      const key = part === "mouth" || part === "nose" ? part : name;
      this.handles[key] = [...new Set([...(this.handles[key] ?? []), ...indices])];
    }
    this.#build();
    view.addEventListener("drawn", () => this.place());
  }

  open(photo) {
    this.photo = photo;
    this.boxes.replaceChildren();
    if (photo.faces.length < 2) return;
    for (const face of photo.faces) {
      const box = make("g", { class: "face-box", role: "button", tabindex: 0, "aria-label": `Face ${face.number}` });
      box.dataset.face = face.number;
      box.append(make("rect", { rx: 6 }), make("text"));
      box.lastChild.textContent = face.number;
      this.boxes.append(box);
    }
  }

  choose(number) {
    this.face = number;
    for (const box of this.boxes.children) box.classList.toggle("chosen", Number(box.dataset.face) === number);
  }

  set(points) {
    this.points = points;
    this.svg.classList.toggle("none", points.length === 0);
    this.place();
  }

  // Bring everything to the screen; sizes are those of the screen, whatever the zoom.
  place() {
    if (!this.points.length) return;
    const at = this.points.map((point) => this.view.toScreen(point));
    const [right, left] = this.corners.map((corner) => at[corner]);
    this.svg.classList.toggle("small", Math.hypot(left[0] - right[0], left[1] - right[1]) < SMALL);
    this.dots.forEach((dot, index) => dot.setAttribute("transform", `translate(${at[index][0]} ${at[index][1]})`));
    this.lines.forEach((line, index) => {
      const run = line.closed ? [...line.indices, line.indices[0]] : line.indices;
      const points = run.map((point) => at[point].map((value) => value.toFixed(1)).join(",")).join(" ");
      for (const drawn of this.drawn[index]) drawn.setAttribute("points", points);
    });
    for (const [part, handle] of Object.entries(this.grips)) {
      const [x, y] = this.#gripPlace(part, at);
      handle.setAttribute("transform", `translate(${x} ${y})`);
    }
    for (const box of this.boxes.children) this.#placeBox(box);
  }

  // What is under the pointer: a point, a handle of a part, a line, another face, or nothing.
  find([x, y], kind) {
    if (!this.points.length || this.svg.classList.contains("hidden")) return this.#findBox([x, y]);
    const at = this.points.map((point) => this.view.toScreen(point));
    const reach = NEAR[kind] ?? 12;
    const far = at.map((point) => Math.hypot(point[0] - x, point[1] - y));
    const nearest = far.indexOf(Math.min(...far));
    for (const part of Object.keys(this.grips)) {
      const grip = this.#gripPlace(part, at);
      const away = Math.max(Math.abs(grip[0] - x), Math.abs(grip[1] - y));
      if (away <= reach && away < far[nearest]) return { what: "part", part, indices: this.handles[part] };
    }
    if (far[nearest] <= reach) return { what: "point", index: nearest };
    for (const line of this.lines) {
      const run = line.closed ? [...line.indices, line.indices[0]] : line.indices;
      const near = run.slice(1).some((point, index) => toSegment([x, y], at[run[index]], at[point]) < reach / 2);
      if (near) return { what: "line", name: line.name, indices: line.indices };
    }
    return this.#findBox([x, y]);
  }

  mark(indices) {
    this.svg.classList.toggle("dragging", indices.length > 0);
    this.dots.forEach((dot, index) => dot.classList.toggle("held", indices.includes(index)));
  }

  focus(index) {
    this.dots.forEach((dot, other) => dot.setAttribute("tabindex", other === index ? 0 : -1));
    this.dots[index].focus();
  }

  get focused() {
    return this.dots.indexOf(document.activeElement);
  }

  #build() {
    const group = (name) => this.svg.appendChild(make("g", { class: name }));
    this.boxes = group("boxes");
    const lines = group("lines");
    const shades = this.lines.map(() => lines.appendChild(make("polyline", { class: "shade" })));
    this.drawn = this.lines.map((line, index) => [shades[index], lines.appendChild(make("polyline", { class: line.part }))]);
    const grips = group("grips");
    this.grips = {};
    for (const part of Object.keys(this.handles)) {
      const grip = make("g", { class: "grip", "data-part": part });
      grip.append(make("rect", { x: -6, y: -6, width: 12, height: 12, rx: 3 }), make("path", { d: "M-3 0h6M0 -3v6" }));
      grip.append(make("title"));
      grip.lastChild.textContent = `Move all of the ${part.replaceAll("_", " ")}`;
      this.grips[part] = grips.appendChild(grip);
    }
    const dots = group("points");
    this.dots = this.names.map((name, index) => {
      const dot = make("g", { class: "point", role: "button", "aria-label": name, tabindex: index ? -1 : 0 });
      dot.dataset.index = index;
      dot.append(make("circle", { r: 10, class: "reach" }), make("circle", { r: 3, class: "dot" }));
      return dots.appendChild(dot);
    });
  }

  // Handles stand outside their part: jaws have theirs below the chin, other parts beside them.
  #gripPlace(part, at) {
    const own = this.handles[part].map((index) => at[index]);
    const xs = own.map((point) => point[0]);
    const ys = own.map((point) => point[1]);
    const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
    if (part === "jaw") return [middle(xs), Math.max(...ys) + 20];
    if (part.includes("brow")) return [middle(xs), Math.min(...ys) - 18];
    if (part === "nose") return [middle(xs), Math.min(...ys) - 16];
    const left = part === "right_eye"; // the person's right eye is on the left of the picture
    return [left ? Math.min(...xs) - 18 : Math.max(...xs) + 18, middle(ys)];
  }

  #placeBox(box) {
    const face = this.photo.faces.find((each) => each.number === Number(box.dataset.face));
    const at = face.points.map((point) => this.view.toScreen(point));
    const xs = at.map((point) => point[0]);
    const ys = at.map((point) => point[1]);
    const [left, top] = [Math.min(...xs) - 8, Math.min(...ys) - 8];
    const [rect, text] = box.children;
    const place = { x: left, y: top, width: Math.max(...xs) - left + 8, height: Math.max(...ys) - top + 8 };
    for (const [key, value] of Object.entries(place)) rect.setAttribute(key, value);
    text.setAttribute("x", left + 8);
    text.setAttribute("y", top + 18);
  }

  #findBox([x, y]) {
    for (const box of this.boxes.children) {
      const rect = box.firstChild;
      const [left, top, wide, high] = ["x", "y", "width", "height"].map((key) => Number(rect.getAttribute(key)));
      const inside = x >= left && x <= left + wide && y >= top && y <= top + high;
      if (inside && Number(box.dataset.face) !== this.face) return { what: "face", number: Number(box.dataset.face) };
    }
    return { what: "nothing" };
  }
}

function toSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / Math.max(dx * dx + dy * dy, 1e-9);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
