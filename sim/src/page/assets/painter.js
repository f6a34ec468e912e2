// What a diagram is drawn with: a canvas on the screen, or the text of an SVG.

const FONT = "12px ui-sans-serif, system-ui, sans-serif";
const SMALL = "10.5px ui-sans-serif, system-ui, sans-serif";
const BOLD = "600 12px ui-sans-serif, system-ui, sans-serif";

class CanvasPainter {
  constructor(context) {
    this.context = context;
    this.widths = new Map();
  }

  line(points, { color, width = 1, dash = [], alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      if (i === 0) context.moveTo(points[0], points[1]);
      else context.lineTo(points[i], points[i + 1]);
    }
    context.stroke();
  }

  rect(x, y, width, height, { fill, stroke, alpha = 1, radius = 0 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.beginPath();
    if (radius > 0) context.roundRect(x, y, width, height, radius);
    else context.rect(x, y, width, height);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = 1;
      context.setLineDash([]);
      context.stroke();
    }
  }

  circle(x, y, radius, { fill, stroke, width = 1.5, alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.setLineDash([]);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.stroke();
    }
  }

  polygon(points, { fill, alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.fillStyle = fill;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    context.closePath();
    context.fill();
  }

  text(text, x, y, { color, font = FONT, align = "left", alpha = 1, halo = null }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.font = font;
    context.textAlign = align;
    context.textBaseline = "middle";
    if (halo) {
      context.setLineDash([]);
      context.lineJoin = "round";
      context.lineWidth = 4;
      context.strokeStyle = halo;
      context.strokeText(text, x, y);
    }
    context.fillStyle = color;
    context.fillText(text, x, y);
  }

  width(text, font = FONT) {
    const key = font + text;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      this.context.font = font;
      width = this.context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  // What is drawn until `unclip` stays within these bounds.
  clip(x, y, width, height) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
  }

  unclip() {
    this.context.restore();
  }
}

class SvgPainter {
  // `measure` is a painter that knows the widths of texts.
  constructor(measure) {
    this.parts = [];
    this.measure = measure;
    this.clips = 0;
  }

  add(name, attributes, text) {
    const shown = Object.entries(attributes)
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([key, value]) => ` ${key}="${SvgPainter.escaped(typeof value === "number" ? +value.toFixed(2) : value)}"`);
    this.parts.push(text === undefined
      ? `<${name}${shown.join("")}/>`
      : `<${name}${shown.join("")}>${SvgPainter.escaped(text)}</${name}>`);
  }

  static escaped(text) {
    const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    return String(text).replace(/[&<>"]/g, (sign) => signs[sign]);
  }

  line(points, { color, width = 1, dash = [], alpha = 1 }) {
    const shown = [];
    for (let i = 0; i < points.length; i += 2) shown.push(`${+points[i].toFixed(2)},${+points[i + 1].toFixed(2)}`);
    this.add("polyline", { points: shown.join(" "), fill: "none", stroke: color, "stroke-width": width,
      "stroke-dasharray": dash.join(" "), opacity: alpha === 1 ? null : alpha });
  }

  rect(x, y, width, height, { fill, stroke, alpha = 1, radius = 0 }) {
    this.add("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), rx: radius || null,
      fill: fill ?? "none", stroke, opacity: alpha === 1 ? null : alpha });
  }

  circle(x, y, r, { fill, stroke, width = 1.5, alpha = 1 }) {
    this.add("circle", { cx: x, cy: y, r, fill: fill ?? "none", stroke, "stroke-width": stroke ? width : null,
      opacity: alpha === 1 ? null : alpha });
  }

  polygon(points, { fill, alpha = 1 }) {
    this.add("polygon", { points: points.map((value) => +value.toFixed(2)).join(" "), fill,
      opacity: alpha === 1 ? null : alpha });
  }

  text(text, x, y, { color, font = FONT, align = "left", alpha = 1, halo = null }) {
    const anchor = { left: null, center: "middle", right: "end" }[align];
    this.add("text", { x, y, fill: color, style: `font: ${font}`, "text-anchor": anchor,
      "dominant-baseline": "central", opacity: alpha === 1 ? null : alpha, stroke: halo,
      "stroke-width": halo ? 3 : null, "stroke-linejoin": halo ? "round" : null,
      "paint-order": halo ? "stroke" : null }, text);
  }

  width(text, font) {
    return this.measure.width(text, font);
  }

  clip(x, y, width, height) {
    const id = `clip${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${id})">`);
  }

  unclip() {
    this.parts.push("</g>");
  }

  document(width, height, title) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`
      + `<title>${SvgPainter.escaped(title)}</title>${this.parts.join("\n")}</svg>\n`;
  }
}

// A text that fits this width, cut at its end if it must be.
function fitted(painter, text, width, font = FONT) {
  if (width < 14) return "";
  if (painter.width(text, font) <= width) return text;
  let [low, high] = [0, Math.min(text.length, 200)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (painter.width(`${text.slice(0, middle)}\u2026`, font) <= width) low = middle;
    else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}\u2026` : "";
}
