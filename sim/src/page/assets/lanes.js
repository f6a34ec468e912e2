// Which nodes have a lane, in which order, and where it is.

// More nodes than this, and the quiet ones are folded at first.
const MOST_UNFOLDED = 24;
const SHOWN_AT_FIRST = 12;

const LANES = { gutter: 98, least: 27, most: 250, fold: 50, lead: 22 };

// Every node's number of events, and its first one.
function activity(run) {
  const count = new Int32Array(run.nodes + 1);
  const first = new Int32Array(run.nodes + 1).fill(run.count);
  for (let i = run.count - 1; i >= 0; i--) {
    if (run.what[i] === K.START || run.node[i] === 0) continue;
    count[run.node[i]]++;
    first[run.node[i]] = i;
  }
  return { count, first };
}

// The nodes that a failure names, in the order in which it does.
function namedBy(run) {
  const { reason, detail, stuck } = run.failure;
  const numbers = [...`${reason} ${detail} ${stuck}`.matchAll(/\bn(\d+)\b/g)].map(([, number]) => Number(number));
  return [...new Set(numbers)].filter((node) => node >= 1 && node <= run.nodes);
}

// The nodes that lag behind where something did not happen: of each line of the detail the first one
// that it names, as in `n5 takes n6 for the leader`.
function lagging({ failure, nodes }) {
  if (!failure || failure.step) return [];
  const first = failure.detail.split("\n").map((line) => Number(/\bn(\d+)\b/.exec(line)?.[1] ?? 0));
  return [...new Set(first)].filter((node) => node >= 1 && node <= nodes);
}

// The nodes that a failure is about: those it names, and those on the chain of causes to it.
function concerned(run) {
  const nodes = new Set(run.failure ? namedBy(run) : []);
  const last = run.steps.length > 0 ? run.steps.at(-1) : -1;
  if (run.failure) for (const event of chainOf(run, last)) nodes.add(run.node[event]);
  return [...nodes].filter((node) => node >= 1 && node <= run.nodes);
}

// The nodes that are not folded at first: of few, those that are ever up; of many, those that the
// failure is about, and those that do most.
function shownAtFirst(runs) {
  const nodes = Math.max(...runs.map((run) => run.nodes));
  if (nodes <= MOST_UNFOLDED) {
    const isUp = (node) => runs.some((run) => run.dropped > 0 || run.roles[node]?.length > 0);
    const up = Array.from({ length: nodes }, (_, place) => place + 1).filter(isUp);
    return up.length === nodes || up.length === 0 ? null : new Set(up);
  }
  const shown = new Set(runs.flatMap(concerned).slice(0, SHOWN_AT_FIRST / 2));
  const counts = runs.map((run) => activity(run).count);
  const total = (node) => counts.reduce((sum, count) => sum + (count[node] ?? 0), 0);
  const all = Array.from({ length: nodes }, (_, place) => place + 1);
  for (const node of all.sort((one, other) => total(other) - total(one) || one - other)) {
    if (shown.size >= SHOWN_AT_FIRST) break;
    shown.add(node);
  }
  return shown;
}

// Where many are folded, those that are not stand together.
const orderAtFirst = (runs) => Math.max(...runs.map((run) => run.nodes)) > MOST_UNFOLDED ? "failure" : "number";

// All nodes in this order.
function ordered(run, order) {
  const all = Array.from({ length: run.nodes }, (_, place) => place + 1);
  if (order === "number") return all;
  const { count, first } = activity(run);
  const named = new Set(concerned(run));
  const rank = {
    failure: (node) => [named.has(node) ? 0 : 1, -count[node]],
    activity: (node) => [-count[node], 0],
    first: (node) => [first[node], 0],
  }[order];
  const ranks = new Map(all.map((node) => [node, rank(node)]));
  return all.sort((one, other) => {
    const [a, b] = [ranks.get(one), ranks.get(other)];
    return a[0] - b[0] || a[1] - b[1] || one - other;
  });
}

// The lanes of a run within this width: each a node, or a fold of several, with its place. None is
// narrower than this, so that heads stand side by side.
function layLanes(run, { order, shown }, width, left, least) {
  const lanes = [];
  const isShown = (node) => !shown || shown.has(node);
  const nodes = ordered(run, order);
  // In an order of their own those that are folded come last, as one.
  if (order !== "number") nodes.sort((one, other) => isShown(other) - isShown(one));
  for (const node of nodes) {
    if (isShown(node)) {
      lanes.push({ node, nodes: [node] });
    } else if (lanes.length > 0 && lanes.at(-1).node === 0) {
      lanes.at(-1).nodes.push(node);
    } else {
      lanes.push({ node: 0, nodes: [node] });
    }
  }
  const folds = lanes.filter((lane) => lane.node === 0).length;
  const room = width - LANES.lead - folds * LANES.fold;
  const wide = Math.floor(room / Math.max(1, lanes.length - folds));
  const step = Math.min(LANES.most, Math.max(least, wide));
  const places = new Float64Array(run.nodes + 1);
  let x = left + LANES.lead;
  for (const lane of lanes) {
    lane.x = x;
    lane.width = lane.node === 0 ? LANES.fold : step;
    for (const node of lane.nodes) places[node] = x;
    x += lane.width;
  }
  return { lanes, places, step, width: x - left };
}

// Nodes as a search names them: `3`, `n3`, `n40-n49`, several after commas.
function namedNodes(text, nodes) {
  const found = new Set();
  for (const part of text.split(/[\s,]+/)) {
    const range = /^n?(\d+)(?:-n?(\d+))?$/.exec(part);
    if (!range) continue;
    const last = Math.min(nodes, Number(range[2] ?? range[1]));
    for (let node = Math.max(1, Number(range[1])); node <= last; node++) found.add(node);
  }
  return found;
}
