"use strict";
const study = JSON.parse(document.getElementById("study").textContent);
const place = "ptk-study-" + study.study;
const QUESTIONS = {
  realism: "Which looks most real? Click the best first, the worst last.",
  identity: "Which is most like the person above? Click the best first, the worst last.",
};
const element = (name) => document.getElementById(name);

function fresh() {
  const numbers = crypto.getRandomValues(new Uint32Array(3));
  const rater = Array.from(numbers, (one) => one.toString(16).padStart(8, "0")).join("");
  return { rater, seed: numbers[0], answers: [], ranking: [], shown: {}, began: false };
}

function load() {
  try {
    return JSON.parse(localStorage.getItem(place)) || fresh();
  } catch {
    return fresh();
  }
}

const state = load();
const keep = () => {
  try {
    localStorage.setItem(place, JSON.stringify(state));
  } catch {
    /* a browser that stores nothing: answers last as long as the page */
  }
};

// mulberry32: the order is each person's own, and the same after a reload
function draws(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle(things, draw) {
  const list = [...things];
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
  return list;
}

const draw = draws(state.seed);
const todo = [];
for (const round of [1, 2]) {
  for (const group of shuffle(study.groups, draw)) {
    const pictures = shuffle(group.pictures, draw);
    for (const question of Object.keys(QUESTIONS)) todo.push({ round, group, pictures, question });
  }
}

let timer = 0;

function show() {
  clearTimeout(timer);
  const now = todo[state.answers.length];
  for (const name of ["intro", "ask", "end"]) element(name).hidden = true;
  if (!now) return finish();
  if (!state.began) {
    element("intro").hidden = false;
    return;
  }
  element("ask").hidden = false;
  element("progress").textContent =
    `Round ${now.round} of 2, question ${state.answers.length + 1} of ${todo.length}`;
  element("wish").textContent = now.group.asked;
  element("source").src = "images/" + now.group.source;
  element("question").textContent = QUESTIONS[now.question];
  const row = element("pictures");
  row.replaceChildren(
    ...now.pictures.map((file, number) => {
      const button = document.createElement("button");
      const image = document.createElement("img");
      image.src = "images/" + file;
      image.alt = `picture ${number + 1}`;
      button.append(image);
      button.dataset.file = file;
      button.addEventListener("click", () => rank(file));
      const at = state.ranking.indexOf(file);
      if (at >= 0) {
        const mark = document.createElement("span");
        mark.className = "rank";
        mark.textContent = at + 1;
        button.append(mark);
        button.disabled = true;
      }
      return button;
    }),
  );
  limit(now, row);
}

function limit(now, row) {
  // the time of a group runs from when it was first shown, whatever is reloaded
  const key = now.round + now.group.group;
  if (!state.shown[key]) {
    state.shown[key] = Date.now();
    keep();
  }
  if (!state.shown[key + now.question]) {
    state.shown[key + now.question] = Date.now();
    keep();
  }
  row.classList.remove("gone");
  if (now.round !== 1) return;
  const left = state.shown[key] + 1000 * study.seconds - Date.now();
  if (left <= 0) row.classList.add("gone");
  else timer = setTimeout(() => row.classList.add("gone"), left);
}

function rank(file) {
  const now = todo[state.answers.length];
  if (state.ranking.includes(file)) return;
  state.ranking.push(file);
  if (state.ranking.length === now.pictures.length) {
    const began = state.shown[now.round + now.group.group + now.question];
    state.answers.push({
      round: now.round,
      group: now.group.group,
      question: now.question,
      ranking: state.ranking,
      seconds: (Date.now() - began) / 1000,
    });
    state.ranking = [];
  }
  keep();
  show();
}

function answers() {
  return JSON.stringify({ schema: study.schema, study: study.study, rater: state.rater, answers: state.answers });
}

async function finish() {
  element("end").hidden = false;
  if (!location.protocol.startsWith("http")) return;
  try {
    const reply = await fetch("answers", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: answers(),
    });
    element("sent").textContent = reply.ok ? "Your answers have arrived; nothing is left to do." : "";
  } catch {
    element("sent").textContent = "";
  }
}

element("start").addEventListener("click", () => {
  state.began = true;
  keep();
  show();
});
element("undo").addEventListener("click", () => {
  state.ranking = [];
  keep();
  show();
});
element("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([answers()], { type: "application/json" }));
  link.download = `answers-${state.rater.slice(0, 8)}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
});
show();
