// The stage: pictures drawn in photo pixels under one transform, panned and zoomed; points stay on the same places.

const MOST = 32; // screen pixels a photo pixel
const frame = (callback) => requestAnimationFrame(callback);

export class View extends EventTarget {
  constructor(stage, canvas) {
    super();
    this.stage = stage;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.photo = null; // { width, height }
    this.layers = { original: null, whole: null, detail: null, live: null }; // { bitmap, region }
    this.transform = { scale: 1, x: 0, y: 0 }; // screen = photo * scale + (x, y), in CSS pixels
    this.comparing = false;
    this.waiting = false;
    this.changed = null; // the region of the photo that is to be drawn again; null for all
    this.laid = [0, 0]; // the stage as it was laid out last
    new ResizeObserver(() => this.#resize()).observe(stage);
  }

  open(photo, bitmap) {
    this.photo = photo;
    this.layers = { original: { bitmap, region: [0, 0, photo.width, photo.height] }, whole: null, detail: null, live: null };
    this.laid = this.size;
    this.fit();
  }

  put(name, bitmap, region) {
    const before = this.layers[name]?.region;
    this.layers[name] = { bitmap, region };
    if (name === "whole") this.layers.live = this.layers.detail = null;
    // ten times a second: to draw all of the photo would take the time that the next picture needs
    this.draw(name === "live" && `${before}` === `${region}` ? region : null);
  }

  drop(...names) {
    for (const name of names) this.layers[name] = null;
    this.draw();
  }

  compare(on) {
    this.comparing = on;
    this.draw();
  }

  get size() {
    return [this.stage.clientWidth, this.stage.clientHeight];
  }

  toScreen([x, y]) {
    const { scale, x: left, y: top } = this.transform;
    return [x * scale + left, y * scale + top];
  }

  toPhoto([x, y]) {
    const { scale, x: left, y: top } = this.transform;
    return [(x - left) / scale, (y - top) / scale];
  }

  // What of the photo is on the screen, in whole pixels of the photo.
  get visible() {
    const [width, height] = this.size;
    const [left, top] = this.toPhoto([0, 0]).map((value) => Math.max(0, Math.floor(value)));
    const [right, bottom] = this.toPhoto([width, height]);
    const box = [Math.min(Math.ceil(right), this.photo.width), Math.min(Math.ceil(bottom), this.photo.height)];
    return [left, top, Math.max(box[0] - left, 0), Math.max(box[1] - top, 0)];
  }

  fit() {
    if (!this.photo) return;
    this.show([0, 0, this.photo.width, this.photo.height], 0.94);
  }

  show([left, top, wide, high], share) {
    const [width, height] = this.size;
    const scale = Math.min((width * share) / wide, (height * share) / high, MOST);
    this.#move(scale, width / 2 - (left + wide / 2) * scale, height / 2 - (top + high / 2) * scale);
  }

  zoom(factor, at = this.size.map((side) => side / 2)) {
    if (!this.photo) return;
    const least = 0.2 * Math.min(this.size[0] / this.photo.width, this.size[1] / this.photo.height);
    const scale = Math.min(Math.max(this.transform.scale * factor, least), MOST);
    const [x, y] = this.toPhoto(at);
    this.#move(scale, at[0] - x * scale, at[1] - y * scale);
  }

  pan(dx, dy) {
    const { scale, x, y } = this.transform;
    this.#move(scale, x + dx, y + dy);
  }

  draw(changed = null) {
    if (!this.waiting || !changed) this.changed = changed;
    if (this.waiting) return;
    this.waiting = true;
    frame(() => {
      this.waiting = false;
      this.#draw(this.changed);
      this.dispatchEvent(new Event("drawn"));
    });
  }

  // A part of the photo stays in sight, however far it is dragged.
  #move(scale, x, y) {
    const keep = 60;
    const [width, height] = this.size;
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    this.transform = {
      scale,
      x: clamp(x, keep - this.photo.width * scale, width - keep),
      y: clamp(y, keep - this.photo.height * scale, height - keep),
    };
    this.draw();
    this.dispatchEvent(new Event("moved"));
  }

  #resize() {
    const ratio = devicePixelRatio || 1;
    const [width, height] = this.size;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const [wide, high] = this.laid;
    this.laid = [width, height];
    if (this.photo) this.pan((width - wide) / 2, (height - high) / 2);
    this.#draw(); // at once: a canvas that was resized is empty
  }

  #draw(changed = null) {
    const context = this.context;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (changed) {
      context.beginPath();
      context.rect(...this.#toCanvas(changed));
      context.clip();
    }
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.photo) this.#drawLayers(context);
    context.restore();
  }

  // A region of the photo in whole pixels of the canvas: what is drawn again has no soft edge.
  #toCanvas([left, top, width, height]) {
    const ratio = devicePixelRatio || 1;
    const [x, y] = this.toScreen([left, top]).map((value) => Math.floor(value * ratio));
    const [right, bottom] = this.toScreen([left + width, top + height]).map((value) => Math.ceil(value * ratio));
    return [x, y, right - x, bottom - y];
  }

  #drawLayers(context) {
    const ratio = devicePixelRatio || 1;
    const { scale, x, y } = this.transform;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    context.imageSmoothingQuality = "high";
    context.imageSmoothingEnabled = scale * ratio < 4;
    const { original, whole, detail, live } = this.layers;
    for (const layer of this.comparing ? [original] : [original, whole, detail, live]) {
      if (layer) context.drawImage(layer.bitmap, ...layer.region);
    }
  }
}
