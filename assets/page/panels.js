// The derivation of the step that is shown, what it costs, and the trace table.

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

/** Room for the longest derivation, so that nothing moves from step to step; a window's at most. */
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
  aside.style.minHeight = `${Math.min(height, 0.8 * window.innerHeight)}px`;
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
  const { left } = sweep();
  if (left.length) add("Left to eliminate", left.join(", "));
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
    title(`${what}, seed ${viewOf(mode).seed}`, `${mode}${mode === state.mode ? "" : " other"}`);
    indices[mode] = new Map(viewOf(mode).steps.map((one, index) => [one.node, index]));
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
      const one = index === null ? null : viewOf(mode).steps[index];
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
