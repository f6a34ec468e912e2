// What events are called.

const nodeName = (number) => `n${number}`;

// Milliseconds with as many decimals as are needed, to the nanosecond.
function millis(nanos) {
  const whole = Math.floor(nanos / 1e6);
  const rest = Math.round(nanos - whole * 1e6);
  if (rest === 0) return String(whole);
  return `${whole}.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
}

// The same with three decimals at most, where there is little room.
const shortMillis = (nanos) => String(Math.round(nanos / 1e3) / 1e3);

const time = (nanos) => `${millis(nanos)} ms`;

// A span, in the unit that reads best, rounded to four digits.
function span(nanos) {
  if (nanos >= 1e9) return `${+(nanos / 1e9).toPrecision(4)} s`;
  if (nanos >= 1e6) return `${+(nanos / 1e6).toPrecision(4)} ms`;
  if (nanos >= 1e3) return `${+(nanos / 1e3).toPrecision(4)} \u00b5s`;
  return `${nanos} ns`;
}

const sidesText = (sides) => sides.map((side) => side.map(nodeName).join(" ")).join(" | ");
const linksText = (links) => listed(links, "\u2192");
const pairsText = (pairs) => listed(pairs, "\u2194");
const listed = (links, sign) => {
  const shown = links.slice(0, 6).map(([from, to]) => nodeName(from) + sign + nodeName(to));
  return shown.join(" ") + (links.length > 6 ? ` and ${links.length - 6} more` : "");
};

const textOf = (run, i) => run.texts[run.text[i]];
const nameOf = (run, i) => run.texts[run.names[i]];
const keyOf = (run, i) => run.texts[run.key[i]];

// An event in a few words, for its place in the diagram: who it happens to is seen there.
function label(run, i) {
  const [text, name] = [textOf(run, i), nameOf(run, i)];
  switch (run.what[i]) {
    case K.START: return run.extra[i] > 1 ? "restart" : "start";
    case K.COMMAND: case K.EMIT: return text;
    case K.UNHEARD: return `${text} (not heard: down)`;
    case K.DELIVER: case K.MISS: case K.STRAND: case K.SEND: case K.LEAVE: return text;
    case K.TIMER: return `timeout ${name}`;
    case K.SAVE: return `saves ${name}${text ? `: ${text}` : ""}`;
    case K.ARM: return `arms ${name}, due ${time(run.extra[i])}`;
    case K.DISARM: return `disarms ${name}`;
    case K.MOVE: return `${name} moved to ${time(run.extra[i])}`;
    case K.ROLE: return roleText(run, text, run.peer[i]);
    case K.CRASH: return "crash";
    case K.PAUSE: return "pause";
    case K.RESUME: return "resume";
    case K.CLOCK: return `clock ${text}`;
    case K.DISK: return text;
    case K.UPGRADE: return "upgrade";
    case K.PARTITION: return `partition ${sidesText(run.sides.get(i))}`;
    case K.CUT: return `cut ${linksText(run.links.get(i))}`;
    case K.MEND: return `mended ${sidesText(run.sides.get(i))}`;
    case K.HEAL: return "all partitions end";
    case K.CALM: return "calm: all disturbances end";
    case K.HOLD: return `holds ${linksText([[run.node[i], run.peer[i]]])}`;
    case K.RELEASE: return `releases ${linksText([[run.node[i], run.peer[i]]])}`;
    case K.CONNECT: return `sessions begin: ${pairsText(run.links.get(i))}`;
    case K.DISCONNECT: return `sessions end: ${pairsText(run.links.get(i))}`;
    case K.LINK: return `session with ${nodeName(run.peer[i])} ${run.extra[i] ? "begins" : "ends"}`;
    case K.LET_GO: return `sets off ${linksText(run.links.get(i))}`;
  }
  return KINDS[run.what[i]];
}

// An event as a sentence of its own.
function sentence(run, i) {
  const [who, other] = [nodeName(run.node[i]), nodeName(run.peer[i])];
  switch (run.what[i]) {
    case K.DELIVER: return `${who} \u2190 ${other}  ${label(run, i)}${run.extra[i] > 0 ? "  (again)" : ""}`;
    case K.MISS: return `${who} \u2190 ${other}  ${label(run, i)}  (nobody is up)`;
    case K.STRAND: return `${who} \u2190 ${other}  ${label(run, i)}  (its session has ended)`;
    case K.SEND: case K.LEAVE: return `${who} \u2192 ${other}  ${label(run, i)}`;
    default: return isGlobal(run.what[i]) ? label(run, i) : `${who} ${label(run, i)}`;
  }
}

// What became of a message, where that is not that it arrived once.
function fate(run, i) {
  const why = run.lost.get(i);
  if (why !== undefined) return { sort: "lost", text: reasonText(run.texts[why]) };
  const arrivals = run.arrivals.get(i) ?? [];
  const missed = arrivals.filter((arrival) => isMissed(run.what[arrival]));
  const open = run.arrives.get(i);
  if (missed.length > 0) {
    if (run.what[missed[0]] === K.STRAND) return { sort: "lost", text: "session ended", arrivals };
    const hasStarted = latest(run.roles[run.peer[i]], missed[0]) !== null;
    return { sort: "lost", text: hasStarted ? "down" : "absent", arrivals };
  }
  if (open && open.length === 0 && arrivals.length === 0) return { sort: "held", text: "held" };
  if (open) return { sort: "open", text: "still on its way", open, arrivals };
  if (arrivals.length > 1) return { sort: "copies", text: `${arrivals.length} times`, arrivals };
  return { sort: "arrives", text: run.delayed.has(i) ? "delayed" : "", arrivals };
}

const reasonText = (why) => ({ loss: "lost", too_large: "too large", full: "queue full", no_session: "no session" })[why] ?? why;

// What a role's letter means: `Fk follows node k` with the peer's number in place of `k`.
function roleText(run, letter, peer) {
  if (letter === "x") return "down";
  const found = run.legend.find(([known]) => known === letter);
  if (!found) return `role ${letter}${peer || ""}`;
  return peer ? found[1].replace(/\b(node |user )?k\b/, nodeName(peer)) : found[1].replace(/\b(node |user )?k\b/, "nobody");
}

const badge = (letter, peer) => `${letter}${peer || ""}`;

// The same line is told once.
const detailOf = (failure) => [...new Set(failure.detail.split("\n"))].join("\n");

// What the plan decided about an event, if it lists that.
const decisionOf = (run, i) => run.decided.get(keyOf(run, i));

// Everything of an event that a search looks through.
function searched(run, i) {
  return `${sentence(run, i)} ${keyOf(run, i)} ${KINDS[run.what[i]]} ${run.first + i}`.toLowerCase();
}
