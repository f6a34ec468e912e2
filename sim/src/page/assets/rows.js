// Where events stand from top to bottom.
//
// One row an event: what happens at one instant on different nodes stands side by side, an arrival
// below its sending, and time that passes without an event takes no room. Or true to time. Two runs
// share their rows: events that belong together stand side by side.

// A span is told that is so many times as long as the usual one, and a part of the whole run.
const LONG_SPAN = 8;
const LONG_PART = 1 / 40;

function layRows(runs, keeps, pairs) {
  const sides = runs.map((run, side) => ({
    run,
    keep: keeps[side],
    row: new Int32Array(run.count).fill(-1),
    lanes: new Int32Array(run.nodes + 1).fill(-1),
    base: 0,
    last: -1,
    at: -1,
    long: Math.max(LONG_SPAN * usualSpan(run), LONG_PART * (run.end - run.begin)),
    instants: [],
  }));
  for (const [one, other] of inStep(runs, pairs)) {
    const here = one >= 0 ? leastRow(sides[0], one) : -1;
    const there = other >= 0 ? leastRow(sides[1], other) : -1;
    const row = Math.max(here, there);
    if (one >= 0) putRow(sides[0], one, row);
    if (other >= 0) putRow(sides[1], other, row);
  }
  const rows = Math.max(...sides.map((side) => side.last)) + 1;
  return { rows, row: sides.map((side) => side.row), instants: sides.map((side) => side.instants) };
}

// The events of one run, or of both: pairs side by side, and what only one has before the next pair.
function* inStep(runs, pairs) {
  if (runs.length === 1 || !pairs) {
    for (let i = 0; i < runs[0].count; i++) yield [i, -1];
    return;
  }
  let [one, other] = [0, 0];
  for (const [here, there, length] of [...pairs.same, [runs[0].count, runs[1].count, 0]]) {
    while (one < here) yield [one++, -1];
    while (other < there) yield [-1, other++];
    for (let i = 0; i < length; i++) yield [one++, other++];
  }
}

function usualSpan(run) {
  const spans = [];
  const every = Math.max(1, Math.floor(run.count / 10_000));
  for (let i = every; i < run.count; i += every) {
    const passed = run.at[i] - run.at[i - 1];
    if (passed > 0) spans.push(passed);
  }
  spans.sort((one, other) => one - other);
  return spans.length > 0 ? spans[spans.length >> 1] : Infinity;
}

function leastRow(side, i) {
  const { run } = side;
  if (side.keep[i] === 0) return -1;
  if (run.at[i] > side.at) {
    const passed = side.at < 0 ? 0 : run.at[i] - side.at;
    side.base = side.last + 1;
    side.gap = passed >= side.long ? passed : 0;
    if (side.gap > 0) side.base++;
    side.at = run.at[i];
    side.isNew = true;
  }
  const what = run.what[i];
  const node = run.node[i];
  if (isGlobal(what) && what !== K.LET_GO) return Math.max(side.base, side.last + 1);
  const above = side.lanes[node];
  if (isQuiet(what)) return Math.max(side.base, above);
  const cause = isArrival(what) ? run.cause[i] : -1;
  return Math.max(side.base, above + 1, cause >= 0 ? side.row[cause] + 1 : 0);
}

function putRow(side, i, row) {
  if (side.keep[i] === 0) return;
  side.row[i] = row;
  if (side.isNew) {
    side.instants.push({ row, at: side.at, gap: side.gap });
    side.isNew = false;
  }
  side.last = Math.max(side.last, row);
  if (isGlobal(side.run.what[i])) side.base = row + 1;
  else side.lanes[side.run.node[i]] = Math.max(side.lanes[side.run.node[i]], row);
}

// The scale of a view: from an event to a height on the whole drawing, and back.
class Scale {
  constructor(view) {
    this.isEven = view.scale === "even";
    this.runs = view.runs;
    this.layout = view.layout;
    this.size = this.isEven ? view.rowHeight : view.pixelsPerNano;
    this.begin = Math.min(...view.runs.map((run) => run.begin));
    this.end = Math.max(...view.runs.map((run) => run.end));
  }

  // The height of an event; -1 if it is not shown.
  y(side, i) {
    if (i < 0) return 0;
    const run = this.runs[side];
    if (i >= run.count) return this.height;
    const row = this.layout.row[side][i];
    if (row < 0) return -1;
    return this.isEven ? (row + 0.5) * this.size : this.ofTime(run.at[i]);
  }

  ofTime(at) {
    return (at - this.begin) * this.size + 20;
  }

  get height() {
    return this.isEven ? (this.layout.rows + 1.5) * this.size : this.ofTime(this.end) + 30;
  }

  // The height at which a run failed.
  ofFailure(side) {
    const run = this.runs[side];
    return this.isEven ? (this.layout.rows + 0.6) * this.size : this.ofTime(run.failure.at) + 4;
  }

  // The height of any instant, between those of events, as a curve needs it.
  ofInstant(side, at) {
    if (!this.isEven) return this.ofTime(at);
    const instants = this.layout.instants[side];
    const next = instants.findIndex((instant) => instant.at >= at);
    if (next < 0) return (this.layout.rows + 0.5) * this.size;
    if (next === 0 || instants[next].at === at) return (instants[next].row + 0.5) * this.size;
    const [before, after] = [instants[next - 1], instants[next]];
    const share = (at - before.at) / (after.at - before.at);
    return (before.row + share * (after.row - before.row) + 0.5) * this.size;
  }
}
