// The page: what the server tells, and what its user asks for.

const panels = new Map();
const byId = (id) => document.getElementById(id);
let about = null;
let heardAt = null;

function begin(fresh) {
  about = fresh;
  panels.clear();
  byId("panels").replaceChildren();
  byId("panels").classList.toggle("all", about.is_of_all);
}

function take(update) {
  heardAt = new Date();
  if (update.about) begin(update.about);
  for (const changed of update.panels) {
    let panel = panels.get(changed.node);
    if (!panel) {
      panel = new Panel(about, changed, send);
      panels.set(changed.node, panel);
      byId("panels").append(panel.element);
    }
    panel.take(changed);
  }
  const only = about.is_of_all ? null : [...panels.values()][0];
  byId("title").textContent = only ? `${only.name(only.node)} in ${about.cluster}` : `${about.cluster}: all nodes`;
  document.title = `${byId("title").textContent} - Rehearsal`;
  if (about.can_cut) showLinks(update.cuts);
}

// Each link, to be cut and mended.
function showLinks(cuts) {
  const told = JSON.stringify(cuts);
  const section = byId("links");
  if (section.dataset.told === told) return;
  section.dataset.told = told;
  section.hidden = false;
  const list = document.createElement("ul");
  const isCut = (one, other) => cuts.some(([a, b]) => a === one && b === other);
  for (let one = 1; one <= about.names.length; one++) {
    for (let other = one + 1; other <= about.names.length; other++) {
      const cut = isCut(one, other);
      const button = make("button", `n${one} \u2013 n${other}${cut ? " cut" : ""}`);
      button.type = "button";
      button.setAttribute("aria-pressed", String(cut));
      button.addEventListener("click", () => send({ order: cut ? "mend" : "cut", nodes: [one, other] }));
      const item = make("li");
      item.append(button);
      list.append(item);
    }
  }
  section.replaceChildren(make("h2", "Links: press one to cut or mend it"), list);
}

// Why an order was refused; `null` if it was not.
async function send(order) {
  try {
    const answer = await fetch("orders", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
    return answer.ok ? null : (await answer.text()).trim();
  } catch {
    return "The node does not answer.";
  }
}

function showStatus(text, isBehind) {
  byId("status").textContent = text;
  byId("status").classList.toggle("behind", isBehind);
}

// A browser that is refused does not try again by itself.
const AGAIN_AFTER = 1000;

function listen() {
  const events = new EventSource("events");
  events.addEventListener("open", () => showStatus("live", false));
  events.addEventListener("message", (event) => take(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    const since = heardAt ? `: this is of ${heardAt.toLocaleTimeString()}` : "";
    showStatus(`behind: no connection${since}, trying again`, true);
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, AGAIN_AFTER);
  });
}

listen();
