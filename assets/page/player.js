// Moving through the steps: play, step, jump, and the keys and buttons for it.

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
    history.replaceState(null, "", `#${state.mode}-${chosen[state.mode] + 1}-${state.index + 1}`);
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

function setMode(mode, index = -1, view = chosen[mode]) {
  if (!data.modes[mode]) return;
  state.mode = mode;
  chosen[mode] = Math.max(0, Math.min(view, data.modes[mode].length - 1));
  state.playing = false;
  document.documentElement.dataset.mode = mode;
  for (const button of byId("modes").children) button.setAttribute("aria-pressed", button.value === mode);
  drawFills();
  showChoices();
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
/** The seeds of the mode that is shown, or its orders of elimination. */
function showChoices() {
  const list = byId("view");
  const views = data.modes[state.mode];
  const words = { forward: "Seed", backward: "Output", cross: "Order" }[state.mode];
  byId("view-label").textContent = words;
  list.replaceChildren();
  views.forEach((view, number) => make("option", { value: number }, list, view.name));
  const missing = data.missing[state.mode];
  if (missing) make("option", { disabled: "" }, list, missing);
  list.value = chosen[state.mode];
  list.disabled = views.length < 2;
}
byId("view").addEventListener("change", (event) => setMode(state.mode, -1, Number(event.target.value)));

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
    s: () => setMode(state.mode, -1, (chosen[state.mode] + 1) % data.modes[state.mode].length),
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
  const wanted = /^#(forward|backward|cross)(?:-(\d+))?-(\d+)$/.exec(location.hash);
  if (wanted && data.modes[wanted[1]]) setMode(wanted[1], Number(wanted[3]) - 1, Number(wanted[2] || 1) - 1);
  else if (document.documentElement.dataset.mode === undefined) setMode(data.first);
}
addEventListener("hashchange", fromAddress);
let resized = 0;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { reserveRoom(); showDerivation(); }, 150);
});
fromAddress();
