// A run as the page holds it: the columns of the data as typed arrays, and what follows from them.

// The kinds of events, in the order of `columns.rs`.
const KINDS = ["start", "command", "unheard", "deliver", "miss", "timer", "send", "leave", "emit",
  "save", "arm", "disarm", "move", "role", "crash", "pause", "resume", "clock", "disk", "upgrade",
  "partition", "cut", "mend", "heal", "calm", "hold", "release", "let_go", "connect", "disconnect",
  "link", "strand"];
const K = Object.fromEntries(KINDS.map((name, place) => [name.toUpperCase(), place]));

const isInput = (what) =>
  what === K.START || what === K.COMMAND || what === K.DELIVER || what === K.TIMER || what === K.LINK;
const isEffect = (what) => what >= K.SEND && what <= K.ROLE && what !== K.LEAVE && what !== K.MOVE;
// An event that a diagram tells in the row of the one before: it has neither text nor arrow.
const isQuiet = (what) =>
  what === K.ARM || what === K.DISARM || what === K.SAVE || what === K.ROLE || what === K.LET_GO;
const isGlobal = (what) => what >= K.PARTITION && what <= K.DISCONNECT;
const isSending = (what) => what === K.SEND || what === K.LEAVE;
const isArrival = (what) => what === K.DELIVER || isMissed(what);
// It arrives, and nobody takes it.
const isMissed = (what) => what === K.MISS || what === K.STRAND;

function readRun(data, texts) {
  const { events } = data;
  const count = events.what.length;
  const run = { ...data, texts, count, first: data.dropped + 1 };
  run.what = Uint8Array.from(events.what);
  for (const column of ["node", "peer", "text", "key"]) run[column] = Int32Array.from(events[column]);
  // `name` is that of the run.
  run.names = Int32Array.from(events.name);
  run.extra = Float64Array.from(events.extra);
  run.at = new Float64Array(count);
  run.cause = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    at += events.at[i];
    run.at[i] = at;
    run.cause[i] = events.cause[i] > 0 && events.cause[i] <= i ? i - events.cause[i] : -1;
  }
  run.begin = count > 0 ? run.at[0] : 0;
  run.end = Math.max(count > 0 ? at : 0, data.failure ? data.failure.at : 0);
  run.decided = new Map(data.decided);
  run.lost = new Map(events.lost);
  run.arrives = new Map(events.arrives);
  run.delayed = new Set(data.delayed);
  run.sides = new Map(events.sides);
  run.links = new Map(events.links);
  delete run.events;
  linkEvents(run);
  readTimers(run);
  readLives(run);
  readBands(run);
  readStates(run, data);
  run.marked = markedOf(run);
  return run;
}

// Which step an event belongs to, the event before it on its node, and what it led to.
function linkEvents(run) {
  const { count, what, node, cause } = run;
  run.step = new Int32Array(count);
  run.before = new Int32Array(count);
  run.arrivals = new Map();
  const last = new Int32Array(run.nodes + 1).fill(-1);
  const children = new Int32Array(count + 1);
  const steps = [];
  for (let i = 0; i < count; i++) {
    run.step[i] = isEffect(what[i]) && cause[i] >= 0 ? cause[i] : i;
    run.before[i] = node[i] > 0 ? last[node[i]] : -1;
    if (node[i] > 0) last[node[i]] = i;
    if (cause[i] >= 0) children[cause[i] + 1]++;
    if (run.step[i] === i && !isQuiet(what[i])) steps.push(i);
    if (isArrival(what[i]) && cause[i] >= 0) {
      const known = run.arrivals.get(cause[i]);
      if (known) known.push(i);
      else run.arrivals.set(cause[i], [i]);
    }
  }
  run.steps = Int32Array.from(steps);
  for (let i = 0; i < count; i++) children[i + 1] += children[i];
  const fill = children.slice();
  run.childFrom = children;
  run.child = new Int32Array(children[count]);
  for (let i = 0; i < count; i++) if (cause[i] >= 0) run.child[fill[cause[i]]++] = i;
}

const childrenOf = (run, i) => run.child.subarray(run.childFrom[i], run.childFrom[i + 1]);

// The steps that a reader looks for: the one that broke a property, or those in which the nodes that
// lag behind took their last roles.
function markedOf(run) {
  const { failure, steps, roles } = run;
  if (failure?.step) return steps.length > 0 && run.node[steps.at(-1)] > 0 ? [steps.at(-1)] : [];
  const last = lagging(run).map((node) => roles[node].at(-1)?.from ?? -1);
  return last.filter((i) => i >= 0).map((i) => run.step[i]);
}

// From where to where each timer was armed, and how that ended.
function readTimers(run) {
  run.timers = [];
  const armed = new Map();
  const end = (key, to, how) => {
    const timer = armed.get(key);
    if (!timer) return;
    timer.to = to;
    timer.how = how;
    armed.delete(key);
  };
  for (let i = 0; i < run.count; i++) {
    const node = run.node[i];
    const key = `${node} ${run.names[i]}`;
    switch (run.what[i]) {
      case K.ARM: {
        end(key, i, "replaced");
        const timer = { node, from: i, to: run.count, how: "open" };
        armed.set(key, timer);
        run.timers.push(timer);
        break;
      }
      case K.TIMER: end(key, i, "fired"); break;
      case K.DISARM: end(key, i, "disarmed"); break;
      case K.CRASH:
        for (const other of [...armed.keys()]) {
          if (other.startsWith(`${node} `)) end(other, i, "crashed");
        }
        break;
    }
  }
}

// Spans in which a node is down, absent or paused, and its roles.
function readLives(run) {
  run.spans = [];
  run.roles = Array.from({ length: run.nodes + 1 }, () => []);
  const open = new Map();
  const begin = (sort, node, from) => open.set(`${sort} ${node}`, { sort, node, from, to: run.count });
  const end = (sort, node, to) => {
    const key = `${sort} ${node}`;
    const span = open.get(key);
    if (!span) return;
    open.delete(key);
    run.spans.push({ ...span, to });
  };
  for (let node = 1; node <= run.nodes; node++) {
    const lane = run.lanes[node - 1];
    if (lane) run.roles[node].push({ from: -1, letter: lane[0], peer: lane[1] });
    if (lane && lane[0] === "x") begin("down", node, -1);
    if (!lane && run.dropped === 0) begin("absent", node, -1);
  }
  for (let i = 0; i < run.count; i++) {
    const node = run.node[i];
    switch (run.what[i]) {
      case K.START: end("down", node, i); end("absent", node, i); break;
      case K.CRASH: end("absent", node, i); end("paused", node, i); begin("down", node, i); break;
      case K.PAUSE: begin("paused", node, i); break;
      case K.RESUME: end("paused", node, i); break;
      case K.ROLE:
        run.roles[node].push({ from: i, letter: run.texts[run.text[i]], peer: run.peer[i] });
        break;
    }
  }
  run.spans.push(...open.values());
}

// Spans in which links are cut or held.
function readBands(run) {
  run.bands = [];
  let open = [];
  const end = (to, which) => {
    for (const band of open.filter(which)) band.to = to;
    open = open.filter((band) => !which(band));
  };
  const begin = (band) => {
    open.push(band);
    run.bands.push(band);
  };
  const separates = (band, one, other) => band.sides
    ? band.sides.some((side) => side.includes(one) && !side.includes(other))
    : band.links.some(([from, to]) => from === one && to === other);
  for (let i = 0; i < run.count; i++) {
    switch (run.what[i]) {
      case K.PARTITION: begin({ sort: "partition", from: i, to: run.count, sides: run.sides.get(i) }); break;
      case K.CUT: begin({ sort: "cut", from: i, to: run.count, links: run.links.get(i) }); break;
      case K.HOLD:
        begin({ sort: "hold", from: i, to: run.count, links: [[run.node[i], run.peer[i]]] });
        break;
      case K.MEND: {
        const sides = JSON.stringify(run.sides.get(i));
        end(i, (band) => band.sides && JSON.stringify(band.sides) === sides);
        break;
      }
      case K.HEAL: end(i, (band) => band.sort !== "hold"); break;
      case K.RELEASE:
        end(i, (band) => band.sort === "hold" && separates(band, run.node[i], run.peer[i]));
        break;
      // A band that outlives the calm shows by what it still swallows.
      case K.CALM: for (const band of open) band.to = i; break;
      case K.SEND:
        if (run.texts[run.lost.get(i)] === "partition") {
          for (const band of open) if (separates(band, run.node[i], run.peer[i])) band.to = run.count;
        }
        break;
    }
  }
}

function readStates(run, data) {
  run.states = new Map();
  run.bodies = data.states.bodies;
  run.statesFrom = data.states.steps.length > 0 ? data.states.steps[0][0] : run.count;
  const last = new Map();
  for (const [event, before, after] of data.states.steps) {
    const node = run.node[event];
    // What a node was like after its last life says nothing of the next one.
    const kept = run.what[event] === K.START ? -1 : last.get(node) ?? -1;
    run.states.set(event, { before: before ?? kept, after: after ?? -1 });
    last.set(node, after ?? -1);
  }
  run.awaited = Array.from({ length: run.nodes + 1 }, () => []);
  for (const [from, node, on] of data.waits) run.awaited[node].push({ from: from ?? -1, on });
  for (let i = 0; i < run.count; i++) {
    if (run.what[i] === K.CRASH) run.awaited[run.node[i]].push({ from: i, on: [] });
  }
  for (const list of run.awaited) list.sort((one, other) => one.from - other.from);
  run.hasWaits = data.waits.length > 0;
}

// The last entry of a list, sorted by `from`, that begins at this event or before.
function latest(list, event) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].from <= event) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? list[low - 1] : null;
}

// Roles change after the effects of a step: the role at its end.
function roleAt(run, node, event) {
  return latest(run.roles[node], lastOfStep(run, event));
}

function lastOfStep(run, event) {
  if (event < 0 || event >= run.count) return event;
  const step = run.step[event];
  let last = event;
  for (let i = event; i < run.count && i <= event + 1000; i++) {
    if (run.step[i] === step) last = i;
    else if (run.what[i] !== K.ROLE && isInput(run.what[i])) break;
  }
  return last;
}
