"use strict";
// Moves through the steps of a sweep; every number, formula and place comes with the data.
(() => {
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
  svg.style.setProperty("--least", `${Math.round(data.width * 0.72)}px`);
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
  const ways = data.modes.cross ? data.modes.cross.ways : {};
  for (const [key, [path, head]] of Object.entries(ways)) addEdge(key, path, head, "fill off");

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

  const sweep = () => data.modes[state.mode];
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
      if (gone.has(source) || gone.has(target)) made.delete(pair);
    }
    return { gone, made };
  }

  // Showing it --------------------------------------------------------------------------------

  function show() {
    const now = step();
    const { gone, made } = standing();
    const used = new Set(now ? now.edges.flatMap(drawn) : []);
    for (const [key, edge] of edges) {
      const [source, target] = key.split("\0");
      const pair = `${source}\0${target}\0`;
      const isGone = gone.has(source) || gone.has(target);
      edge.group.classList.toggle("off", edge.isFill && !made.has(pair));
      edge.group.classList.toggle("gone", isGone);
      edge.group.classList.toggle("changed", made.has(pair) && !isGone);
      edge.group.classList.toggle("active", used.has(key) && !isGone);
    }
    showCards(now, gone);
    const cross = state.mode === "cross" && lastDone() >= 0;
    showTexts(cross ? sweep().steps[lastDone()].labels : data.labels);
    for (const { key, made: text } of texts) {
      const [source, target] = key.split("\0");
      const pair = `${source}\0${target}\0`;
      text.classList.toggle("active", used.has(key) || drawn(key).some((one) => used.has(one)));
      text.classList.toggle("made", made.has(pair));
    }
    showPulses();
  }

  /** On a narrow screen the graph is wider than the page: bring the card of the step into sight. */
  function follow(now) {
    const stage = byId("stage");
    if (!now || stage.scrollWidth <= stage.clientWidth) return;
    const { node } = cards.get(now.node);
    const middle = ((node.x + cardWidth / 2) / data.width) * stage.scrollWidth;
    const left = middle - stage.clientWidth / 2;
    stage.scrollTo({ left, behavior: still.matches ? "auto" : "smooth" });
  }

  function showCards(now, gone) {
    const steps = sweep().steps;
    const rows = state.mode !== "cross" ? null : lastDone() >= 0 ? steps[lastDone()].rows : sweep().rows;
    const results = new Map();
    steps.forEach((one, index) => {
      let words = WAITS;
      if (index < state.index || (index === state.index && state.progress >= 1)) words = one.result;
      else if (index === state.index) {
        const count = arrived(one.sums.length);
        words = one.sums.length === 0 ? one.result : count ? one.sums[count - 1] : WAITS;
      }
      results.set(one.node, [one.quantity, words]);
    });
    for (const [id, card] of cards) {
      const [label, words] = (rows ? rows[id] : results.get(id)) || ["", ""];
      card.label.textContent = label;
      card.number.textContent = words.length > 14 ? `${words.slice(0, 13)}…` : words;
      card.number.classList.toggle("waits", words === WAITS);
      card.group.classList.toggle("active", Boolean(now) && now.node === id && !gone.has(id));
      const layer = gone.has(id) ? layers.ghosts : layers.cards; // below what has taken its place
      if (card.group.parentNode !== layer) layer.append(card.group);
      card.group.classList.toggle("gone", gone.has(id));
      const written = card.node.primal ? `${card.node.primal} = ${card.node.number}` : card.node.number;
      const further = words && words !== WAITS ? `, ${label} ${words}` : "";
      card.group.setAttribute("aria-label", `${card.node.name}: ${written}${further}`);
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

  function showDerivation() {
    const now = step();
    const total = sweep().steps.length;
    for (const { group } of [...edges.values(), ...cards.values()]) group.classList.remove("lit");
    byId("heading").textContent = now
      ? `Step ${state.index + 1} of ${total}: ${now.heading}`
      : `${TITLES[state.mode]} mode, ${total} steps`;
    const box = byId("derivation");
    box.replaceChildren();
    if (!now) {
      const how = {
        forward: "Tangents travel along the edges, from the inputs to the output.",
        backward: "Adjoints travel against the edges, from the output to the inputs.",
        cross: "One vertex after the other is eliminated: each edge into it times each edge out of it.",
      };
      make("div", { class: "line words" }, box, how[state.mode]);
    }
    for (const line of now ? now.lines : []) {
      const row = make("div", { class: `line ${line.kind}` }, box, line.words);
      // While the contributions travel there is time to guess.
      if (line.kind === "result") row.classList.toggle("hidden", state.progress < 1);
      for (const [number, keys, nodes] of line.parts || []) {
        const part = make("span", { class: "part" }, row);
        const [markup, text] = data.formulas[number];
        if (markup) part.innerHTML = markup;
        else part.textContent = text;
        if (!keys.length && !nodes.length) continue;
        part.tabIndex = 0;
        const turn = (on) => () => {
          part.classList.toggle("lit", on);
          light(keys, nodes, on);
        };
        for (const kind of ["pointerenter", "focus"]) part.addEventListener(kind, turn(true));
        for (const kind of ["pointerleave", "blur"]) part.addEventListener(kind, turn(false));
      }
    }
    showFacts(now, total);
  }

  /** Room for the longest derivation, so that nothing moves from step to step. */
  function reserveRoom() {
    const aside = document.querySelector("aside");
    const { index, progress } = state;
    const lines = (one) => (one.lines || []).reduce((sum, line) => sum + 2 + (line.parts || []).length / 4, 0);
    const steps = sweep().steps.map((one, number) => [lines(one), number]);
    const longest = steps.sort((a, b) => b[0] - a[0]).slice(0, 20).map(([, number]) => number);
    aside.style.minHeight = "0";
    aside.style.alignSelf = "start";
    let height = 0;
    for (const number of new Set([...longest, sweep().steps.length - 1])) {
      Object.assign(state, { index: number, progress: 1 });
      showDerivation();
      height = Math.max(height, aside.offsetHeight);
    }
    aside.style.alignSelf = "";
    aside.style.minHeight = `${height}px`;
    Object.assign(state, { index, progress });
  }

  function showFacts(now, total) {
    const facts = byId("facts");
    facts.replaceChildren();
    const add = (name, words) => {
      make("dt", {}, facts, name);
      make("dd", {}, facts, words);
    };
    const [products, sums, convention] = sweep().cost;
    const [done, added] = now ? now.cost : [0, 0];
    if (sweep().seed) add("Seed", sweep().seed);
    add("Multiplications so far", `${done} of ${products}`);
    add("Additions so far", `${added} of ${sums}`);
    make("dd", { class: "note" }, facts, `Counted: ${convention}.`);
    if (lastDone() === total - 1) for (const [name, words] of sweep().result) add(name, words);
  }

  // The trace table ---------------------------------------------------------------------------

  let rows = []; // {row, cells, index of the step}
  function buildTable() {
    const head = byId("trace").tHead;
    const body = byId("trace").tBodies[0];
    head.replaceChildren();
    body.replaceChildren();
    rows = [];
    byId("trace").className = state.mode === "cross" ? "eliminations" : "derivatives";
    const line = make("tr", {}, head);
    const title = (text, name) => make("th", { scope: "col", class: name }, line, text);
    if (state.mode === "cross") {
      title("step", "");
      title("vertex", "");
      title("edges made or changed", "cross");
      title("cost so far", "");
      sweep().steps.forEach((one, index) => {
        const row = make("tr", {}, body);
        make("td", {}, row, String(index + 1));
        make("td", { class: "name" }, row, one.quantity);
        addRow(row, one.node, [{ cell: make("td", { class: "cross" }, row), index, mode: "cross" }]);
        make("td", {}, row);
      });
      return;
    }
    title("node", "");
    title("primal", "");
    const columns = MODES.slice(0, 2).filter((mode) => data.modes[mode]);
    const indices = {};
    for (const mode of columns) {
      const what = mode === "forward" ? "tangent" : "adjoint";
      title(`${what}, seed ${data.modes[mode].seed}`, `${mode}${mode === state.mode ? "" : " other"}`);
      indices[mode] = new Map(data.modes[mode].steps.map((one, index) => [one.node, index]));
    }
    const order = state.mode === "backward" ? [...data.order].reverse() : data.order;
    for (const id of order) {
      const { node } = cards.get(id);
      const row = make("tr", {}, body);
      make("td", { class: "name" }, row, node.name);
      make("td", {}, row, node.primal ? `${node.primal} = ${node.number}` : node.number);
      addRow(row, id, columns.map((mode) => {
        const name = mode === state.mode ? mode : `${mode} other`;
        const index = indices[mode].has(id) ? indices[mode].get(id) : null;
        return { cell: make("td", { class: name }, row), index, mode };
      }));
    }
  }

  function addRow(row, id, cells) {
    rows.push({ row, id, cells });
    row.addEventListener("click", () => showStepOf(id));
  }

  function showTable() {
    for (const { row, id, cells } of rows) {
      const now = step();
      row.classList.toggle("current", Boolean(now) && now.node === id);
      for (const { cell, index, mode } of cells) {
        const one = index === null ? null : data.modes[mode].steps[index];
        const reached = printed || mode !== state.mode || index <= lastDone();
        const key = one === null ? "none" : reached ? "all" : index === state.index ? `${arrived(one.sums.length)}` : "waits";
        if (cell.dataset.key === key) continue;
        cell.dataset.key = key;
        cell.classList.toggle("waits", key === "waits");
        fillCell(cell, one, mode, key);
        if (mode === "cross") cell.nextSibling.textContent = key === "all" ? `${one.cost[0]} mul · ${one.cost[1]} add` : "";
      }
    }
  }

  function fillCell(cell, one, mode, key) {
    if (one === null) cell.textContent = WAITS;
    else if (key === "waits") cell.textContent = "waits";
    else if (mode === "cross") cell.textContent = key === "all" ? one.fills.map((fill) => fill.text).join(",  ") || one.note : "…";
    else if (key !== "all" && one.sums.length) {
      cell.textContent = Number(key) ? `${one.sums[Number(key) - 1]} so far` : "…";
    } else {
      const same = !one.sums.length || one.written === one.result;
      cell.textContent = one.note || (same ? one.result : `${one.written} = ${one.result}`);
      if (one.sums.length > 1 && !one.note) make("span", { class: "sums" }, cell, `partial sums ${one.sums.join(", ")}`);
    }
  }

  // Moving ------------------------------------------------------------------------------------

  function refresh(spoken = true) {
    const total = sweep().steps.length;
    show();
    showDerivation();
    showTable();
    follow(step());
    byId("scrub").max = total;
    byId("scrub").value = state.index + 1;
    const now = step();
    const [products, sums] = now ? now.cost : [0, 0];
    const where = `step ${state.index + 1} of ${total}`;
    byId("where").textContent = where;
    byId("spent").textContent = `${products} mul · ${sums} add`;
    byId("scrub").setAttribute("aria-valuetext", where);
    for (const id of ["first", "back"]) byId(id).disabled = state.index < 0;
    for (const id of ["forth", "last"]) byId(id).disabled = state.index >= total - 1;
    document.body.classList.toggle("playing", state.playing);
    byId("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
    if (spoken && !state.playing && now) byId("said").textContent = `${where}: ${now.heading} = ${now.result}. ${now.note}`;
    try {
      history.replaceState(null, "", `#${state.mode}-${state.index + 1}`);
    } catch { /* some frames forbid it; the page works without */ }
  }

  function goTo(index) {
    state.index = Math.max(-1, Math.min(index, sweep().steps.length - 1));
    state.progress = 1;
    refresh();
  }

  function moveTo(index) {
    state.playing = false;
    goTo(index);
  }

  function showStepOf(id) {
    const index = sweep().steps.findIndex((one) => one.node === id);
    if (index >= 0) moveTo(index);
  }

  function setMode(mode, index = -1) {
    if (!data.modes[mode]) return;
    state.mode = mode;
    state.playing = false;
    document.documentElement.dataset.mode = mode;
    for (const button of byId("modes").children) button.setAttribute("aria-pressed", button.value === mode);
    buildTable();
    reserveRoom();
    goTo(index);
  }

  function play() {
    const total = sweep().steps.length;
    if (state.playing) {
      state.playing = false;
      state.progress = 1; // a step that was under way comes to its end
    } else if (total) {
      state.playing = true;
      if (state.index >= total - 1) state.index = -1;
      next();
      let before = performance.now();
      const frame = (time) => {
        if (!state.playing) return;
        advance(Math.max(0, time - before) / 1000);
        before = time;
        if (state.playing) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }
    refresh();
  }

  function next() {
    state.index += 1;
    state.progress = 0;
  }

  /** Seconds a step takes at speed 1: more where several contributions arrive in turn. */
  function duration() {
    const now = step();
    const count = state.mode === "cross" ? now.fills.length : now.edges.length;
    return SECONDS * (count > 1 && count <= IN_TURN ? 1 + 0.5 * (count - 1) : 1);
  }

  let look = 0; // seconds that the result has been looked at
  function advance(seconds) {
    if (state.progress < 1) {
      const before = step().sums ? arrived(step().sums.length) : 0;
      const fills = step().fills ? arrived(step().fills.length) : 0;
      state.progress = Math.min(1, state.progress + (seconds * state.speed) / duration());
      look = 0;
      if (state.progress >= 1) refresh();
      else if (arrived(step().sums.length) !== before || (step().fills && arrived(step().fills.length) !== fills)) {
        show();
        showTable();
      } else showPulses();
      return;
    }
    look += seconds * state.speed;
    if (look < SECONDS / 4) return;
    if (state.index >= sweep().steps.length - 1) state.playing = false;
    else next();
    refresh();
  }

  // Controls ----------------------------------------------------------------------------------

  for (const mode of MODES) {
    const button = make("button", { class: mode, value: mode, type: "button" }, byId("modes"), TITLES[mode]);
    button.disabled = !data.modes[mode];
    if (button.disabled) button.title = data.refused[mode] || "";
    button.addEventListener("click", () => setMode(mode));
  }
  byId("first").addEventListener("click", () => moveTo(-1));
  byId("back").addEventListener("click", () => moveTo(state.index - 1));
  byId("play").addEventListener("click", play);
  byId("forth").addEventListener("click", () => moveTo(state.index + 1));
  byId("last").addEventListener("click", () => moveTo(sweep().steps.length - 1));
  byId("scrub").addEventListener("input", (event) => moveTo(Number(event.target.value) - 1));
  byId("speed").addEventListener("change", (event) => { state.speed = Number(event.target.value); });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
    const onButton = event.target.tagName === "BUTTON" && event.target.matches(":focus-visible");
    const actions = {
      " ": onButton ? null : play,
      ArrowLeft: () => moveTo(state.index - 1),
      ArrowRight: () => moveTo(state.index + 1),
      Home: () => moveTo(-1),
      End: () => moveTo(sweep().steps.length - 1),
      1: () => setMode(MODES[0]),
      2: () => setMode(MODES[1]),
      3: () => setMode(MODES[2]),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const isDark = () => (document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  function setTheme(name) {
    document.documentElement.dataset.theme = name;
    try { localStorage.setItem("visualad-theme", name); } catch { /* not allowed here */ }
  }
  byId("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  try {
    const kept = localStorage.getItem("visualad-theme");
    if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  } catch { /* not allowed here */ }

  addEventListener("beforeprint", () => { printed = true; showTable(); });
  addEventListener("afterprint", () => { printed = false; showTable(); });
  function fromAddress() {
    const wanted = /^#(forward|backward|cross)-(\d+)$/.exec(location.hash);
    if (wanted && data.modes[wanted[1]]) setMode(wanted[1], Number(wanted[2]) - 1);
    else if (document.documentElement.dataset.mode === undefined) setMode(data.first);
  }
  addEventListener("hashchange", fromAddress);
  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => { reserveRoom(); showDerivation(); }, 150);
  });
  fromAddress();
})();
