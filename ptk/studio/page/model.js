// The wish: what is asked of the photo, as the server takes it, with a history that never ends.

const still = () => ({ words: {}, like: null, moved: {} });
export const blank = (face = 1) => ({ face, faces: {}, style: "photo", area: "photo", force: false });
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Model extends EventTarget {
  constructor() {
    super();
    this.clear(1);
  }

  clear(face) {
    this.edit = blank(face);
    this.steps = [{ edit: this.edit, label: "The photo as it was" }];
    this.at = 0;
    this.#tell("history");
  }

  // What is asked of the face that is chosen, or of another.
  face(number = this.edit.face) {
    return this.edit.faces[number] ?? still();
  }

  // Change the wish while somebody drags: shown, but no step of the history yet.
  preview(change) {
    const edit = structuredClone(this.edit);
    edit.faces[edit.face] ??= still();
    change(edit, edit.faces[edit.face]);
    for (const [number, face] of Object.entries(edit.faces)) {
      for (const [word, strength] of Object.entries(face.words)) if (!strength) delete face.words[word];
      if (same(face, still())) delete edit.faces[number];
    }
    this.edit = edit;
    this.#tell("preview");
  }

  // Make a step of what is wished now; of nothing new there is no step.
  commit(label) {
    if (same(this.edit, this.steps[this.at].edit)) {
      this.#tell("settled");
      return;
    }
    this.steps = [...this.steps.slice(0, this.at + 1), { edit: this.edit, label }];
    this.at = this.steps.length - 1;
    this.#tell("history");
  }

  change(label, change) {
    this.preview(change);
    this.commit(label);
  }

  // Drop what was previewed and not committed.
  revert() {
    this.go(this.at);
  }

  go(step) {
    if (step < 0 || step >= this.steps.length) return;
    this.at = step;
    this.edit = this.steps[step].edit;
    this.#tell("history");
  }

  get asksNothing() {
    return Object.keys(this.edit.faces).length === 0 && this.edit.style === "photo";
  }

  #tell(what) {
    this.dispatchEvent(new CustomEvent("change", { detail: what }));
  }
}
