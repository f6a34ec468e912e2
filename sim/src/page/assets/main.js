// The mouse, the keys, and the start.

const KEYS = [
  ["\u2193 or j", "next step", ["ArrowDown", "j"], (view) => view.step(1)],
  ["\u2191 or k", "step before", ["ArrowUp", "k"], (view) => view.step(-1)],
  ["J, K", "next step, step before on the same node", ["J", "K"], (view, key) =>
    view.step(key === "J" ? 1 : -1, view.event < view.run.count ? view.run.node[view.event] : 0)],
  ["\u2190", "to the cause", ["ArrowLeft"], (view) => {
    const cause = view.event < view.run.count ? view.run.cause[view.event] : view.run.steps.at(-1) ?? -1;
    if (cause >= 0) view.select(view.side, cause);
  }],
  ["\u2192", "to what it led to", ["ArrowRight"], (view) => {
    if (view.event >= view.run.count) return;
    const [next] = [...childrenOf(view.run, view.event)].filter((i) => !isQuiet(view.run.what[i]));
    if (next !== undefined) view.select(view.side, next);
  }],
  ["Home, End", "first step, last step or failure", ["Home", "End"], (_, key) =>
    byId(key === "Home" ? "first" : "last").click()],
  ["f", "to the failure, or to the first difference", ["f"], (view) => view.home()],
  ["space", "play, or stop", [" "], (view) => play(view)],
  ["h", "mark the causal past and future", ["h"], (view) => view.setCauses(!view.showsCauses)],
  ["+, -", "zoom", ["+", "=", "-"], (view, key) => view.zoom(key === "-" ? 1 / 1.4 : 1.4)],
  ["0", "the whole run", ["0"], (view) => view.whole()],
  ["t", "even rows, or true to time", ["t"], () => byId("scale").click()],
  ["PageUp, PageDown", "scroll", ["PageUp", "PageDown"], (view, key) =>
    view.scrollBy(0, (key === "PageDown" ? 0.9 : -0.9) * view.height)],
  ["[, ]", "scroll to the left, to the right", ["[", "]"], (view, key) => view.scrollBy(key === "]" ? 200 : -200, 0)],
  ["s", "to the other run", ["s"], (view) => {
    if (view.runs.length > 1) view.select(1 - view.side, view.events[1 - view.side]);
  }],
  ["/", "filter", ["/"], () => byId("filter").focus()],
  ["n", "nodes: search, order, fold", ["n"], () => openMenu("nodes", "search")],
  ["m", "kinds of messages", ["m"], () => openMenu("kinds", null)],
  ["d", "dark or light", ["d"], (view) => changeTheme(view)],
  ["p", "save as SVG", ["p"], (view) => print(view)],
  ["?", "these keys", ["?"], () => byId("keys").showModal()],
];

function openMenu(id, field) {
  const menu = byId(id);
  menu.open = !menu.open;
  if (menu.open) (field ? byId(field) : menu.querySelector("input"))?.focus();
}

function wireKeys(view) {
  const list = byId("keys").querySelector("dl");
  for (const [keys, does] of KEYS) list.append(make("dt", keys), make("dd", does));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    const { target } = event;
    const isField = target.matches("input:not([type=range]):not([type=checkbox]), select");
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
      byId("diagram").focus();
      return;
    }
    // A button takes its own space; a slider's arrows step as everywhere.
    if (isField || (event.key === " " && target.matches("button, summary, input"))) return;
    const found = KEYS.find(([, , keys]) => keys.includes(event.key));
    if (!found) return;
    event.preventDefault();
    found[3](view, event.key);
  });
}

function wireMouse(view) {
  const { canvas } = view;
  const tip = byId("tip");
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.offsetX, y: event.offsetY, top: view.top, left: view.left, isMoved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = [event.offsetX, event.offsetY];
    if (drag) {
      drag.isMoved ||= Math.hypot(x - drag.x, y - drag.y) > 4;
      if (drag.isMoved) {
        view.top = drag.top + drag.y - y;
        view.left = drag.left + drag.x - x;
        view.refresh();
      }
      return;
    }
    const before = view.hover;
    view.hover = view.eventAt(x, y);
    if (before?.event === view.hover?.event && before?.side === view.hover?.side) return;
    tip.hidden = !view.hover;
    if (view.hover) {
      const run = view.runs[view.hover.side];
      const { event: i } = view.hover;
      const became = isSending(run.what[i]) ? fate(run, i).text : "";
      tip.textContent = `${time(run.at[i])}  ${sentence(run, i)}${became ? `  (${became})` : ""}`;
      tip.style.left = `${Math.min(x + 14, canvas.clientWidth - 260)}px`;
      tip.style.top = `${y + 16}px`;
    }
    canvas.style.cursor = view.hover ? "pointer" : "default";
    view.refresh();
  });
  canvas.addEventListener("pointerup", (event) => {
    const isClick = drag && !drag.isMoved;
    drag = null;
    if (!isClick) return;
    canvas.focus();
    const found = view.eventAt(event.offsetX, event.offsetY);
    if (found) {
      view.showsCauses = true;
      view.select(found.side, found.event, { scrolls: false });
    } else {
      view.setCauses(false);
    }
  });
  canvas.addEventListener("pointerleave", () => {
    if (!view.hover) return;
    view.hover = null;
    tip.hidden = true;
    view.refresh();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * 0.004), event.offsetY - HEAD);
    else view.scrollBy((event.shiftKey ? event.deltaY : event.deltaX) * lines, event.shiftKey ? 0 : event.deltaY * lines);
  }, { passive: false });
}

const data = JSON.parse(byId("data").textContent);
const view = new View({ runs: data.runs.map((run) => readRun(run, data.texts)), pairs: data.pairs }, byId("diagram"));
showHead(data, view);
view.listeners.push(() => showView(view));
if (!fromFragment(location.hash, view)) view.home();
wireTools(view);
wireKeys(view);
wireMouse(view);
window.addEventListener("hashchange", () => fromFragment(location.hash, view));
new ResizeObserver(() => view.relane()).observe(byId("stage"));
byId("diagram").focus();
// For whoever drives the page from outside, such as its tests.
window.rehearsal = view;
