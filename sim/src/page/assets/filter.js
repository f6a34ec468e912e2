// Which events are shown.

// What a filter of kinds calls an event: messages by their kinds, timers by their names.
function sortOf(run, i) {
  switch (run.what[i]) {
    case K.SEND: case K.LEAVE: case K.DELIVER: case K.MISS: case K.STRAND: return nameOf(run, i);
    case K.TIMER: case K.ARM: case K.DISARM: case K.MOVE:
      return `timer ${nameOf(run, i).split("(")[0]}`;
    case K.COMMAND: case K.UNHEARD: return "commands";
    case K.EMIT: return "outputs";
    case K.SAVE: case K.DISK: return "saves";
    case K.ROLE: return "roles";
    case K.START: return "starts";
    case K.CONNECT: case K.DISCONNECT: case K.LINK: return "sessions";
    default: return "faults";
  }
}

// How many events there are of each sort, messages first.
function sortsOf(runs) {
  const sorts = new Map();
  for (const run of runs) {
    const known = new Map();
    for (let i = 0; i < run.count; i++) {
      const code = run.what[i] * 0x4000000 + run.names[i];
      let sort = known.get(code);
      if (sort === undefined) {
        sort = sortOf(run, i);
        known.set(code, sort);
      }
      const entry = sorts.get(sort) ?? { sort, isMessage: isSending(run.what[i]) || isArrival(run.what[i]), count: 0 };
      if (!entry.isMessage || isSending(run.what[i])) entry.count++;
      sorts.set(sort, entry);
    }
  }
  return [...sorts.values()].sort((one, other) =>
    other.isMessage - one.isMessage || one.sort.localeCompare(other.sort));
}

// For each event, 1 if it is shown: its sort is not hidden, and it matches the text, or it is the
// other end of a message that does.
function keepOf(run, { hidden, text }) {
  const keep = new Uint8Array(run.count).fill(1);
  if (hidden.size > 0) {
    for (let i = 0; i < run.count; i++) if (hidden.has(sortOf(run, i))) keep[i] = 0;
  }
  const matches = matcher(run, text);
  let found = 0;
  if (!matches) return { keep, found: -1 };
  const wanted = new Uint8Array(run.count);
  for (let i = 0; i < run.count; i++) {
    if (keep[i] === 0 || !matches(i)) continue;
    found++;
    wanted[i] = 1;
    if (isArrival(run.what[i]) && run.cause[i] >= 0) wanted[run.cause[i]] = 1;
    if (isSending(run.what[i])) for (const arrival of run.arrivals.get(i) ?? []) wanted[arrival] = 1;
  }
  for (let i = 0; i < run.count; i++) if (wanted[i] === 0 && !isGlobal(run.what[i])) keep[i] = 0;
  return { keep, found };
}

// What a text asks for: `n3` is the node, all else is part of what an event says.
function matcher(run, text) {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return null;
  const node = /^n(\d+)$/.exec(wanted);
  if (node) {
    const number = Number(node[1]);
    return (i) => run.node[i] === number || (run.peer[i] === number && run.what[i] !== K.ROLE);
  }
  return (i) => searched(run, i).includes(wanted);
}
