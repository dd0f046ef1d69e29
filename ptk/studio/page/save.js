// What leaves the page: the picture at full resolution, points, expression, and the equal command.

import { ask, download } from "./api.js";

const by = (id) => document.getElementById(id);

export class Save {
  constructor(studio) {
    this.studio = studio;
    this.stale = true;
    for (const suffix of studio.controls.suffixes) by("suffix").append(new Option(suffix.slice(1).toUpperCase(), suffix));
    const give = (id, what, more = () => ({})) => by(id).addEventListener("click", () => this.#download(id, what, more()));
    give("save-picture", "result", () => ({ suffix: by("suffix").value }));
    give("save-landmarks", "landmarks");
    give("save-expression", "expression");
    by("copy-command").addEventListener("click", () => this.#copy());
    by("save-menu").addEventListener("toggle", () => this.#showCommand());
  }

  open() {
    const { name, faces } = this.studio.photo;
    const suffix = /\.[^.]+$/.exec(name)?.[0].toLowerCase().replace(".jpeg", ".jpg").replace(".tif", ".tiff").replace("tifff", "tiff");
    if ([...by("suffix").options].some((option) => option.value === suffix)) by("suffix").value = suffix;
    for (const id of ["save-picture", "copy-command"]) by(id).disabled = false;
    for (const id of ["save-landmarks", "save-expression"]) by(id).disabled = faces.length === 0;
    this.refresh();
  }

  refresh() {
    this.stale = true;
    if (by("save-menu").open) this.#showCommand();
  }

  async #showCommand() {
    const { studio } = this;
    if (!studio.photo || !by("save-menu").open || !this.stale) return;
    this.stale = false;
    try {
      const { lines } = await studio.withPhoto((id) => ask(id, "command", { edit: studio.model.edit }));
      by("command").textContent = lines.join("\n") || "—";
    } catch (error) {
      by("command").textContent = error.message;
    }
  }

  async #copy() {
    await this.#showCommand();
    try {
      await navigator.clipboard.writeText(by("command").textContent);
      this.studio.tell("Copied the command.");
    } catch {
      getSelection().selectAllChildren(by("command"));
      this.studio.tell("This browser does not let pages copy; the command is selected: press Ctrl C.");
    }
  }

  async #download(id, what, more) {
    const { studio } = this;
    const button = by(id);
    button.disabled = true;
    studio.tell("Making it at full resolution…");
    try {
      await studio.withPhoto((photo) => download(photo, what, { edit: studio.model.edit, ...more }));
      studio.tell("Saved.");
    } catch (error) {
      studio.tell(error.message, true);
    } finally {
      button.disabled = false;
    }
  }
}
