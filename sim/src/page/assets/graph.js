// The wait-for graph at the cursor.

// More nodes than this are only counted.
const MOST_IN_GRAPH = 60;

// Every pair of nodes of which one waits for the other after this event.
function waitsAt(run, event) {
  const edges = [];
  for (let node = 1; node <= run.nodes; node++) {
    const entry = latest(run.awaited[node], event);
    for (const on of entry ? entry.on : []) if (on !== node) edges.push([node, on]);
  }
  return edges;
}

// The nodes that reach themselves: those on a cycle, each with a number of its knot.
function knots(edges) {
  const next = new Map();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reach = (start) => {
    const seen = new Set();
    const open = [...(next.get(start) ?? [])];
    while (open.length > 0) {
      const node = open.pop();
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(next.get(node) ?? []));
    }
    return seen;
  };
  const reached = new Map([...next.keys()].map((node) => [node, reach(node)]));
  return (one, other) => reached.get(one)?.has(other) && reached.get(other)?.has(one);
}

function drawWaits(place, run, event, colors) {
  place.replaceChildren();
  if (!run.hasWaits) return;
  const edges = waitsAt(run, event);
  const heading = make("h2", "Wait-for graph");
  place.append(heading);
  if (edges.length === 0) {
    place.append(make("p", "Nobody waits.", "muted"));
    return;
  }
  const nodes = [...new Set(edges.flat())].sort((one, other) => one - other);
  if (nodes.length > MOST_IN_GRAPH) {
    place.append(make("p", `${edges.length} waits among ${nodes.length} nodes`, "muted"));
    return;
  }
  const isKnotted = knots(edges);
  const [size, middle] = [280, 140];
  const radius = nodes.length > 1 ? 104 : 0;
  const spot = new Map(nodes.map((node, nth) => {
    const angle = (2 * Math.PI * nth) / nodes.length - Math.PI / 2;
    return [node, [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)]];
  }));
  const painter = new SvgElements(size);
  let cycle = false;
  for (const [from, to] of edges) {
    const [[x, y], [toX, toY]] = [spot.get(from), spot.get(to)];
    const red = isKnotted(from, to);
    cycle ||= red;
    const length = Math.hypot(toX - x, toY - y) || 1;
    const [dx, dy] = [(toX - x) / length, (toY - y) / length];
    const both = edges.some(([one, other]) => one === to && other === from) ? 4 : 0;
    const [ox, oy] = [-dy * both, dx * both];
    const color = red ? colors.fail : colors.message;
    painter.line(x + dx * 16 + ox, y + dy * 16 + oy, toX - dx * 18 + ox, toY - dy * 18 + oy, color, red ? 2.4 : 1.4);
  }
  for (const node of nodes) {
    const [x, y] = spot.get(node);
    const role = roleAt(run, node, event);
    painter.node(x, y, nodeName(node), role ? colors.role(run, role.letter) : colors.faint, colors);
  }
  painter.root.setAttribute("aria-label", edges.map(([from, to]) => `${nodeName(from)} waits for ${nodeName(to)}`).join(", "));
  place.append(painter.root);
  if (cycle) place.append(make("p", "They wait for each other in a circle.", "bad"));
}

// A small picture of elements.
class SvgElements {
  constructor(size) {
    this.root = this.make("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, role: "img" });
  }

  make(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  line(x, y, toX, toY, color, width) {
    this.root.append(this.make("line", { x1: x, y1: y, x2: toX, y2: toY, stroke: color, "stroke-width": width }));
    const length = Math.hypot(toX - x, toY - y) || 1;
    const [dx, dy] = [(toX - x) / length, (toY - y) / length];
    const tip = [toX + 4 * dx, toY + 4 * dy];
    const points = [tip[0], tip[1], tip[0] - 9 * dx + 4 * dy, tip[1] - 9 * dy - 4 * dx, tip[0] - 9 * dx - 4 * dy, tip[1] - 9 * dy + 4 * dx];
    this.root.append(this.make("polygon", { points: points.join(" "), fill: color }));
  }

  node(x, y, name, color, colors) {
    this.root.append(this.make("circle", { cx: x, cy: y, r: 14, fill: colors.paper, stroke: color, "stroke-width": 3 }));
    const text = this.make("text", { x, y, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 10.5, fill: colors.ink });
    text.textContent = name;
    this.root.append(text);
  }
}

// An element with a text, and a class.
function make(name, text = "", sort = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (sort) element.className = sort;
  return element;
}
