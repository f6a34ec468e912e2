"use strict";
// A node on the page. Everything that comes from a node is put there as text, never as markup.

const MOST_TOLD = 200;
const MOST_SAID = 12;
const SVG = "http://www.w3.org/2000/svg";

function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  if (text !== "") element.textContent = text;
  if (name !== "") element.className = name;
  return element;
}

// A text of its own direction, so that it cannot change that of what stands beside it.
const apart = (text) => make("bdi", text);

class Panel {
  constructor(about, { node }, send) {
    this.about = about;
    this.node = node;
    this.send = send;
    this.element = make("article");
    this.title = make("h2");
    this.facts = make("dl");
    this.window = make("ol", "", "window");
    this.window.setAttribute("role", "log");
    this.window.setAttribute("aria-label", `window of ${this.name(node)}`);
    this.window.tabIndex = 0;
    this.waits = make("div");
    this.said = make("div");
    this.told = make("ol", "", "told");
    const told = make("details");
    told.append(make("summary", "What the node told"), this.told);
    this.refused = make("p", "", "refused");
    this.refused.setAttribute("role", "alert");
    this.element.append(this.title, this.facts, this.window, this.waits, this.said, this.composer(), this.refused, told);
    this.isUp = null;
    this.view = {};
  }

  name(node) {
    const name = this.about.names[node - 1];
    return name === undefined || name === `n${node}` ? `n${node}` : `n${node} ${name}`;
  }

  // What has changed of the node.
  take({ up, life, window, told, view }) {
    if (window) this.takeWindow(window);
    for (const text of told) this.told.append(make("li", text));
    while (this.told.childElementCount > MOST_TOLD) this.told.firstElementChild.remove();
    if (view) this.view = view;
    if (view || up !== this.isUp || life !== this.life) {
      this.isUp = up;
      this.life = life;
      this.showTitle();
      this.showFacts();
      this.showWaits();
      this.showSaid();
      this.showOffers();
    }
  }

  takeWindow([drop, keep, add]) {
    const log = this.window;
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    for (let nth = 0; nth < drop; nth++) log.firstElementChild?.remove();
    while (log.childElementCount > keep) log.lastElementChild.remove();
    const lines = document.createDocumentFragment();
    for (const text of add) {
      const line = make("li");
      line.append(apart(text));
      lines.append(line);
    }
    log.append(lines);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }

  showTitle() {
    const { role } = this.view;
    this.element.classList.toggle("down", !this.isUp);
    this.element.setAttribute("aria-label", this.name(this.node));
    this.title.replaceChildren(apart(this.name(this.node)));
    if (!this.isUp) {
      this.title.append(make("span", this.life === 0 ? "not started" : "down", "badge gone"));
    } else if (this.view.desk?.leader === this.node) {
      this.title.append(make("span", "leads", "badge leads"));
    } else if (role && role[0] !== ".") {
      this.title.append(make("span", this.meaning(role), "badge"));
    }
    if (this.life > 1) this.title.append(make("span", `life ${this.life}`, "muted"));
    if (this.about.is_of_all) {
      const button = make("button", this.isUp ? "Kill" : "Restart");
      button.type = "button";
      button.addEventListener("click", () => this.order({ order: this.isUp ? "kill" : "restart", node: this.node }));
      this.title.append(button);
    }
  }

  // `Fk follows node k` with the number of the node.
  meaning([letter, peer]) {
    const found = this.about.legend.split("  ").map((part) => part.trim()).find((part) => part.startsWith(letter));
    const words = found?.slice(found.indexOf(" ") + 1) ?? letter;
    return words.replace(/\b(node |user )?k\b/, peer ? `n${peer}` : "nobody");
  }

  showFacts() {
    const { desk = {}, linked = [] } = this.view;
    this.facts.replaceChildren();
    const fact = (name, ...parts) => {
      const value = make("dd");
      value.append(...parts);
      this.facts.append(make("dt", name), value);
    };
    if (desk.leader) fact("leader", apart(this.name(desk.leader)));
    if (this.about.names.length > 1) {
      const peers = this.about.names.map((_, place) => place + 1).filter((node) => node !== this.node);
      fact("online", ...peers.map((node) => {
        const isOn = this.isUp && linked.includes(node);
        const peer = make("span", "", isOn ? "peer" : "peer off");
        peer.append(apart(this.name(node)));
        peer.title = isOn ? "linked" : "not linked";
        peer.setAttribute("aria-label", `${this.name(node)} ${peer.title}`);
        return peer;
      }));
    }
    for (const [name, text] of desk.facts ?? []) fact(name, apart(text));
  }

  // Each node that waits, and the cycle.
  showWaits() {
    const { waits = [], cycle = [] } = this.view.desk ?? {};
    this.waits.replaceChildren();
    if (waits.length === 0 && cycle.length === 0) return;
    if (cycle.length > 0) {
      const around = [...cycle, cycle[0]].map((node) => `n${node}`).join(" \u2192 ");
      this.waits.append(make("p", `deadlock: ${around}`, "deadlock"));
    }
    this.waits.append(drawWaits(waits, cycle));
  }

  showSaid() {
    const said = (this.view.desk?.said ?? []).slice(-MOST_SAID);
    this.said.replaceChildren();
    if (said.length === 0) return;
    const words = { under_way: "\u2026 under way", heard: "\u2713 heard", given_up: "\u2717 given up" };
    const list = make("ol", "", "said");
    for (const { to, text, fate } of said) {
      const item = make("li", "", fate);
      item.append(make("span", words[fate], "fate"), make("span", `n${to}`, "muted"), apart(text));
      list.append(item);
    }
    this.said.append(make("h3", "Said"), list);
  }

  // What is to be done, to which node, and a text: as far as the line of the offer asks for it.
  composer() {
    const form = make("form");
    this.offers = make("select");
    this.offers.setAttribute("aria-label", "what to do");
    this.peers = make("select");
    this.peers.setAttribute("aria-label", "which node");
    for (const [place, _] of this.about.names.entries()) {
      if (place + 1 === this.node) continue;
      const option = make("option", this.name(place + 1));
      option.value = String(place + 1);
      this.peers.append(option);
    }
    this.text = make("input");
    this.text.setAttribute("aria-label", "text");
    this.text.autocomplete = "off";
    const button = make("button", "Send", "main");
    form.append(this.offers, this.peers, this.text, button);
    this.offers.addEventListener("change", () => this.showFields());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    return form;
  }

  showOffers() {
    const offers = [...(this.view.desk?.offers ?? []), { label: "A line", line: "{text}" }];
    const told = JSON.stringify(offers);
    if (told === this.toldOffers) return;
    this.toldOffers = told;
    const chosen = this.offers.value;
    this.offers.replaceChildren(...offers.map(({ label, line }) => {
      const option = make("option", label);
      option.value = line;
      return option;
    }));
    if (offers.some(({ line }) => line === chosen)) this.offers.value = chosen;
    this.showFields();
  }

  showFields() {
    this.peers.hidden = !this.offers.value.includes("{node}");
    this.text.hidden = !this.offers.value.includes("{text}");
  }

  async say() {
    const values = { node: this.peers.value, text: this.text.value };
    const line = this.offers.value.replace(/\{(node|text)\}/g, (_, name) => values[name]);
    if (await this.order({ order: "line", node: this.node, line })) this.text.value = "";
  }

  async order(order) {
    const refusal = await this.send(order);
    this.refused.textContent = refusal ?? "";
    return refusal === null;
  }
}

// The wait-for graph, its nodes on a circle.
function drawWaits(waits, cycle) {
  const nodes = [...new Set([...waits.flat(), ...cycle])].sort((one, other) => one - other);
  const [size, radius] = [Math.min(300, 130 + 14 * nodes.length), 13];
  const svg = document.createElementNS(SVG, "svg");
  const draw = (tag, attributes, text = "") => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    svg.append(element);
  };
  svg.setAttribute("class", "graph");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", waits.map(([from, to]) => `n${from} waits for n${to}`).join(", "));
  const place = (node) => {
    const angle = (2 * Math.PI * nodes.indexOf(node)) / nodes.length - Math.PI / 2;
    const reach = nodes.length > 1 ? size / 2 - radius - 4 : 0;
    return [size / 2 + reach * Math.cos(angle), size / 2 + reach * Math.sin(angle)];
  };
  const isOnCycle = (from, to) => cycle.some((node, nth) => node === from && cycle[(nth + 1) % cycle.length] === to);
  for (const [from, to] of waits.filter(([one, other]) => one !== other)) {
    const [[fromX, fromY], [toX, toY]] = [place(from), place(to)];
    const length = Math.hypot(toX - fromX, toY - fromY);
    const [x, y] = [(toX - fromX) / length, (toY - fromY) / length];
    const [endX, endY] = [toX - x * (radius + 2), toY - y * (radius + 2)];
    const name = isOnCycle(from, to) ? "cycle" : "";
    const line = (x1, y1, x2, y2) => draw("line", { x1, y1, x2, y2, class: name });
    line(fromX + x * radius, fromY + y * radius, endX, endY);
    for (const turn of [1, -1]) line(endX, endY, endX - 8 * x + 4 * turn * y, endY - 8 * y - 4 * turn * x);
  }
  for (const node of nodes) {
    const [cx, cy] = place(node);
    draw("circle", { cx, cy, r: radius, class: cycle.includes(node) ? "cycle" : "" });
    draw("text", { x: cx, y: cy }, `n${node}`);
  }
  return svg;
}
