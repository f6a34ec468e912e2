// The view as the fragment of a link: whoever opens it sees the same event in the same view.

function toFragment(view) {
  const parts = new URLSearchParams();
  if (view.runs.length > 1) parts.set("run", String(view.side + 1));
  parts.set("event", String(view.run.first + view.event));
  if (view.scale !== "even") {
    parts.set("scale", "time");
    parts.set("zoom", view.pixelsPerNano.toPrecision(6));
  } else {
    parts.set("zoom", String(+view.rowHeight.toPrecision(4)));
  }
  parts.set("top", String(Math.round(view.top)));
  if (view.left > 0) parts.set("left", String(Math.round(view.left)));
  if (view.showsCauses) parts.set("causes", "1");
  if (view.filter.text) parts.set("text", view.filter.text);
  if (view.filter.hidden.size > 0) parts.set("hide", [...view.filter.hidden].join("|"));
  if (view.lanesBy.order !== orderAtFirst(view.runs)) parts.set("order", view.lanesBy.order);
  if (view.hasChosenNodes) {
    parts.set("nodes", view.lanesBy.shown ? [...view.lanesBy.shown].sort((a, b) => a - b).join(",") : "all");
  }
  if (view.isThemeChosen) parts.set("theme", view.theme);
  return `#${parts}`;
}

// What a fragment says, as far as it makes sense; anyone can write one.
function fromFragment(fragment, view) {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = (name, least, most) => {
    const value = Number(parts.get(name));
    return parts.has(name) && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : null;
  };
  const side = (number("run", 1, view.runs.length) ?? 1) - 1;
  const run = view.runs[Math.round(side)];
  const event = number("event", run.first, run.first + run.count);
  if (event === null) return false;
  view.filter.text = parts.get("text") ?? "";
  view.filter.hidden = new Set((parts.get("hide") ?? "").split("|").filter((sort) => sort !== ""));
  const order = parts.get("order");
  if (["number", "failure", "activity", "first"].includes(order)) view.lanesBy.order = order;
  const nodes = parts.get("nodes");
  if (nodes !== null) {
    view.hasChosenNodes = true;
    view.lanesBy.shown = nodes === "all" ? null : namedNodes(nodes, run.nodes);
  }
  if (["dark", "light"].includes(parts.get("theme"))) view.setTheme(parts.get("theme"));
  view.scale = parts.get("scale") === "time" ? "time" : "even";
  view.relayout();
  if (view.scale === "time") view.pixelsPerNano = number("zoom", LEAST_PIXELS, MOST_PIXELS) ?? view.pixelsPerNano;
  else view.rowHeight = number("zoom", LEAST_ROW, MOST_ROW) ?? view.rowHeight;
  view.showsCauses = parts.get("causes") === "1";
  view.rescale();
  view.select(Math.round(side), Math.round(event - run.first), { scrolls: false });
  view.top = number("top", 0, 1e12) ?? view.top;
  view.left = number("left", 0, 1e9) ?? 0;
  return true;
}
