// The panel beside the diagram: the roles and the event at the cursor.

// Lines around a change that are shown, too.
const CONTEXT = 2;
const MOST_LISTED = 40;
const MOST_NAMED = 8;

function showRoles(place, view) {
  place.replaceChildren();
  view.runs.forEach((run, side) => {
    const cursor = view.cursorOf(side);
    const groups = new Map();
    for (let node = 1; node <= run.nodes; node++) {
      const role = roleAt(run, node, cursor);
      const text = role ? roleText(run, role.letter, role.peer) : "not started";
      const group = groups.get(text) ?? { letter: role ? role.letter : "-", peer: role ? role.peer : 0, nodes: [] };
      group.nodes.push(node);
      groups.set(text, group);
    }
    if (view.runs.length > 1) place.append(make("h2", side === 0 ? "Roles, left" : "Roles, right"));
    const list = make("ul", "", "roles");
    const order = [...groups].sort(([, one], [, other]) => rank(run, one.letter) - rank(run, other.letter));
    for (const [text, { letter, peer, nodes }] of order) {
      const item = make("li");
      const mark = make("b", badge(letter, peer), "badge");
      mark.style.background = view.colors.role(run, letter);
      const names = nodes.length > 12 ? `${nodes.length} nodes` : nodes.map(nodeName).join(" ");
      item.append(mark, ` ${names} `, make("span", text === "." ? "" : text, "muted"));
      list.append(item);
    }
    place.append(list);
  });
}

// Roles that stand last in the legend come first, as the leader does.
function rank(run, letter) {
  const place = run.legend.findIndex(([known]) => known === letter);
  if (letter === "x") return 98;
  return letter === "." || place < 0 ? 90 : 50 - place;
}

function showEvent(place, view) {
  place.replaceChildren();
  const { run, event } = view;
  if (event < 0 || event >= run.count) {
    const failed = run.failure && event >= run.count;
    place.append(make("h2", failed ? "The failure" : "No event"));
    if (failed) {
      place.append(make("p", `${run.failure.check}: ${run.failure.reason}, at ${time(run.failure.at)}`, "bad"));
      place.append(make("pre", detailOf(run.failure)), ...stuckParts(view), ...decisionParts(view));
    }
    return;
  }
  const input = run.step[event];
  place.append(make("h2", sentence(run, event)));
  place.append(facts(view, event));
  place.append(stepList(view, input, event));
  const states = run.states.get(input);
  if (states) place.append(...stateParts(view, run, states));
  else if (isInput(run.what[input])) {
    const why = run.bodies.length > 0 ? "States are kept of the last steps only (--states N)." : "No states in this page.";
    place.append(make("p", why, "muted"));
  }
  place.append(...causeParts(view, event));
}

// Where a run stood in which something did not happen, and what its nodes did last.
function stuckParts(view) {
  const { run } = view;
  if (run.failure.step) return [];
  const parts = run.failure.stuck ? [make("h2", "Where it stood"), make("pre", run.failure.stuck.trimEnd())] : [];
  const last = new Map();
  for (const i of run.steps) if (run.node[i] > 0) last.set(run.node[i], i);
  const named = namedBy(run).filter((node) => last.has(node)).slice(0, MOST_NAMED);
  if (named.length === 0) return parts;
  const list = make("ol", "", "chain");
  for (const node of named) {
    const item = make("li");
    const i = last.get(node);
    item.append(make("span", `${time(run.at[i])} `, "muted"), link(view, i, sentence(run, i)));
    list.append(item);
  }
  return [...parts, make("h2", "Their last steps"), list];
}

// What the plan decided otherwise than usual, as far as it came up.
function decisionParts(view) {
  const { run } = view;
  if (run.decided.size === 0) return [];
  const list = make("ol", "", "chain");
  const told = new Set();
  for (let i = 0; i < run.count; i++) {
    const decision = decisionOf(run, i);
    if (!decision || told.has(run.key[i])) continue;
    told.add(run.key[i]);
    const item = make("li");
    item.append(link(view, i, `${keyOf(run, i)}: ${decision}`));
    list.append(item);
  }
  return [make("h2", "The plan decides"), list];
}

// What nodes have told their owners last.
function showOutputs(place, view) {
  const { run, event } = view;
  const said = [];
  for (let i = lastOfStep(run, Math.min(event, run.count - 1)); i >= 0 && said.length < 3; i--) {
    if (run.what[i] === K.EMIT) said.push(i);
  }
  if (said.length === 0) return;
  place.append(make("h2", "Told last"));
  const list = make("ol", "", "chain");
  for (const i of said) {
    const item = make("li");
    item.append(make("span", `${time(run.at[i])} `, "muted"), link(view, i, sentence(run, i)));
    list.append(item);
  }
  place.append(list);
}

function facts(view, event) {
  const { run } = view;
  const list = make("dl");
  const fact = (name, value) => list.append(make("dt", name), make("dd", value));
  fact("event", `${run.first + event} of ${run.dropped + run.count}`);
  fact("time", time(run.at[event]));
  const key = keyOf(run, event);
  if (key) fact("key", key);
  const decision = decisionOf(run, event);
  if (decision) fact("plan", `\u2691 ${decision}`);
  const twin = view.twinOf(event);
  if (twin !== null && view.other.at[twin] !== run.at[event]) fact("beside", `moved: ${time(view.other.at[twin])} in the other run`);
  if (isSending(run.what[event])) {
    const became = fate(run, event);
    const arrivals = (became.arrivals ?? []).map((arrival) => time(run.at[arrival]));
    const open = (became.open ?? []).map((at) => `${time(at)}, after the end`);
    const when = [...arrivals, ...open].join(", ");
    const what = became.text === "delayed" ? "arrives late," : became.text || "arrives";
    fact("became", [what, when && `at ${when}`].filter(Boolean).join(" "));
  }
  return list;
}

// The input of a step and its effects, each a button that leads there.
function stepList(view, input, event) {
  const { run } = view;
  const list = make("ol", "", "step");
  const add = (i, text, sort) => {
    const item = make("li", "", sort);
    item.append(link(view, i, text, i === event));
    list.append(item);
  };
  add(input, sentence(run, input), "input");
  let listed = 0;
  for (const i of childrenOf(run, input)) {
    if (run.step[i] !== input || i === input) continue;
    if (++listed > MOST_LISTED) continue;
    const became = isSending(run.what[i]) ? fate(run, i) : null;
    const remark = became && became.text ? `  ${became.text}` : "";
    const text = isSending(run.what[i])
      ? `${became.sort === "lost" ? "\u2717" : "\u2192"} ${nodeName(run.peer[i])}  ${textOf(run, i)}${remark}`
      : run.what[i] === K.ROLE ? `role: ${label(run, i)}` : label(run, i);
    add(i, text, became && became.sort === "lost" ? "lost" : KINDS[run.what[i]]);
  }
  if (listed > MOST_LISTED) list.append(make("li", `and ${listed - MOST_LISTED} more effects`, "muted"));
  return list;
}

function link(view, event, text, isHere = false) {
  const button = make("button", text, isHere ? "here" : "");
  button.type = "button";
  button.addEventListener("click", () => view.select(view.side, event, { scrolls: true }));
  return button;
}

// The state before and after a step, with what changed.
function stateParts(view, run, { before, after }) {
  const lines = (body) => body >= 0 ? run.bodies[body].map((line) => run.texts[line]) : null;
  const [old, fresh] = [lines(before), lines(after)];
  if (!fresh) return [make("h2", "State"), make("p", old ? "The machine panicked in this step." : "None is known.", "muted")];
  const told = changes(old ?? [], fresh);
  const changed = told.filter(([sign]) => sign !== " ").length;
  const heading = make("h2", old === null ? "State after it" : changed > 0 ? "State: what changed" : "State: unchanged");
  const block = make("div", "", "state");
  const isShown = (place) => view.isWholeState || old === null
    || told.slice(Math.max(0, place - CONTEXT), place + CONTEXT + 1).some(([sign]) => sign !== " ");
  let left = 0;
  const gap = () => {
    if (left > 0) block.append(make("div", `\u22ee ${left} lines`, "gap"));
    left = 0;
  };
  told.forEach(([sign, text], place) => {
    if (!isShown(place)) {
      left++;
      return;
    }
    gap();
    const sort = old === null ? "same" : { " ": "same", "-": "gone", "+": "come" }[sign];
    block.append(make("div", `${old === null ? " " : sign} ${text}`, sort));
  });
  gap();
  const more = make("button", view.isWholeState ? "Only what changed" : "Whole state");
  more.type = "button";
  more.addEventListener("click", () => {
    view.isWholeState = !view.isWholeState;
    view.refresh();
  });
  return old === null ? [heading, block] : [heading, block, more];
}

// What led to the event, and what it led to.
function causeParts(view, event) {
  const { run } = view;
  const parts = [make("h2", "Caused by")];
  const chain = chainOf(run, run.cause[event]).slice(0, 12);
  const list = make("ol", "", "chain");
  for (const cause of chain) {
    const item = make("li");
    item.append(make("span", `${time(run.at[cause])} `, "muted"), link(view, cause, sentence(run, cause)));
    list.append(item);
  }
  parts.push(chain.length > 0 ? list : make("p", "The scenario itself.", "muted"));
  const led = [...childrenOf(run, event)].filter((i) => run.step[i] !== run.step[event]).slice(0, 12);
  if (led.length > 0) {
    parts.push(make("h2", "Led to"));
    const next = make("ol", "", "chain");
    for (const i of led) {
      const item = make("li");
      item.append(make("span", `${time(run.at[i])} `, "muted"), link(view, i, sentence(run, i)));
      next.append(item);
    }
    parts.push(next);
  }
  const marked = view.causality;
  if (marked) parts.push(make("p", `${marked.past} events led here, ${marked.future} follow from it.`, "muted"));
  return parts;
}
