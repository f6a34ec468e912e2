// The events themselves: steps, messages, what faults do, and the failure.

// More messages than this at a time, and only some of them are drawn.
const MOST_ARROWS = 2500;

function drawRun(sheet) {
  const { painter } = sheet;
  painter.clip(sheet.x, sheet.top, sheet.width, sheet.height);
  drawBackdrop(sheet);
  const labels = new Labels(sheet);
  const drawn = drawMessages(sheet, labels);
  drawBadges(sheet);
  drawEvents(sheet, labels);
  drawCursor(sheet);
  drawFailure(sheet);
  drawDivergence(sheet);
  labels.draw();
  painter.unclip();
  return drawn;
}

// Labels are drawn last, so that no line crosses them. One that would stand on another is left out.
class Labels {
  constructor(sheet) {
    this.sheet = sheet;
    this.all = [];
    // From row to row; true to time, as if the events were evenly spread.
    const { isEven, size, height } = sheet.scale;
    this.size = isEven ? size : Math.min(40, (height / Math.max(1, sheet.run.count)) * 4);
  }

  // Is there room for the labels of events at all?
  get areShown() {
    return this.size >= 11 && this.sheet.lanes.step >= 56;
  }

  add(text, x, y, style, isAlways = false) {
    if (isAlways || this.areShown) this.all.push({ text, x, y, style, isAlways });
  }

  draw() {
    const taken = new Map();
    const { painter, colors, lanes } = this.sheet;
    const sorted = this.all.sort((one, other) => other.isAlways - one.isAlways);
    for (const { text, x, y, style, isAlways } of sorted) {
      const shown = fitted(painter, text, isAlways ? 420 : Math.max(lanes.step - 26, 104) * (style.color === colors.lost ? 1.4 : 1), style.font);
      if (shown === "") continue;
      const width = painter.width(shown, style.font);
      const from = style.align === "right" ? x - width : x;
      const line = Math.round(y / 12);
      const near = [line - 1, line, line + 1].flatMap((key) => taken.get(key) ?? []);
      const collides = near.some((other) => Math.abs(other.y - y) < 11 && from < other.to && from + width > other.from);
      if (collides) continue;
      taken.set(line, [...(taken.get(line) ?? []), { from: from - 3, to: from + width + 3, y }]);
      painter.text(shown, x, y, { ...style, halo: colors.paper });
    }
  }
}

// How an event is shown where causes are marked, or two runs compared.
function emphasis(sheet, i) {
  const { view, side, colors } = sheet;
  const marks = view.marksOf(side);
  if (marks) {
    if (marks[i] === PAST) return { color: colors.past, alpha: 1 };
    if (marks[i] === FUTURE) return { color: colors.future, alpha: 1 };
    return { color: null, alpha: marks[i] === SELF ? 1 : 0.22 };
  }
  const difference = view.differences ? view.differences[side][i] : 0;
  if (difference === ONLY_HERE) return { color: side === 0 ? colors.gone : colors.come, alpha: 1 };
  if (difference === CHANGED) return { color: colors.changed, alpha: 1 };
  return { color: null, alpha: view.differences && !decisionOf(sheet.run, i) ? 0.62 : 1 };
}

function drawMessages(sheet, labels) {
  const { run, view, side } = sheet;
  const seen = [];
  for (let i = 0; i < run.count; i++) {
    if (!isSending(run.what[i])) continue;
    const from = sheet.y(i);
    if (Number.isNaN(from) || from > sheet.bottom + 400) continue;
    const arrivals = run.arrivals.get(i);
    const to = arrivals ? sheet.y(arrivals.at(-1)) : from + 60;
    if (Math.max(from, Number.isNaN(to) ? from : to) < sheet.top - 20) continue;
    if (Number.isNaN(to) && from < sheet.top - 20) continue;
    seen.push(i);
  }
  const every = Math.ceil(seen.length / MOST_ARROWS);
  let drawn = 0;
  seen.forEach((i, nth) => {
    const isTold = run.lost.has(i) || view.isAt(side, i);
    if (nth % every !== 0 && !isTold) return;
    drawn++;
    drawMessage(sheet, labels, i);
  });
  return { drawn, seen: seen.length };
}

function drawMessage(sheet, labels, i) {
  const { run, colors, painter, view, side } = sheet;
  const [x, y] = [sheet.at(run.node[i]), sheet.y(i)];
  const target = sheet.at(run.peer[i]);
  const { color, alpha } = emphasis(sheet, i);
  const became = fate(run, i);
  const isAt = view.isAt(side, i);
  const width = isAt ? 2.4 : 1.2;
  const direction = target >= x ? 1 : -1;
  const stroke = color ?? colors.message;
  const bend = run.peer[i] === run.node[i] ? 26 : 0;
  const arrow = (toX, toY, style) => {
    painter.line(bend ? [x, y, x + bend, (y + toY) / 2, toX, toY] : [x, y, toX, toY], { width, alpha, ...style });
  };
  for (const arrival of became.arrivals ?? []) {
    const toY = sheet.y(arrival);
    if (Number.isNaN(toY)) continue;
    const isCopy = run.extra[arrival] > 0;
    const misses = isMissed(run.what[arrival]);
    arrow(target, toY, { color: misses ? colors.lost : stroke, dash: isCopy ? [5, 3] : [] });
    if (misses) cross(sheet, target - direction * 9, toY - 1, "", labels, alpha);
    else arrowHead(sheet, bend ? x + bend : x, bend ? (y + toY) / 2 : y, target - direction * 3, toY, stroke, alpha);
  }
  if (became.sort === "lost" && !became.arrivals) {
    const reach = Math.min(Math.abs(target - x) * 0.5, 130);
    const [toX, toY] = [x + direction * Math.max(reach, 14), y + Math.min(14, labels.size * 0.7)];
    arrow(toX, toY, { color: colors.lost, dash: [4, 3] });
    const decision = decisionOf(run, i);
    cross(sheet, toX, toY, `${textOf(run, i)} ${became.text}${decision ? `  \u2691 ${decision}` : ""}`, labels, alpha, direction, became.text === "lost");
  } else if (became.sort === "held") {
    painter.rect(x + direction * 8 - 4, y - 4, 8, 8, { stroke: colors.cut, fill: colors.paper });
  } else if (became.sort === "open") {
    const end = sheet.y(run.count);
    arrow(x + (target - x) * 0.8, end, { color: stroke, dash: [2, 4] });
  }
  const lost = became.sort === "lost" && !became.arrivals;
  if (!lost) {
    const decision = decisionOf(run, i);
    const remark = (became.text === "" ? "" : ` (${became.text})`) + (decision ? `  \u2691 ${decision}` : "");
    const shade = decision || run.delayed.has(i) ? colors.cut : became.sort === "lost" ? colors.lost : color ?? colors.ink;
    labels.add(textOf(run, i) + remark, x + direction * 10, y - 4, { color: shade, alpha, align: direction > 0 ? "left" : "right", font: isAt || decision ? BOLD : FONT }, isAt || Boolean(decision) || isTold(sheet, i));
  }
}

// Where two runs are compared, what differs is named even where labels have no room.
function isTold({ view, side }, i) {
  return Boolean(view.differences && view.differences[side][i] > 0) && view.rowHeight >= 9;
}

function arrowHead({ painter }, fromX, fromY, x, y, fill, alpha) {
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [dx, dy] = [(x - fromX) / length, (y - fromY) / length];
  painter.polygon([x, y, x - 8 * dx + 3.5 * dy, y - 8 * dy - 3.5 * dx, x - 8 * dx - 3.5 * dy, y - 8 * dy + 3.5 * dx], { fill, alpha });
}

// A message ends here, and the reason.
function cross({ painter, colors }, x, y, text, labels, alpha, direction = 1, isBold = false) {
  for (const turn of [1, -1]) {
    painter.line([x - 5, y - 5 * turn, x + 5, y + 5 * turn], { color: colors.lost, width: 2.4, alpha });
  }
  if (text) {
    labels.add(text, x + direction * 9, y, { color: colors.lost, alpha, align: direction > 0 ? "left" : "right", font: isBold ? BOLD : FONT });
  }
}

// Inputs, outputs and what faults do.
function drawEvents(sheet, labels) {
  const { run, painter, colors, view, side } = sheet;
  const radius = sheet.scale.isEven ? Math.min(4.5, Math.max(1.2, sheet.scale.size / 4)) : 3.5;
  // From far away many events of a node are one dot.
  const drawn = new Float64Array(run.nodes + 1).fill(-Infinity);
  const isCrowded = labels.size < 4;
  for (let i = 0; i < run.count; i++) {
    const what = run.what[i];
    if (isQuiet(what)) continue;
    const y = sheet.y(i);
    if (Number.isNaN(y) || y < sheet.top - 20 || y > sheet.bottom + 20) continue;
    if (isCrowded && (isInput(what) || what < K.CRASH || what === K.STRAND)) {
      if (y - drawn[run.node[i]] < 2 && !view.isAt(side, i)) continue;
      drawn[run.node[i]] = y;
    }
    const { color, alpha } = emphasis(sheet, i);
    if (isGlobal(what)) {
      drawGlobal(sheet, labels, i, y, alpha);
      continue;
    }
    const x = sheet.at(run.node[i]);
    if (x < sheet.x + LANES.gutter - 12 || x > sheet.right + 20) continue;
    const isAt = view.isAt(side, i);
    const who = view.isUnfolded(run.node[i]) ? "" : `${nodeName(run.node[i])} `;
    const says = (text, style = {}, isAlways = false) =>
      labels.add(who + text, x + 10, y, { color: color ?? colors.ink, alpha, font: isAt ? BOLD : FONT, ...style }, isAlways || isAt || isTold(sheet, i));
    switch (what) {
      case K.DELIVER:
        painter.circle(x, y, radius, { fill: color ?? colors.ink, alpha });
        break;
      case K.START: case K.COMMAND: case K.TIMER: case K.LINK:
        painter.circle(x, y, radius, { fill: color ?? (what === K.TIMER ? colors.timer : colors.ink), alpha });
        says(label(run, i), what === K.TIMER ? { color: color ?? colors.timer } : {});
        break;
      case K.EMIT:
        painter.rect(x - 3, y - 3, 6, 6, { fill: color ?? colors.output, alpha });
        says(label(run, i), { color: color ?? colors.output });
        break;
      case K.SEND: case K.LEAVE: case K.MISS: case K.STRAND:
        if (!isMissed(what)) painter.circle(x, y, Math.min(2, radius), { fill: color ?? colors.message, alpha });
        break;
      case K.CRASH:
        painter.circle(x, y, radius + 1.5, { fill: colors.lost, alpha });
        says("crash", { color: colors.lost, font: BOLD });
        break;
      default:
        painter.polygon([x - 5, y, x, y - 5, x + 5, y, x, y + 5], { fill: colors.cut, alpha });
        says(label(run, i), { color: colors.cut });
    }
  }
}

// A fault of the network: a line across all lanes.
function drawGlobal(sheet, labels, i, y, alpha) {
  const { painter, colors, run } = sheet;
  if (run.what[i] === K.LET_GO) return;
  const color = run.what[i] === K.CALM || run.what[i] === K.HEAL || run.what[i] === K.CONNECT ? colors.calm : colors.cut;
  painter.line([sheet.x + LANES.gutter - 8, y, sheet.right, y], { color, alpha, dash: [7, 4] });
  const last = sheet.lanes.lanes.at(-1);
  const x = last ? Math.min(sheet.x + last.x - sheet.left + 12, sheet.right - 190) : sheet.x + LANES.gutter;
  labels.add(label(run, i), Math.max(x, sheet.x + LANES.gutter), y - 8, { color, alpha, font: SMALL }, sheet.scale.size >= 11 || !sheet.scale.isEven);
}

// The event at the cursor: a line across its lane, and a ring.
function drawCursor(sheet) {
  const { view, painter, colors, run, side } = sheet;
  const i = view.cursorOf(side);
  if (i < 0 || i >= run.count) return;
  const y = sheet.y(i);
  if (Number.isNaN(y)) return;
  painter.rect(sheet.x, y - 9, sheet.width, 18, { fill: colors.cursor, alpha: view.side === side ? 0.16 : 0.08 });
  if (run.node[i] > 0) painter.circle(sheet.at(run.node[i]), y, 8, { stroke: colors.cursor, width: 2.5 });
}

// Where the run failed: a red line, with the check and the reason.
function drawFailure(sheet) {
  const { run, painter, colors, scale, side } = sheet;
  if (!run.failure) return;
  for (const i of run.marked) {
    const at = sheet.y(i);
    if (sheet.isSeen(at, at)) painter.circle(sheet.at(run.node[i]), at, 11, { stroke: colors.fail, width: 3 });
  }
  const y = scale.ofFailure(side) - sheet.offset + sheet.top;
  if (y < sheet.top - 30 || y > sheet.bottom + 30) return;
  painter.line([sheet.x + 4, y, sheet.right, y], { color: colors.fail, width: 2.5 });
  const quiet = run.count > 0 ? run.failure.at - run.at[run.count - 1] : 0;
  const after = quiet > 0 ? `, ${span(quiet)} after the last event` : "";
  const text = `FAILED at ${time(run.failure.at)}${after}: ${run.failure.check}: ${run.failure.reason}`;
  const shown = fitted(painter, text, sheet.width - 30, BOLD);
  const width = painter.width(shown, BOLD) + 16;
  painter.rect(sheet.x + 10, y - 10, width, 20, { fill: colors.fail, radius: 4 });
  painter.text(shown, sheet.x + 18, y, { color: colors.paper, font: BOLD });
}

// Where two runs first differ: a line across both.
function drawDivergence(sheet) {
  const { view, painter, colors, side } = sheet;
  const { divergence } = view;
  if (divergence < 0) return;
  const y = divergence - sheet.offset + sheet.top;
  const above = y - (sheet.scale.isEven ? sheet.scale.size / 2 : 6);
  painter.line([sheet.x, above, sheet.right, above], { color: colors.changed, width: 2 });
  if (side === 0) {
    painter.rect(sheet.x + 2, above - 18, 122, 17, { fill: colors.changed, radius: 3 });
    painter.text("they differ from here", sheet.x + 6, above - 9, { color: colors.paper, font: SMALL });
  }
}

// The room that a lane's name and its role take, one below the other, whichever letter the role has.
function leastOfHeads(run, painter) {
  const widest = Math.max(painter.width(nodeName(run.nodes), SMALL), painter.width(badge("W", run.nodes), SMALL));
  return Math.max(LANES.least, Math.ceil(widest) + 5);
}

// The same, one beside the other.
function isRoomyHead(run, painter, step) {
  const name = painter.width(nodeName(run.nodes), BOLD);
  return step >= Math.max(64, name + painter.width(badge("W", run.nodes), SMALL) + 16);
}

// The names of the lanes, and their roles at the cursor, above the drawing.
function drawHeads(sheet, height) {
  const { painter, colors, run, view, side, lanes } = sheet;
  painter.rect(sheet.x, sheet.top - height, sheet.width, height, { fill: colors.head });
  painter.line([sheet.x, sheet.top - 0.5, sheet.right, sheet.top - 0.5], { color: colors.faint });
  painter.clip(sheet.x + LANES.gutter - 12, sheet.top - height, sheet.width - LANES.gutter + 12, height);
  const cursor = view.cursorOf(side);
  const y = sheet.top - height / 2;
  const isLagging = new Set(lagging(run));
  const isRoomy = isRoomyHead(run, painter, lanes.step);
  for (const lane of lanes.lanes) {
    const x = sheet.x + lane.x - sheet.left;
    if (x < sheet.x - 40 || x > sheet.right + 20) continue;
    if (lane.node === 0) {
      painter.text(`+${lane.nodes.length}`, x, y, { color: colors.muted, font: SMALL, align: "center" });
      continue;
    }
    const name = nodeName(lane.node);
    const role = roleAt(run, lane.node, cursor);
    const mark = role && role.letter !== "." ? badge(role.letter, role.peer) : "";
    const ink = isLagging.has(lane.node) ? colors.fail : colors.ink;
    if (isRoomy) {
      painter.text(name, x - 6, y, { color: ink, font: BOLD });
      if (!mark) continue;
      const from = x + painter.width(name, BOLD);
      const width = painter.width(mark, SMALL) + 9;
      painter.rect(from, y - 8, width, 16, { fill: colors.role(run, role.letter), radius: 4 });
      painter.text(mark, from + width / 2, y, { color: colors.paper, font: SMALL, align: "center" });
      const meaning = fitted(painter, roleText(run, role.letter, role.peer), lanes.step - painter.width(name, BOLD) - width - 20, SMALL);
      painter.text(meaning, from + width + 5, y, { color: colors.muted, font: SMALL });
    } else {
      painter.text(name, x, y - 7, { color: ink, font: SMALL, align: "center" });
      if (mark) painter.text(mark, x, y + 7, { color: colors.role(run, role.letter), font: SMALL, align: "center" });
    }
  }
  painter.unclip();
}
