// The graph of the page: cards, edges, pulses, at the step that is shown.
// All numbers, formulas and places come with the data; the three scripts of the page are one.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const SECONDS = 0.8; // for a step at speed 1, and a look at its result
const TRAVEL = 0.92;
const IN_TURN = 4; // pulses of a step with up to so many edges set out one after the other
const WAITS = "—";
const MODES = ["forward", "backward", "cross"];
const TITLES = { forward: "Forward", backward: "Backward", cross: "Cross" };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const chosen = Object.fromEntries(MODES.map((mode) => [mode, 0])); // the view of each mode
const state = { mode: data.first, index: -1, progress: 1, playing: false, speed: 1 };
let printed = false; // a printed page shows the whole table

// Making elements ---------------------------------------------------------------------------

function draw(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
}

function make(name, attributes, parent, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

// The graph ---------------------------------------------------------------------------------

const [cardWidth, cardHeight] = data.card;
const svg = draw("svg", { viewBox: `0 0 ${data.width} ${data.height}`, role: "group" }, byId("stage"));
// Smaller than this nobody can read the cards; the page scrolls instead.
svg.style.setProperty("--least", `${Math.round(data.width * 0.72)}px`);
svg.style.setProperty("--least-height", `${Math.round(data.height * 0.72)}px`);
svg.style.maxWidth = `${Math.round(data.width * 1.6)}px`;
const layers = {};
for (const name of ["ghosts", "edges", "texts", "cards", "pulses"]) layers[name] = draw("g", {}, svg);

const edges = new Map(); // key -> {group, line}
const pairs = new Map(); // "source NUL target NUL" -> keys of the edges between the two
const cards = new Map();

function addEdge(key, path, head, kind) {
  const group = draw("g", { class: `edge ${kind}` }, layers.edges);
  draw("path", { class: "wide", d: path }, group);
  const line = draw("path", { class: "line", d: path }, group);
  if (kind) draw("path", { class: "inner", d: path }, group);
  draw("polygon", { points: head }, group);
  edges.set(key, { group, line, isFill: Boolean(kind) });
  const [source, target] = key.split("\0");
  const pair = `${source}\0${target}\0`;
  if (!pairs.has(pair)) pairs.set(pair, []);
  pairs.get(pair).push(key);
}

for (const edge of data.edges) addEdge(edge.key, edge.path, edge.head, "");

/** The edges that elimination in this order makes, in place of those of another order. */
function drawFills() {
  for (const [key, edge] of [...edges]) {
    if (!edge.isFill) continue;
    edge.group.remove();
    edges.delete(key);
    pairs.delete(key);
  }
  const { ways } = sweep();
  for (const [key, [path, head]] of Object.entries(ways)) addEdge(key, path, head, "fill off");
}

for (const node of data.nodes) {
  const kind = `card ${node.kind}${node.output ? " output" : ""}`;
  const place = `translate(${node.x} ${node.y})`;
  const group = draw("g", { class: kind, transform: place, tabindex: "0", role: "button" }, layers.cards);
  draw("rect", { width: cardWidth, height: cardHeight, rx: 6 }, group);
  draw("line", { x1: 0, x2: cardWidth, y1: 32, y2: 32 }, group);
  const text = (name, x, y, words) => {
    const made = draw("text", { class: name, x, y }, group);
    made.textContent = words;
    return made;
  };
  text("title", 11, 21, node.title);
  text("operation", cardWidth - 11, 21, node.operation);
  text("label", 11, 52, "value");
  text("number", cardWidth - 11, 52, node.value);
  const label = text("label derivative", 11, 78, "");
  const number = text("number derivative", cardWidth - 11, 78, "");
  cards.set(node.id, { node, group, label, number });
  group.addEventListener("click", () => showStepOf(node.id));
  group.addEventListener("keydown", (event) => {
    if (event.key === "Enter") showStepOf(node.id);
  });
}

/** Keys of the drawn edges for a key of the data, which may name a pair alone. */
function drawn(key) {
  return edges.has(key) && !edges.get(key).isFill ? [key] : pairs.get(key) || [];
}

/** The texts of all edges that stand; those of a step replace older ones. */
let merged = { view: null, done: -2, list: data.labels };
function standingTexts() {
  const done = state.mode === "cross" ? lastDone() : -1;
  if (done < 0) return data.labels;
  if (merged.view === sweep() && merged.done === done) return merged.list;
  const byPair = new Map();
  const put = (entry, alone) => {
    const [source, target] = entry[0].split("\0");
    const pair = `${source}\0${target}`;
    if (alone || !byPair.has(pair)) byPair.set(pair, []);
    byPair.get(pair).push(entry);
  };
  for (const entry of data.labels) put(entry, false);
  for (const one of sweep().steps.slice(0, done + 1)) {
    for (const entry of one.labels) put(entry, true);
    for (const pair of [...byPair.keys()]) if (pair.split("\0").includes(one.node)) byPair.delete(pair);
  }
  merged = { view: sweep(), done, list: [...byPair.values()].flat() };
  return merged.list;
}

let shownTexts = null;
let texts = [];
function showTexts(list) {
  if (list === shownTexts) return;
  shownTexts = list;
  layers.texts.replaceChildren();
  texts = list.map(([key, lines, x, y]) => {
    const made = draw("g", { class: "text" }, layers.texts);
    const patch = draw("rect", { rx: 3 }, made); // parts the line below the text
    const text = draw("text", {}, made);
    lines.forEach((words, number) => {
      const line = draw("tspan", { x, y: y + 4 + 14 * (number - (lines.length - 1) / 2) }, text);
      line.textContent = words;
    });
    const box = text.getBBox();
    const around = { x: box.x - 4, y: box.y, width: box.width + 8, height: box.height };
    for (const [name, value] of Object.entries(around)) patch.setAttribute(name, value);
    return { key, made };
  });
}

// Where we are ------------------------------------------------------------------------------

const viewOf = (mode) => data.modes[mode][chosen[mode]];
const sweep = () => viewOf(state.mode);
const step = () => (state.index >= 0 ? sweep().steps[state.index] : null);
const lastDone = () => (state.progress >= 1 ? state.index : state.index - 1);

function share(number, count, progress) {
  if (count <= 1 || count > IN_TURN) return Math.min(progress / TRAVEL, 1);
  const length = TRAVEL / count;
  return Math.min(Math.max((progress - number * length) / length, 0), 1);
}

function arrived(count) {
  if (state.progress >= 1) return count;
  let number = 0;
  for (let i = 0; i < count; i += 1) if (share(i, count, state.progress) >= 1) number += 1;
  return number;
}

/** What stands of the linearised graph: vertices gone, edges made, by their pair. */
function standing() {
  const gone = new Set();
  const made = new Map(); // pair -> made by the step that is shown
  if (state.mode !== "cross") return { gone, made };
  const done = lastDone();
  sweep().steps.forEach((one, index) => {
    if (index > done) return;
    for (const fill of one.fills) made.set(`${fill.source}\0${fill.target}\0`, index === state.index);
    gone.add(one.node);
  });
  const now = step();
  if (now && state.progress < 1) {
    now.fills.slice(0, arrived(now.fills.length)).forEach((fill) => {
      made.set(`${fill.source}\0${fill.target}\0`, true);
    });
  }
  for (const pair of [...made.keys()]) {
    const [source, target] = pair.split("\0");
    if (isCut(source, target, gone)) made.delete(pair);
  }
  return { gone, made };
}

/** An eliminated output stays as a row of the Jacobian: only the edges out of it are cut. */
function isAway(id, gone) {
  return gone.has(id) && !cards.get(id).node.output;
}

function isCut(source, target, gone) {
  return gone.has(source) || isAway(target, gone);
}

// Showing it --------------------------------------------------------------------------------

function show() {
  const now = step();
  const { gone, made } = standing();
  const used = new Set(now ? now.edges.flatMap(drawn) : []);
  for (const [key, edge] of edges) {
    const [source, target] = key.split("\0");
    const pair = `${source}\0${target}\0`;
    const isGone = isCut(source, target, gone);
    edge.group.classList.toggle("off", edge.isFill && !made.has(pair));
    edge.group.classList.toggle("gone", isGone);
    edge.group.classList.toggle("changed", made.has(pair) && !isGone);
    edge.group.classList.toggle("active", used.has(key) && !isGone);
  }
  showCards(now, gone);
  showTexts(standingTexts());
  for (const { key, made: text } of texts) {
    const [source, target] = key.split("\0");
    const pair = `${source}\0${target}\0`;
    text.classList.toggle("active", used.has(key) || drawn(key).some((one) => used.has(one)));
    text.classList.toggle("made", made.has(pair));
  }
  showPulses();
}

/** Where the graph is larger than its place: bring the card of the step, or of the first, into sight. */
function follow(now) {
  const stage = byId("stage");
  const shown = now ?? sweep().steps[0];
  const place = shown && cards.get(shown.node)?.node;
  if (!place) return;
  const width = stage.scrollWidth;
  const height = stage.scrollHeight;
  if (width <= stage.clientWidth && height <= stage.clientHeight) return;
  stage.scrollTo({
    left: ((place.x + cardWidth / 2) / data.width) * width - stage.clientWidth / 2,
    top: ((place.y + cardHeight / 2) / data.height) * height - stage.clientHeight / 2,
    behavior: still.matches || !now ? "auto" : "smooth",
  });
}

function showCards(now, gone) {
  const steps = sweep().steps;
  const rows = state.mode === "cross" ? { ...sweep().rows } : null;
  if (rows) for (const one of steps.slice(0, lastDone() + 1)) Object.assign(rows, one.rows);
  const results = new Map();
  steps.forEach((one, index) => {
    let words = WAITS;
    if (index < state.index || (index === state.index && state.progress >= 1)) words = one.result;
    else if (index === state.index) {
      const count = arrived(one.sums.length);
      words = one.sums.length === 0 ? one.result : count ? one.sums[count - 1] : WAITS;
    }
    results.set(one.node, [one.quantity, words, words === one.result ? one.card : ""]);
  });
  for (const [id, card] of cards) {
    const [label, words, short] = (rows ? rows[id] : results.get(id)) || ["", ""];
    const room = short || (words.startsWith("(") && words.length > 14) ? 20 : 14;
    card.label.textContent = label;
    const written = short || words;
    card.number.textContent = written.length > room ? `${written.slice(0, room - 1)}…` : written;
    card.number.classList.toggle("columns", room > 14);
    card.number.classList.toggle("waits", words === WAITS);
    card.group.classList.toggle("active", Boolean(now) && now.node === id && !gone.has(id));
    const layer = isAway(id, gone) ? layers.ghosts : layers.cards; // below what has taken its place
    if (card.group.parentNode !== layer) layer.append(card.group);
    card.group.classList.toggle("gone", isAway(id, gone));
    const primal = card.node.primal ? `${card.node.primal} = ${card.node.number}` : card.node.number;
    const further = words && words !== WAITS ? `, ${label} ${words}` : "";
    card.group.setAttribute("aria-label", `${card.node.name}: ${primal}${further}`);
  }
}

const pulses = [];
function showPulses() {
  const now = step();
  const list = [];
  if (now && state.progress < 1 && !still.matches) {
    const both = state.mode === "cross";
    const ways = both
      ? now.fills.map((f) => [[`${f.source}\0${now.node}\0`, false], [`${now.node}\0${f.target}\0`, true]])
      : now.edges.map((key) => [[key, state.mode === "backward"]]);
    ways.forEach((way, number) => {
      const done = share(number, ways.length, state.progress);
      if (done <= 0 || done >= 1) return;
      for (const [key, backwards] of way) {
        const [first] = drawn(key);
        if (first) list.push([edges.get(first).line, backwards ? 1 - done : done]);
      }
    });
  }
  while (pulses.length < list.length) {
    const made = draw("g", { class: "pulse" }, layers.pulses);
    draw("circle", { r: 11 }, made);
    draw("circle", { r: 5.5 }, made);
    pulses.push(made);
  }
  pulses.forEach((pulse, number) => {
    pulse.style.display = number < list.length ? "" : "none";
    if (number >= list.length) return;
    const [line, at] = list[number];
    const point = line.getPointAtLength(line.getTotalLength() * at);
    pulse.setAttribute("transform", `translate(${point.x} ${point.y})`);
  });
}

function light(keys, nodes, on) {
  for (const key of keys.flatMap(drawn)) edges.get(key).group.classList.toggle("lit", on);
  for (const id of nodes) if (cards.has(id)) cards.get(id).group.classList.toggle("lit", on);
}
