// Which slider says which words: pairs that pull one way and the other, and words that both sides or one can say.

const row = (title, word, more = {}) => ({ title, words: [word], ...more });
const sides = (title, both, right, left) => ({ title, sides: { both, right, left }, words: [...(both ?? []), right, left] });

// `minus` is the word that negative strengths stand for, where it has a name of its own.
const GROUPS = [
  ["To rest", [row("Back to rest", "neutral")]],
  ["Mouth", [
    row("Smile", "smile"),
    row("Smile, lips closed", "closed_smile"),
    row("Laugh", "laugh"),
    sides("Smirk", ["smirk_right", "smirk_left"], "smirk_right", "smirk_left"),
    row("Open, close", "open_mouth"),
    row("Kiss", "kiss"),
  ]],
  ["Eyes", [
    row("Narrow, shut", "narrow_eyes"),
    row("Widen", "wide_eyes"),
    sides("Wink", null, "wink_right", "wink_left"),
    row("Look aside", "look_left", { minus: "look_right", words: ["look_left", "look_right"], hint: "to the person's right or left" }),
    row("Look up, down", "look_down", { minus: "look_up", words: ["look_up", "look_down"], hint: "up or down" }),
  ]],
  ["Brows", [sides("Raise", ["brows_up"], "brow_right_up", "brow_left_up"), row("Frown", "brows_down")]],
  ["Head", [row("Turn", "turn"), row("Nod", "nod"), row("Lean", "tilt")]],
  ["Feelings", ["anger", "disgust", "fear", "sadness", "surprise"].map((word) => row(word[0].toUpperCase() + word.slice(1), word))],
];

// The groups of rows for the words that the server has; what this page does not know gets a row of its own.
export function arrange(words) {
  const known = new Map(words.map((word) => [word.name, word]));
  const used = new Set();
  const groups = GROUPS.map(([title, rows]) => ({ title, rows: rows.filter((each) => each.words.every((word) => known.has(word))) }));
  for (const { rows } of groups) for (const { words: names } of rows) names.forEach((name) => used.add(name));
  const rest = words.filter((word) => !used.has(word.name)).map((word) => row(word.name.replaceAll("_", " "), word.name));
  if (rest.length) groups.push({ title: "More", rows: rest });
  return { groups: groups.filter((group) => group.rows.length), known };
}

// The words that a row says at the side that is chosen, which are those that its slider sets.
export function spoken(entry, side) {
  if (!entry.sides) return [entry.words[0]];
  return side === "both" ? entry.sides.both : [entry.sides[side]];
}

export function limits(entry, known, side) {
  const word = known.get(spoken(entry, side)[0]);
  const least = entry.minus ? -known.get(entry.minus).most : word.least;
  return { least, most: word.most, step: word.step ?? 0.05, unit: word.unit ?? "", summary: entry.hint ?? word.summary };
}

export function strength(entry, said, side) {
  const first = said[spoken(entry, side)[0]] ?? 0;
  return entry.minus && !first ? -(said[entry.minus] ?? 0) : first;
}

// Say `value` by the words of a row; its other sides, and the opposite, fall silent.
export function say(entry, words, side, value) {
  for (const word of entry.words) delete words[word];
  if (!value) return;
  if (entry.minus && value < 0) words[entry.minus] = -value;
  else for (const word of spoken(entry, side)) words[word] = value;
}

// The side that the words of a row say now.
export function sideOf(entry, said) {
  if (!entry.sides) return "both";
  const { both, right, left } = entry.sides;
  if (both?.every((word) => said[word])) return "both";
  if (said[right]) return "right";
  if (said[left]) return "left";
  return both ? "both" : "left";
}
