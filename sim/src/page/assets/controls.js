// The page around the diagram: what is above and below it, the mouse and the keys.

const byId = (id) => document.getElementById(id);

const PLAY_EVERY = 450;

function showHead(data, view) {
  document.title = `${view.runs.map((run) => run.name).join(" | ")} - Rehearsal`;
  view.runs.forEach((run, side) => {
    const name = make("h1", run.name);
    const about = [run.protocol, run.configuration, `n1..n${run.nodes}`, run.seed !== null && `seed ${run.seed}`];
    name.append(make("span", about.filter(Boolean).join(", "), "muted"));
    byId("names").append(name);
    if (side === 0 || run.claim !== view.runs[0].claim) byId("claim").append(make("span", run.claim));
    byId("verdicts").append(verdictOf(view, side));
  });
  showLegend(byId("legend"), view);
  showSigns(byId("signs"));
  byId("cuts").hidden = data.cuts.length === 0;
  byId("cuts").querySelector("summary").textContent = "Parts are left out";
  byId("cuts").querySelector("ul").append(...data.cuts.map((cut) => make("li", cut)));
}

// What the letters of the lanes mean.
function showLegend(place, view) {
  const roles = new Map(view.runs.flatMap((run) => run.legend));
  for (const [letter, meaning] of roles) {
    const item = make("span");
    const mark = make("b", letter, "badge");
    mark.style.background = letter === "x" ? "var(--down)" : `var(--role-${roleNumber(view.runs.find((run) => run.legend.some(([known]) => known === letter)), letter)})`;
    item.append(mark, meaning.replace(/\b(node |user )?k\b/, "another").trim());
    place.append(item);
  }
}

// What is drawn with which sign, as far as there is room.
function showSigns(place) {
  for (const [sign, meaning, color] of SIGNS) {
    const item = make("span");
    const mark = make("b", `${sign} `);
    mark.style.color = `var(--${color})`;
    item.append(mark, meaning);
    place.append(item);
  }
}

const SIGNS = [
  ["\u2192", "message", "message"], ["\u2715", "lost", "lost"], ["\u25CF", "step", "ink"],
  ["\u25A0", "output", "output"], ["\u2506", "timer", "timer"],
];

function verdictOf(view, side) {
  const run = view.runs[side];
  const box = make("div", "", "verdict");
  if (run.failure) {
    box.classList.add("failed");
    const { check, reason, at, detail } = run.failure;
    const button = make("button", "FAILED");
    button.type = "button";
    button.addEventListener("click", () => toFailure(view, side));
    box.append(button, make("strong", `${check}: ${reason}`), make("span", `at ${time(at)}`, "muted"));
    if (run.again) box.append(make("code", run.again));
    if (detail && detail !== reason) box.append(make("pre", detailOf(run.failure)));
  } else if (run.held) {
    box.classList.add("held");
    box.append(make("b", "HELD"), make("span", run.held.join(" \u00b7 ")));
  } else {
    box.append(make("span", "What came of it is not known.", "muted"));
  }
  if (run.again && !run.failure) box.append(make("code", run.again));
  return box;
}

function toFailure(view, side) {
  view.side = side;
  view.home();
}

function wireTools(view) {
  const filter = byId("filter");
  filter.value = view.filter.text;
  filter.addEventListener("input", () => {
    view.filter.text = filter.value;
    view.relayout();
    view.center();
  });
  fillKinds(view);
  fillNodes(view);
  const click = (id, action) => byId(id).addEventListener("click", action);
  click("scale", () => view.setScale(view.scale === "even" ? "time" : "even"));
  click("in", () => view.zoom(1.4));
  click("out", () => view.zoom(1 / 1.4));
  click("whole", () => view.whole());
  click("failure", () => view.home());
  click("causes", () => view.setCauses(!view.showsCauses));
  click("theme", () => changeTheme(view));
  click("print", () => print(view));
  click("help", () => byId("keys").showModal());
  click("first", () => view.select(view.side, view.run.steps[0] ?? 0));
  click("last", () => view.select(view.side, view.run.failure ? view.run.count : view.run.steps.at(-1) ?? 0));
  click("back", () => view.step(-1));
  click("next", () => view.step(1));
  click("play", () => play(view));
  byId("time").addEventListener("input", (event) => {
    const { steps, count } = view.run;
    const place = Number(event.target.value);
    view.select(view.side, place < steps.length ? steps[place] : count);
  });
  byId("place").addEventListener("input", (event) => {
    view.top = (Number(event.target.value) / 1000) * view.mostTop;
    view.refresh();
  });
}

function changeTheme(view) {
  view.setTheme(view.theme === "dark" ? "light" : "dark");
  view.refresh();
}

function fillKinds(view) {
  const list = byId("kinds").querySelector("div");
  for (const { sort, count } of sortsOf(view.runs)) {
    const box = make("input");
    box.type = "checkbox";
    box.checked = !view.filter.hidden.has(sort);
    box.addEventListener("change", () => {
      if (box.checked) view.filter.hidden.delete(sort);
      else view.filter.hidden.add(sort);
      view.relayout();
      view.center();
    });
    const label = make("label");
    label.append(box, ` ${sort} `, make("span", String(count), "muted"));
    list.append(label);
  }
}

function fillNodes(view) {
  const menu = byId("nodes");
  const nodes = Math.max(...view.runs.map((run) => run.nodes));
  const all = () => Array.from({ length: nodes }, (_, place) => place + 1);
  const change = (shown) => {
    view.lanesBy.shown = shown && shown.size < nodes ? shown : null;
    view.hasChosenNodes = true;
    view.relane();
    list();
  };
  const search = byId("search");
  const list = () => {
    const found = namedNodes(search.value, nodes);
    const listed = (found.size > 0 ? [...found] : all()).slice(0, 200);
    menu.querySelector("ul").replaceChildren(...listed.map((node) => {
      const box = make("input");
      box.type = "checkbox";
      box.checked = view.isUnfolded(node);
      box.addEventListener("change", () => {
        const shown = new Set(view.lanesBy.shown ?? all());
        if (box.checked) shown.add(node);
        else shown.delete(node);
        change(shown);
      });
      const label = make("label");
      label.append(box, ` ${nodeName(node)}`);
      const item = make("li");
      item.append(label);
      return item;
    }));
  };
  search.addEventListener("input", list);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const found = namedNodes(search.value, nodes);
    if (found.size === 0) return;
    if (view.lanesBy.shown) change(new Set([...view.lanesBy.shown, ...found]));
    const [node] = found;
    view.left = view.panes[view.side].lanes.places[node] - LANES.gutter - 60;
    view.refresh();
  });
  byId("order").value = view.lanesBy.order;
  byId("order").addEventListener("change", (event) => {
    view.lanesBy.order = event.target.value;
    view.relane();
  });
  byId("unfold").addEventListener("click", () => change(null));
  byId("fold").addEventListener("click", () => change(shownAtFirst(view.runs) ?? quietFolded(view)));
  list();
}

// Of few nodes, those that the failure is about.
function quietFolded(view) {
  const named = new Set(view.runs.flatMap(concerned));
  return named.size > 0 ? named : null;
}

function play(view) {
  if (view.playing) {
    clearInterval(view.playing);
    view.playing = null;
  } else {
    view.playing = setInterval(() => {
      const before = view.event;
      view.step(1);
      if (view.event === before) play(view);
    }, PLAY_EVERY);
  }
  byId("play").setAttribute("aria-pressed", String(Boolean(view.playing)));
  byId("play").textContent = view.playing ? "\u275A\u275A" : "\u25B6";
}

// Saves all of a short run, or else what is seen, as one file.
function print(view) {
  const isShort = view.scaleNow.height <= 60_000;
  const [height, offset] = isShort ? [view.scaleNow.height + 10, 0] : [view.height, view.top];
  const painter = new SvgPainter(view.painter);
  const width = view.canvas.clientWidth;
  painter.rect(0, 0, width, height + HEAD, { fill: view.colors.paper });
  view.paint(painter, height, offset, view.left, HEAD);
  const text = painter.document(width, height + HEAD, view.run.name);
  const save = make("a");
  save.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  save.download = `${view.run.name.replace(/[^\w.-]+/g, "-")}.svg`;
  save.click();
  setTimeout(() => URL.revokeObjectURL(save.href), 1000);
  view.printed = text;
}

// What follows each change of the view.
function showView(view) {
  const { run, event } = view;
  showRoles(byId("roles"), view);
  showOutputs(byId("roles"), view);
  showEvent(byId("event"), view);
  drawWaits(byId("waits"), run, event, view.colors);
  const slider = byId("time");
  const step = event < run.count ? run.step[event] : run.count;
  slider.max = String(run.steps.length - (run.failure ? 0 : 1));
  const place = lowerBound(run.steps, step);
  slider.value = String(run.steps[place] === step || step >= run.count ? place : place - 1);
  const at = event < run.count ? time(run.at[event]) : run.failure ? `failed at ${time(run.failure.at)}` : "";
  slider.setAttribute("aria-valuetext", at);
  byId("now").value = `${at}  step ${Math.min(place + 1, run.steps.length)} of ${run.steps.length}`;
  byId("place").value = String(view.mostTop > 0 ? (view.top / view.mostTop) * 1000 : 0);
  byId("place").hidden = view.mostTop <= 0;
  byId("scale").textContent = view.scale === "even" ? "Even rows" : "True time";
  byId("causes").setAttribute("aria-pressed", String(view.showsCauses));
  byId("failure").textContent = view.pairs ? "Difference" : run.failure ? "Failure" : "Disturbance";
  const sampled = view.drawn.filter(({ drawn, seen }) => drawn < seen);
  const found = view.found >= 0 ? `${view.found} found` : "";
  byId("found").textContent = [found, sampled.length > 0 && `${sampled[0].drawn} of ${sampled[0].seen} messages drawn`].filter(Boolean).join(", ");
  clearTimeout(view.saving);
  view.saving = setTimeout(() => history.replaceState(null, "", toFragment(view)), 120);
}
