// Keys of the whole page; those of a point stand with the points.

const by = (id) => document.getElementById(id);

export function bindKeys(studio) {
  const { model, view } = studio;
  const undo = () => model.go(model.at - 1);
  const redo = () => model.go(model.at + 1);
  const compare = (on) => {
    if (on && !studio.photo) return;
    view.compare(on);
    by("before").hidden = !on;
    by("stage").classList.toggle("comparing", on);
  };
  const points = () => {
    const hidden = by("overlay").classList.toggle("hidden");
    by("show-points").setAttribute("aria-pressed", String(!hidden));
  };
  const actions = { b: () => compare(true), p: points, f: () => studio.showFace(), 0: () => view.fit(), "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), "?": () => by("help").showModal() };

  by("undo").addEventListener("click", undo);
  by("redo").addEventListener("click", redo);
  by("show-points").addEventListener("click", points);
  by("help-button").addEventListener("click", () => by("help").showModal());
  by("zoom-in").addEventListener("click", () => view.zoom(1.25));
  by("zoom-out").addEventListener("click", () => view.zoom(0.8));
  by("zoom-fit").addEventListener("click", () => view.fit());
  by("zoom-face").addEventListener("click", () => studio.showFace());

  const hold = by("compare");
  hold.addEventListener("pointerdown", (event) => {
    hold.setPointerCapture(event.pointerId);
    compare(true);
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) hold.addEventListener(end, () => compare(false));
  hold.addEventListener("keydown", (event) => (event.key === " " || event.key === "Enter") && compare(true));
  hold.addEventListener("keyup", () => compare(false));

  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input[type=number], select, textarea");
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") {
      event.preventDefault();
      (event.shiftKey ? redo : undo)();
    } else if ((event.ctrlKey || event.metaKey) && key === "y") {
      event.preventDefault();
      redo();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && actions[key] && !by("help").open) {
      if (studio.photo || key === "?") actions[key]();
    } else if (key === "escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    }
  });
  addEventListener("keyup", (event) => event.key.toLowerCase() === "b" && compare(false));
  addEventListener("blur", () => compare(false));
  addEventListener("pointerdown", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
}
