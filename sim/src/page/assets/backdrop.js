// What lies behind the events: times, partitions, lanes with roles, crashes, pauses, timers.

// A drawing of one run: where it is, and what it is drawn with.
class Sheet {
  constructor(view, side, painter, { x, top, width, height, offset, left }) {
    Object.assign(this, { view, side, painter, x, top, width, height, offset, left });
    this.run = view.runs[side];
    this.scale = view.scaleNow;
    this.colors = view.colors;
    this.lanes = view.panes[side].lanes;
    this.bottom = top + height;
  }

  // Where an event is on the drawing; NaN if it is not shown.
  y(i) {
    const y = this.scale.y(this.side, i);
    return y < 0 ? NaN : y - this.offset + this.top;
  }

  // The height of the beginning or the end of a span: of what is not shown, that of the next event.
  edge(i) {
    if (i < 0) return this.top - 5;
    for (let next = i; next < Math.min(this.run.count, i + 500); next++) {
      const y = this.y(next);
      if (!Number.isNaN(y)) return y;
    }
    return this.y(this.run.count);
  }

  // Where a node's lane is.
  at(node) {
    return this.x + this.lanes.places[node] - this.left;
  }

  isSeen(from, to) {
    return to >= this.top - 2 && from <= this.bottom + 2;
  }

  get right() {
    return this.x + this.width;
  }
}

function drawBackdrop(sheet) {
  drawBands(sheet);
  // Times stay readable on top of it.
  drawCurve(sheet);
  drawTimes(sheet);
  drawLanes(sheet);
  drawTimers(sheet);
}

// The time of every instant, as far as there is room, and long spans without any event.
function drawTimes(sheet) {
  const { painter, colors, view, x } = sheet;
  if (!sheet.scale.isEven) return drawRuler(sheet);
  const size = sheet.scale.size;
  let free = -Infinity;
  const instants = view.layout.instants[sheet.side];
  for (let nth = firstSeen(instants, sheet); nth < instants.length; nth++) {
    const { row, at, gap } = instants[nth];
    const y = (row + 0.5) * size - sheet.offset + sheet.top;
    if (y > sheet.bottom + size) break;
    if (gap > 0 && size >= 6) {
      const middle = y - size;
      painter.line([x + 6, middle, sheet.right, middle], { color: colors.faint, dash: [2, 5] });
      if (size >= 11) {
        painter.text(`${span(gap)} later`, x + LANES.gutter - 12, middle, { color: colors.muted, font: SMALL, align: "right", halo: colors.paper });
      }
    }
    if (y - free < 14) continue;
    painter.line([x + LANES.gutter - 8, y, sheet.right, y], { color: colors.rule });
    painter.text(`${shortMillis(at)} ms`, x + LANES.gutter - 12, y, { color: colors.muted, font: SMALL, align: "right" });
    free = y;
  }
}

function firstSeen(instants, sheet) {
  const least = sheet.offset / sheet.scale.size - 2;
  let [low, high] = [0, instants.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instants[middle].row < least) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

// Round times at even distances.
function drawRuler(sheet) {
  const { painter, colors, scale, x } = sheet;
  const apart = 70 / scale.size;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, apart)));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= apart) * power);
  const least = Math.floor((sheet.offset / scale.size + scale.begin) / step) * step;
  for (let at = Math.max(0, least); ; at += step) {
    const y = scale.ofTime(at) - sheet.offset + sheet.top;
    if (y > sheet.bottom || at > scale.end + step) break;
    if (y < sheet.top - 20) continue;
    painter.line([x + LANES.gutter - 8, y, sheet.right, y], { color: colors.rule });
    painter.text(time(at), x + LANES.gutter - 12, y, { color: colors.muted, font: SMALL, align: "right" });
  }
}

// Spans in which links are cut or held: a band behind the lanes, and its name beside it.
function drawBands(sheet) {
  const { painter, colors, run } = sheet;
  const used = [];
  for (const band of run.bands) {
    const [from, to] = [sheet.edge(band.from), sheet.edge(band.to)];
    if (!sheet.isSeen(from, to)) continue;
    const [top, bottom] = [Math.max(from, sheet.top - 5), Math.min(to, sheet.bottom + 5)];
    if (band.sides) {
      band.sides.forEach((side, nth) => {
        for (const [x, width] of stripes(sheet, side)) {
          painter.rect(x, top, width, bottom - top, { fill: colors.sides[nth % colors.sides.length], alpha: 0.13 });
        }
      });
      painter.line([sheet.x + LANES.gutter, from, sheet.right, from], { color: colors.cut, dash: [6, 4] });
      painter.line([sheet.x + LANES.gutter, to, sheet.right, to], { color: colors.cut, dash: [6, 4] });
    } else {
      const nodes = [...new Set(band.links.flat())].slice(0, 40);
      for (const [x, width] of stripes(sheet, nodes)) {
        painter.rect(x, top, width, bottom - top, { fill: colors.sides[0], alpha: 0.08 });
      }
    }
    // A bar in the gutter, beside those of other bands at the same time.
    let column = 0;
    while (used.some((other) => other.column === column && other.to > from && other.from < to)) column++;
    used.push({ column, from, to });
    painter.rect(sheet.x + 2 + column * 5, top, 3, Math.max(2, bottom - top), { fill: colors.cut, alpha: 0.8 });
  }
}

// The parts of the drawing's width that belong to these nodes.
function stripes(sheet, nodes) {
  const wanted = new Set(nodes);
  return sheet.lanes.lanes
    .filter((lane) => lane.nodes.some((node) => wanted.has(node)))
    .map((lane) => [sheet.x + lane.x - sheet.left - 12, Math.min(lane.width, 400)])
    .filter(([x, width]) => x + width > sheet.x && x < sheet.right);
}

// How likely the run was to fail, had everything after an instant been drawn anew.
function drawCurve(sheet) {
  const { painter, colors, run } = sheet;
  if (run.curve.length === 0) return;
  const [x, width] = [sheet.x + 4, 20];
  const points = [];
  for (const [at, share] of run.curve) {
    points.push(x + (share / 1000) * width, sheet.scale.ofInstant(sheet.side, at) - sheet.offset + sheet.top);
  }
  for (const edge of [x, x + width]) {
    painter.line([edge, sheet.top, edge, sheet.bottom], { color: colors.rule });
  }
  painter.line(points, { color: colors.fail, width: 2 });
}

// Lanes, coloured by role; dotted where a node is not up.
function drawLanes(sheet) {
  const { painter, colors, run, lanes } = sheet;
  const seen = (x) => x > sheet.x + LANES.gutter - 10 && x < sheet.right + 20;
  for (const lane of lanes.lanes) {
    const x = sheet.x + lane.x - sheet.left;
    if (!seen(x)) continue;
    if (lane.node === 0) {
      painter.line([x - 3, sheet.top, x - 3, sheet.bottom], { color: colors.faint, dash: [1, 4] });
      painter.line([x + 3, sheet.top, x + 3, sheet.bottom], { color: colors.faint, dash: [1, 4] });
      continue;
    }
    drawRoles(sheet, lane.node, x);
  }
  for (const { sort, node, from, to } of run.spans) {
    const x = sheet.at(node);
    if (!sheet.view.isUnfolded(node) || !seen(x)) continue;
    const [top, bottom] = [sheet.edge(from), sheet.edge(to)];
    if (!sheet.isSeen(top, bottom)) continue;
    const [begin, end] = [Math.max(top, sheet.top - 5), Math.min(bottom, sheet.bottom + 5)];
    if (sort === "absent") {
      painter.rect(x - 5, begin, 10, end - begin, { fill: colors.paper });
      painter.line([x, begin, x, end], { color: colors.faint, dash: [1, 5] });
    } else if (sort === "down") {
      painter.rect(x - 5, begin, 10, end - begin, { fill: colors.down, radius: 2 });
      for (let y = Math.ceil(begin / 8) * 8; y < end - 5; y += 8) {
        painter.line([x - 4, y + 4, x + 4, y], { color: colors.paper, alpha: 0.7 });
      }
    } else {
      painter.rect(x - 5, begin, 10, end - begin, { fill: colors.paused, alpha: 0.75, radius: 2 });
    }
  }
}

function drawRoles(sheet, node, x) {
  const { painter, colors, run } = sheet;
  const roles = run.roles[node];
  painter.line([x, sheet.top, x, sheet.bottom], { color: colors.faint });
  for (let nth = 0; nth < roles.length; nth++) {
    const { from, letter } = roles[nth];
    const top = sheet.edge(beginOfRole(run, from));
    const bottom = nth + 1 < roles.length ? sheet.edge(beginOfRole(run, roles[nth + 1].from)) : sheet.y(run.count);
    if (bottom < sheet.top - 5) continue;
    if (top > sheet.bottom + 5) break;
    const color = colors.role(run, letter);
    const [begin, end] = [Math.max(top, sheet.top - 5), Math.min(bottom, sheet.bottom + 5)];
    if (letter !== "x") painter.rect(x - 3, begin, 6, Math.max(1, end - begin), { fill: color, alpha: 0.9 });
  }
}

// The letter of each role beside its lane, where the node takes it on.
function drawBadges(sheet) {
  const { painter, colors, run, lanes } = sheet;
  for (const { node } of lanes.lanes) {
    if (node === 0 || lanes.step < 26) continue;
    const x = sheet.at(node);
    let shown = -Infinity;
    for (const { from, letter, peer } of run.roles[node]) {
      if (from < 0 || letter === "x" || letter === ".") continue;
      const y = sheet.edge(beginOfRole(run, from));
      if (y < sheet.top - 10) continue;
      if (y > sheet.bottom + 10) break;
      if (y - shown < 13) continue;
      const mark = badge(letter, peer);
      const width = Math.max(14, painter.width(mark, SMALL) + 7);
      painter.rect(x - 8 - width, y - 7, width, 14, { fill: colors.role(run, letter), radius: 3 });
      painter.text(mark, x - 8 - width / 2, y, { color: colors.paper, font: SMALL, align: "center" });
      shown = y;
    }
  }
}

// A role changes with the step, whatever the number of its effects.
const beginOfRole = (run, event) => event < 0 ? event : run.step[event];

// Armed timers: a thin line beside the lane, to where it fires or is disarmed.
function drawTimers(sheet) {
  const { painter, colors, run, lanes } = sheet;
  if (lanes.step < 26 || (sheet.scale.isEven && sheet.scale.size < 6)) return;
  const slots = new Map();
  for (const { node, from, to, how } of run.timers) {
    if (sheet.view.hiddenEvent(sheet.side, from) || !sheet.view.isUnfolded(node)) continue;
    const [top, bottom] = [sheet.y(from), sheet.edge(to)];
    if (Number.isNaN(top) || !sheet.isSeen(top, bottom)) continue;
    const open = slots.get(node) ?? [];
    let slot = 0;
    while (open.some((other) => other.slot === slot && other.bottom > top)) slot++;
    open.push({ slot, bottom });
    slots.set(node, open);
    if (slot > 3) continue;
    const x = sheet.at(node) + 9 + slot * 4;
    const color = how === "fired" ? colors.timer : colors.faint;
    painter.line([x, Math.max(top, sheet.top - 5), x, Math.min(bottom, sheet.bottom + 5)], { color, dash: [2, 2] });
    painter.line([x - 2, top, x + 2, top], { color });
    if (how === "fired") painter.polygon([x - 4, bottom - 6, x + 4, bottom - 6, x, bottom], { fill: color });
    else if (how === "disarmed") painter.line([x - 3, bottom, x + 3, bottom], { color });
  }
}
