// What is seen: the part of the runs, the event at the cursor, and all settings.

const HEAD = 34;
const LEAST_ROW = 0.002;
const MOST_ROW = 60;
const USUAL_ROW = 19;
const LEAST_READABLE_ROW = 13.5;
const LEAST_PIXELS = 1e-12;
// A nanosecond is so many pixels high at most.
const MOST_PIXELS = 40;

const ROLE_COLORS = 8;

const ONLY_HERE = 1;
const CHANGED = 2;

class View {
  constructor({ runs, pairs }, canvas) {
    Object.assign(this, { runs, pairs, canvas });
    this.context = canvas.getContext("2d");
    this.painter = new CanvasPainter(this.context);
    this.side = 0;
    this.events = runs.map(() => 0);
    this.scale = "even";
    this.rowHeight = USUAL_ROW;
    this.pixelsPerNano = 1e-6;
    this.top = 0;
    this.left = 0;
    this.filter = { text: "", hidden: new Set() };
    this.lanesBy = { order: orderAtFirst(runs), shown: shownAtFirst(runs) };
    this.hasChosenNodes = false;
    this.showsCauses = false;
    this.isWholeState = false;
    this.hover = null;
    this.listeners = [];
    this.theme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.setTheme(this.theme, false);
    this.differences = pairs ? this.compare() : null;
    this.relayout();
  }

  get run() { return this.runs[this.side]; }
  get other() { return this.runs[1 - this.side]; }
  get event() { return this.events[this.side]; }
  cursorOf(side) { return this.events[side]; }
  isAt(side, i) { return side === this.side && i === this.event || this.hover?.side === side && this.hover.event === i; }
  isUnfolded(node) { return !this.lanesBy.shown || this.lanesBy.shown.has(node); }
  hiddenEvent(side, i) { return this.keeps[side][i] === 0; }

  setTheme(theme, isChosen = true) {
    this.theme = theme;
    this.isThemeChosen = isChosen;
    document.documentElement.dataset.theme = theme;
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    const names = ["paper", "head", "ink", "muted", "faint", "rule", "message", "lost", "fail", "timer", "output",
      "cut", "calm", "down", "paused", "cursor", "past", "future", "gone", "come", "changed"];
    this.colors = Object.fromEntries(names.map((name) => [name, color(name)]));
    this.colors.sides = [1, 2, 3, 4].map((nth) => color(`side-${nth}`));
    const roles = Array.from({ length: ROLE_COLORS }, (_, place) => color(`role-${place + 1}`));
    this.colors.role = (run, letter) => {
      if (letter === "x") return this.colors.down;
      const number = roleNumber(run, letter);
      return letter === "." || number === 0 ? this.colors.faint : roles[number - 1];
    };
  }

  // Above which row the runs first differ: the same in both.
  get divergence() {
    if (!this.pairs || !this.pairs.first) return -1;
    const differing = this.pairs.first.map((i, side) => {
      const row = i < this.runs[side].count && this.differences[side][i] > 0 ? this.scaleNow.y(side, i) : -1;
      return row < 0 ? Infinity : row;
    });
    const first = Math.min(...differing);
    const [one, other] = this.pairs.first;
    return Number.isFinite(first) ? first : Math.max(this.scaleNow.y(0, one), this.scaleNow.y(1, other));
  }

  // For each event of both runs: is it in one alone, or does it say something else in the other?
  compare() {
    const marks = this.runs.map((run) => new Uint8Array(run.count).fill(ONLY_HERE));
    this.twins = this.runs.map((run) => new Int32Array(run.count).fill(-1));
    for (const [one, other, length] of this.pairs.same) {
      marks[0].fill(0, one, one + length);
      marks[1].fill(0, other, other + length);
      for (let i = 0; i < length; i++) {
        this.twins[0][one + i] = other + i;
        this.twins[1][other + i] = one + i;
      }
    }
    for (const i of this.pairs.changed) {
      marks[0][i] = CHANGED;
      marks[1][this.twins[0][i]] = CHANGED;
    }
    return marks;
  }

  twinOf(event) {
    if (!this.twins) return null;
    const twin = this.twins[this.side][event];
    return twin === undefined || twin < 0 ? null : twin;
  }

  marksOf(side) {
    return this.showsCauses && side === this.side && this.causality ? this.causality.marks : null;
  }

  // After a change of what is shown.
  relayout() {
    const kept = this.runs.map((run) => keepOf(run, this.filter));
    this.keeps = kept.map(({ keep }) => keep);
    this.found = this.filter.text.trim() === "" ? -1 : kept.reduce((sum, { found }) => sum + found, 0);
    this.layout = layRows(this.runs, this.keeps, this.pairs);
    this.rescale();
    this.relane();
  }

  rescale() {
    this.scaleNow = new Scale(this);
  }

  // After a change of the lanes, or of the room for them.
  relane() {
    const width = this.canvas.clientWidth || 1000;
    const each = width / this.runs.length;
    this.panes = this.runs.map((run, side) => ({
      x: side * each,
      width: each - (side < this.runs.length - 1 ? 6 : 0),
      lanes: layLanes(run, this.lanesBy, each - LANES.gutter - 12, LANES.gutter, leastOfHeads(run, this.painter)),
    }));
    this.refresh();
  }

  get height() { return Math.max(50, (this.canvas.clientHeight || 600) - HEAD); }
  get mostTop() { return Math.max(0, this.scaleNow.height - this.height + 10); }
  get mostLeft() { return Math.max(0, Math.max(...this.panes.map((pane) => pane.lanes.width + LANES.gutter - pane.width + 30))); }

  clamp() {
    this.top = Math.min(this.mostTop, Math.max(0, this.top));
    this.left = Math.min(this.mostLeft, Math.max(0, this.left));
  }

  scrollBy(x, y) {
    this.left += x;
    this.top += y;
    this.refresh();
  }

  // Zooms by this factor, so that what is at this height stays there.
  zoom(factor, at = this.height / 2) {
    const before = this.scaleNow.isEven ? this.rowHeight : this.pixelsPerNano;
    const [least, most] = this.scaleNow.isEven ? [LEAST_ROW, MOST_ROW] : [LEAST_PIXELS, MOST_PIXELS];
    const after = Math.min(most, Math.max(least, before * factor));
    const shift = this.scaleNow.isEven ? 0 : 20;
    this.top = ((this.top + at - shift) * after) / before - at + shift;
    if (this.scaleNow.isEven) this.rowHeight = after;
    else this.pixelsPerNano = after;
    this.rescale();
    this.refresh();
  }

  // The whole run at once.
  whole() {
    if (this.scale === "even") this.rowHeight = Math.min(USUAL_ROW, (this.height - 12) / (this.layout.rows + 1.5));
    else this.pixelsPerNano = this.wholePixels;
    this.top = 0;
    this.rescale();
    this.refresh();
  }

  get wholePixels() {
    const { begin, end } = this.scaleNow;
    return Math.min(MOST_PIXELS, Math.max(LEAST_PIXELS, (this.height - 60) / Math.max(1, end - begin)));
  }

  setScale(scale) {
    this.scale = scale;
    if (scale === "time") {
      const seen = Math.max(1, this.usualSpanSeen());
      this.pixelsPerNano = Math.min(MOST_PIXELS, Math.max(LEAST_PIXELS, 30 / seen));
    }
    this.rescale();
    this.center();
    this.refresh();
  }

  usualSpanSeen() {
    const usual = usualSpan(this.run);
    return Number.isFinite(usual) ? usual : (this.scaleNow.end - this.scaleNow.begin) / 20;
  }

  // Puts the event at the cursor into view, if it is not.
  reveal() {
    const y = this.scaleNow.y(this.side, this.event);
    if (y < 0) return;
    if (y < this.top + 30 || y > this.top + this.height - 40) this.center();
    const node = this.event < this.run.count ? this.run.node[this.event] : 0;
    if (node > 0) {
      const pane = this.panes[this.side];
      const x = pane.lanes.places[node] - this.left;
      if (x < LANES.gutter || x > pane.width - 60) this.left = pane.lanes.places[node] - pane.width / 2;
    }
  }

  center() {
    const y = this.scaleNow.y(this.side, this.event);
    if (y >= 0) this.top = y - this.height / 2;
  }

  select(side, event, { scrolls = true } = {}) {
    this.side = side;
    this.events[side] = Math.min(this.run.count, Math.max(0, event));
    if (this.runs.length > 1) this.follow();
    this.causality = this.showsCauses ? causality(this.run, this.event) : null;
    if (scrolls) this.reveal();
    this.refresh();
  }

  // The other run's cursor is where its time, or its twin, is.
  follow() {
    const twin = this.twinOf(this.event);
    const other = this.other;
    if (twin !== null) {
      this.events[1 - this.side] = twin;
      return;
    }
    const row = this.event < this.run.count ? this.layout.row[this.side][this.event] : Infinity;
    let last = 0;
    for (let i = 0; i < other.count; i++) if (this.layout.row[1 - this.side][i] <= row) last = i;
    this.events[1 - this.side] = last;
  }

  setCauses(isShown) {
    this.showsCauses = isShown;
    this.select(this.side, this.event, { scrolls: false });
  }

  // The step so many steps later, of those that are shown; on one node, if it is named.
  step(by, node = 0) {
    const { steps, count } = this.run;
    const current = this.event < count ? this.run.step[this.event] : count;
    let place = lowerBound(steps, current);
    if (by > 0 && steps[place] !== current) place--;
    const isWanted = (i) => !this.hiddenEvent(this.side, i) && (node === 0 || this.run.node[i] === node);
    for (place += by; place >= 0 && place < steps.length; place += by) {
      if (isWanted(steps[place])) return this.select(this.side, steps[place]);
    }
    if (by > 0 && node === 0 && this.run.failure) this.select(this.side, count);
  }

  // Where the page opens: at the failure, at the first difference, or at the first disturbance.
  home() {
    // What nearly fits is made to fit.
    const fitting = (this.height - 12) / (this.layout.rows + 1.5);
    if (this.scale === "even" && fitting >= LEAST_READABLE_ROW && fitting < this.rowHeight) {
      this.rowHeight = fitting;
      this.rescale();
    }
    if (this.pairs && this.pairs.first) {
      const [one, other] = this.pairs.first;
      const differs = (side, i) => i < this.runs[side].count && this.differences[side][i] > 0;
      const side = differs(0, one) || !differs(1, other) && one < this.runs[0].count ? 0 : 1;
      this.select(side, side === 0 ? one : other);
      this.center();
    } else if (this.run.failure) {
      const { steps, failure, count } = this.run;
      this.select(this.side, failure.step && steps.length > 0 ? steps.at(-1) : count);
      this.top = this.mostTop;
    } else {
      const disturbance = firstDisturbance(this.run);
      this.select(this.side, disturbance >= 0 ? disturbance : this.run.steps.at(-1) ?? 0);
      this.top = Math.max(0, this.scaleNow.y(this.side, this.event) - this.height / 2);
      if (this.scaleNow.height <= this.height + 20) this.top = 0;
    }
    this.refresh();
  }

  refresh() {
    if (this.isPlanned) return;
    this.isPlanned = true;
    requestAnimationFrame(() => {
      this.isPlanned = false;
      this.clamp();
      this.draw();
      for (const listener of this.listeners) listener();
    });
  }

  draw() {
    const { canvas, context } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.painter.rect(0, 0, width, height, { fill: this.colors.paper });
    this.drawn = this.paint(this.painter, height - HEAD, this.top, this.left, HEAD);
  }

  // Draws the runs with this painter, this part of them.
  paint(painter, height, offset, left, top) {
    return this.panes.map(({ x, width }, side) => {
      const sheet = new Sheet(this, side, painter, { x, top, width, height, offset, left });
      const drawn = drawRun(sheet);
      drawHeads(sheet, HEAD);
      return drawn;
    });
  }

  // The event at a point of the canvas, or the message there.
  eventAt(x, y) {
    const side = this.panes.findIndex((pane) => x >= pane.x && x < pane.x + pane.width);
    if (side < 0 || y < HEAD) return null;
    const run = this.runs[side];
    const pane = this.panes[side];
    const spot = (i) => [pane.x + pane.lanes.places[run.node[i]] - this.left, this.scaleNow.y(side, i) - this.top + HEAD];
    let [best, distance] = [null, 12];
    for (let i = 0; i < run.count; i++) {
      if (isQuiet(run.what[i])) continue;
      const at = this.scaleNow.y(side, i);
      if (at < 0 || at < this.top - 900 || at > this.top + this.height + 900) continue;
      const [ex, ey] = spot(i);
      const away = isGlobal(run.what[i]) ? Math.abs(ey - y) + 4 : Math.hypot(ex - x, ey - y);
      if (away < distance) [best, distance] = [i, away];
      if (!isArrival(run.what[i]) || run.cause[i] < 0 || this.hiddenEvent(side, run.cause[i])) continue;
      const [sx, sy] = spot(run.cause[i]);
      const off = toSegment(x, y, sx, sy, ex, ey) + 4;
      if (off < distance) [best, distance] = [run.cause[i], off];
    }
    return best === null ? null : { side, event: best };
  }
}

// The number of a role's colour, from 1; 0 if the legend does not know the role.
function roleNumber(run, letter) {
  const place = run.legend.findIndex(([known]) => known === letter);
  return place < 0 ? 0 : (place % ROLE_COLORS) + 1;
}

// The first place in a sorted list whose value is not below this one.
function lowerBound(list, value) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstDisturbance(run) {
  for (let i = 0; i < run.count; i++) {
    const isLost = isSending(run.what[i]) && run.lost.has(i) || run.what[i] === K.STRAND;
    if (isLost || run.what[i] === K.DELIVER && run.extra[i] > 0) return i;
  }
  const harmless = new Set([K.CALM, K.HEAL, K.CONNECT, K.LINK, K.STRAND]);
  const isFault = (what) => what >= K.CRASH && !harmless.has(what);
  for (let i = 0; i < run.count; i++) if (isFault(run.what[i])) return i;
  return -1;
}

// How far a point is from a line between two others.
function toSegment(x, y, fromX, fromY, toX, toY) {
  const length = (toX - fromX) ** 2 + (toY - fromY) ** 2;
  const share = length === 0 ? 0 : ((x - fromX) * (toX - fromX) + (y - fromY) * (toY - fromY)) / length;
  const within = Math.min(1, Math.max(0, share));
  return Math.hypot(x - fromX - within * (toX - fromX), y - fromY - within * (toY - fromY));
}
