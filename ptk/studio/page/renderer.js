// Keeps the picture up with the wish: one request in flight, the latest wish wins; the true picture once it rests.

import { Refused, render } from "./api.js";

const LIVE = 640; // pixels of the longer side of the picture around the face
const DRAFT = 1280;
const WHOLE = 2048;
const BUSY = 1000; // milliseconds until a server is asked again that is busy with others
const REST = 180; // milliseconds without a change until the true picture is asked for

export class Renderer extends EventTarget {
  constructor(view) {
    super();
    this.view = view;
    this.photo = null;
    this.wanted = null; // { kind, edit }, what is to be asked next
    this.busy = false;
    this.last = 0; // when what is shown was wished for
    this.timer = 0;
    this.shown = { count: 0, times: [] }; // for whoever measures: pictures shown, milliseconds from wish to picture
  }

  open(photo) {
    clearTimeout(this.timer);
    this.photo = photo;
    this.wanted = null;
  }

  // Show `edit` soon, around the face alone; then, when nobody drags any more, truly (`settle`).
  follow(edit) {
    clearTimeout(this.timer);
    this.#want("live", edit);
  }

  settle(edit, { draft = false } = {}) {
    clearTimeout(this.timer);
    if (draft) this.#want("draft", edit);
    this.timer = setTimeout(() => this.#want("whole", edit), draft ? 0 : REST);
  }

  // The part that is on the screen, sharp, where somebody has zoomed in.
  refine(edit) {
    const { whole, original } = this.view.layers;
    const shown = whole ?? original;
    const ratio = devicePixelRatio || 1;
    const has = shown ? shown.bitmap.width / this.photo.width : 1;
    if (this.busy || this.wanted || has >= 1 || this.view.transform.scale * ratio <= has * 1.1) return;
    this.#want("detail", edit);
  }

  #want(kind, edit) {
    const after = this.wanted?.kind === "draft" && kind === "whole" ? this.wanted : null;
    this.wanted = after ? { ...after, then: { kind, edit } } : { kind, edit };
    this.wanted.since ??= performance.now();
    if (!this.busy) this.#run();
  }

  async #run() {
    this.busy = true;
    this.#tell("busy");
    while (this.wanted) {
      const wish = this.wanted;
      this.wanted = wish.then ?? null;
      const photo = this.photo;
      try {
        const made = await render(photo.id, this.#describe(wish));
        const shown = made.bitmap.then((bitmap) => photo === this.photo && this.#show(wish, { ...made, bitmap }));
        // the next is rendered while this one comes and is decoded
        if (wish.kind !== "live" || !this.wanted) await shown;
        else shown.catch(() => {});
      } catch (error) {
        if (error instanceof Refused && error.status === 409) continue;
        if (error instanceof Refused && error.status === 503) {
          // busy with others: what is wished for then is asked again
          await new Promise((wait) => setTimeout(wait, BUSY));
          this.wanted ??= wish;
          continue;
        }
        if (photo === this.photo) this.#tell("refused", { error, edit: wish.edit, kind: wish.kind });
      }
    }
    this.busy = false;
    this.#tell("idle");
  }

  #describe({ kind, edit }) {
    if (kind === "live") return { edit, want: "live", side: LIVE, region: null };
    if (kind === "draft") return { edit, want: "draft", side: DRAFT, region: null };
    if (kind === "whole") return { edit, want: "whole", side: WHOLE, region: null };
    const region = this.view.visible;
    const ratio = devicePixelRatio || 1;
    const side = Math.min(Math.round(Math.max(region[2], region[3]) * this.view.transform.scale * ratio), 4096);
    return { edit, want: "whole", side: Math.max(side, 16), region };
  }

  #show(wish, made) {
    if (wish.since < this.last) return; // a later one was decoded sooner
    this.last = wish.since;
    const layer = { live: "live", draft: "whole", whole: "whole", detail: "detail" }[wish.kind];
    this.view.put(layer, made.bitmap, made.region);
    this.shown.count += 1;
    this.shown.times.push(performance.now() - wish.since);
    this.#tell("shown", { ...made, edit: wish.edit, kind: wish.kind });
    if (wish.kind === "whole") this.refine(wish.edit);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
