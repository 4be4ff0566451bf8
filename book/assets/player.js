/* Moves every <figure class="player"> of the page; course_lib/page/player.py writes them. */
(() => {
  "use strict";

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const ICONS = {
    Play: "M4 2l10 6-10 6z",
    Pause: "M3 2h4v12H3zM9 2h4v12H9z",
    "Step back": "M3 2h2v12H3zM13 2v12L6 8z",
    "Step forward": "M11 2h2v12h-2zM3 2v12l7-6z",
  };

  const ARROWHEAD = "M8,0L-6,-6V6Z"; // as in course_lib/page/shapes.py

  // One speed for all players, remembered during the visit where the browser allows it.
  const SPEEDS = [0.5, 1, 2];
  const players = [];
  const memory = (() => {
    try { return window.sessionStorage; } catch { return {}; }
  })();
  let speed = SPEEDS.find((s) => `${s}` === memory.playerSpeed) ?? 1;
  const setSpeed = (value) => {
    speed = value;
    try { memory.playerSpeed = value; } catch { /* this page alone */ }
    for (const player of players) player.hasten();
  };

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.append(...children);
    return node;
  };

  const marked = (tag, attributes, html) => {
    const node = make(tag, attributes);
    node.innerHTML = html; // written, and escaped, by course_lib
    return node;
  };

  const relabel = (button, label) => {
    button.setAttribute("aria-label", label);
    button.title = label;
    button.innerHTML =
      `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[label]}"/></svg>`;
  };

  const longest = (texts) => texts.reduce((a, b) => (b.length > a.length ? b : a));
  const wide = (texts) => `${longest(texts).length}ch`;

  // ["a", "b"], "0,,1": the value of each frame; an empty place repeats.
  const unpack = (values, codes) => {
    let value;
    return codes.split(",").map((code) => (code ? (value = values[code]) : value));
  };

  const set = (node, key, value) => {
    if (key === "text") node.innerHTML = value;
    else if (value === null) node.removeAttribute(key);
    else node.setAttribute(key, value);
  };

  // The picture comes as an image; what shall move must be a part of the page.
  const unpacked = (image) => {
    const text = decodeURIComponent(image.src.replace(/^.*?,/, ""));
    const picture = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    picture.setAttribute("aria-label", image.alt);
    image.replaceWith(picture);
    return picture.getAttribute("style");
  };

  class Player {
    constructor(figure) {
      const data = JSON.parse(figure.querySelector("script").textContent);
      this.figure = figure;
      this.colors = unpacked(figure.querySelector("img"));
      this.tracks = data.tracks.map(([name, key, values, codes]) => ({
        node: this.shape(name), key, values: unpack(values, codes),
      }));
      this.captions = unpack(...data.captions);
      this.readings = data.readings.map((packed) => unpack(...packed));
      this.sizes = data.controls.map(([, , values]) => values.length);
      this.time = data.time;
      this.rate = data.rate;
      this.at = data.start;
      this.build(data);
      this.draw();
      players.push(this);
      // Paper shows the still, unless the reader has chosen a frame.
      const start = `${data.start}`;
      addEventListener("beforeprint", () => {
        if (`${this.at}` === start) this.show(this.printed = data.still);
      });
      addEventListener("afterprint", () => {
        if (this.printed) this.show(start.split(",").map(Number));
        this.printed = null;
      });
    }

    shape(name, key = "name") {
      return this.figure.querySelector(`[data-${key}="${CSS.escape(name)}"]`);
    }

    build({ controls, choices, groups, clock }) {
      const panel = make("div", { class: "player-panel" });
      this.inputs = controls.map((control, k) =>
        this.control(control, choices[k], k === this.time ? clock : ["", ""], k));
      // What the controls say, on paper.
      this.paper = make("p", { class: "player-paper" });
      if (this.time >= 0) panel.append(this.bar());
      const rows = this.inputs.filter((input, k) => k !== this.time);
      if (rows.length) {
        panel.append(make("div", { class: "player-controls" }, ...rows.map((i) => i.row)));
      }
      this.legend = groups.map(([label, name, names], k) => this.group(label, name, names, k));
      this.names = groups.map(([, name]) => name);
      const read = this.readings.some((values) => values.some(Boolean));
      if (groups.length) {
        const look = read ? {
          class: "player-groups player-readings",
          style: `--chip: ${wide(groups.map(([, name], k) => name + longest(this.readings[k])))}`,
        } : { class: "player-groups" };
        panel.append(make("div", { ...look, role: "group", "aria-label": "Show" },
          ...this.legend.map(({ box }) => box)));
      }
      this.status = this.time >= 0 ? this.inputs[this.time].output : null;
      this.spoken = this.captions.some(Boolean);
      if (!this.spoken && read) {
        this.status = make("p", { class: "player-heard" });
        panel.append(this.status);
      } else if (this.spoken) {
        // The longest caption, unseen, keeps the room.
        this.status = make("span", {});
        panel.append(make("p", { class: "player-now" },
          marked("span", { "aria-hidden": "true" }, longest(this.captions)), this.status));
      }
      panel.append(this.paper);
      this.figure.insertBefore(panel, this.figure.querySelector("figcaption"));
      this.figure.addEventListener("keydown", (event) => this.key(event));
    }

    control([html, name, values], choice, [clock, said], k) {
      const box = choice && values.join() === "no,yes"; // a box to tick
      const input = box
        ? make("input", { type: "checkbox", "aria-label": name })
        : choice
        ? make("select", { "aria-label": name },
          ...values.map((value, n) => make("option", { value: n }, value)))
        : make("input", { type: "range", min: 0, max: values.length - 1, "aria-label": name });
      const output = make("output", { "aria-live": "off" });
      input.addEventListener("input", () => {
        if (k === this.time) this.pause();
        this.go(k, Number(box ? input.checked : input.value));
      });
      const row = make("label", {}, marked("span", {}, html), input);
      if (!choice) row.append(output);
      return {
        input, output, row, name,
        shown: values.map((value) => clock + value), said: values.map((value) => said + value),
      };
    }

    bar() {
      const { input, output, said } = this.inputs[this.time];
      const button = (label, act) => {
        const node = make("button", { type: "button" });
        relabel(node, label);
        node.addEventListener("click", act);
        return node;
      };
      this.button = button("Play", () => this.toggle());
      this.button.className = "player-play";
      this.pace = make("select", { class: "player-speed", "aria-label": "Speed", title: "Speed" },
        ...SPEEDS.map((value) => make("option", { value }, value < 1 ? "½×" : `${value}×`)));
      this.pace.value = speed;
      this.pace.addEventListener("input", () => setSpeed(Number(this.pace.value)));
      output.style.minWidth = wide(said);
      return make("div", { class: "player-bar" },
        button("Step back", () => this.step(-1)), this.button,
        button("Step forward", () => this.step(1)), input, output, this.pace);
    }

    hasten() {
      if (!this.pace) return;
      this.pace.value = speed;
      if (this.timer) this.tick();
    }

    group(label, name, names, k) {
      const nodes = names.map((name) => this.shape(name));
      const box = make("input", { type: "checkbox", checked: "", "aria-label": name });
      box.addEventListener("change", () => {
        for (const node of nodes) node.style.display = box.checked ? "" : "none";
      });
      const look = ["stroke", "stroke-width", "stroke-dasharray"].map(
        (key) => `${key}="${nodes[0].getAttribute(key) ?? "none"}"`);
      const head = this.shape(names[0], "on")?.cloneNode();
      if (head) {
        head.setAttribute("d", head.dataset.outline);
        head.setAttribute("transform", "translate(14,4)");
        for (const key in head.dataset) delete head.dataset[key];
      }
      const swatch = marked("span", {}, `<svg viewBox="0 0 28 8" width="28" aria-hidden="true"
        style="${this.colors}"><path d="M0 4h28" ${look.join(" ")}/>${head?.outerHTML ?? ""}</svg>`);
      const output = make("output", { "aria-live": "off" });
      output.style.minWidth = wide(this.readings[k]);
      const row = make("label", {}, box, swatch, marked("span", {}, label), output);
      return { box: row, output };
    }

    draw() {
      const frame = this.at.reduce((sum, at, k) => sum * this.sizes[k] + at, 0);
      for (const track of this.tracks) {
        const value = track.values[frame];
        if (value === track.drawn) continue;
        track.drawn = value;
        if (track.key === "points" || track.key === "upto") this.trim(track.node);
        else set(track.node, track.key, value);
      }
      this.inputs.forEach(({ input, output, shown, said }, k) => {
        if (input.type === "checkbox") input.checked = this.at[k] === 1;
        else input.value = this.at[k];
        output.innerHTML = shown[this.at[k]];
        if (input.type === "range") input.setAttribute("aria-valuetext", said[this.at[k]]);
      });
      this.legend.forEach(({ output }, k) => { output.textContent = this.readings[k][frame]; });
      const told = this.inputs.map(({ said, name }, k) =>
        k === this.time ? said[this.at[k]] : `${name}: ${said[this.at[k]]}`);
      this.paper.textContent = told.join(" · ");
      this.caption = this.spoken ? this.captions[frame] : [told[this.time],
        ...this.names.map((name, k) => `${name} ${this.readings[k][frame]}`)].join(", ");
      this.say();
    }

    // Draws `upto` points of a line, and what sits at its end.
    trim(node) {
      const now = (key) => this.tracks.find((t) => t.node === node && t.key === key)?.drawn;
      const points = (now("points") || "").split(" ").slice(0, now("upto") ?? undefined);
      node.setAttribute("points", points.join(" "));
      const head = this.shape(node.dataset.name, "on");
      if (head) this.place(head, points.at(-1).split(",").map(Number));
    }

    // Moves a head to a point; beyond the axes it is an arrowhead at their edge.
    place(head, point) {
      const box = head.ownerSVGElement;
      const size = [box.width, box.height].map((length) => length.baseVal.value);
      const edge = point.map((p, k) => Math.max(0, Math.min(size[k], p)));
      const [x, y] = point.map((p, k) => (p > size[k] + 0.5) - (p < -0.5));
      const out = x || y;
      const at = out ? [edge[0] - 8 * x, edge[1] - 8 * y] : edge;
      const angle = Math.round(Math.atan2(y, x) * 180 / Math.PI);
      head.setAttribute("d", out ? ARROWHEAD : head.dataset.outline);
      head.setAttribute("transform", `translate(${at})${out ? ` rotate(${angle})` : ""}`);
    }

    // Read aloud when the reader moves a frame, and when play ends.
    say() {
      if (!this.status) return;
      this.status.setAttribute("aria-live", this.timer ? "off" : "polite");
      const own = this.status.matches("output");
      this.status.innerHTML = own ? this.status.innerHTML : this.caption;
    }

    show(at) {
      this.at = [...at];
      this.draw();
    }

    go(k, position) {
      this.at[k] = Math.max(0, Math.min(this.sizes[k] - 1, position));
      this.draw();
    }

    step(by) {
      this.pause();
      this.go(this.time, this.at[this.time] + by);
    }

    toggle() {
      this.timer ? this.pause() : this.play();
    }

    play() {
      const last = this.sizes[this.time] - 1;
      this.tick();
      if (this.at[this.time] === last) this.go(this.time, 0);
      relabel(this.button, "Pause");
      this.say();
    }

    tick() {
      const last = this.sizes[this.time] - 1;
      // Reduced motion: about eight stills, one a second.
      const slow = calm.matches && this.rate > 2;
      const stride = slow ? Math.ceil(last / 8) : 1;
      clearInterval(this.timer);
      this.timer = setInterval(() => {
        this.go(this.time, this.at[this.time] + stride);
        if (this.at[this.time] === last) this.pause();
      }, 1000 / speed / (slow ? 1 : this.rate));
    }

    pause() {
      if (!this.timer) return;
      clearInterval(this.timer);
      this.timer = null;
      relabel(this.button, "Play");
      this.say();
    }

    key(event) {
      const { key, target } = event;
      if (this.time < 0 || event.ctrlKey || event.metaKey || event.altKey
        || target.matches("select")) return;
      const slider = target.matches("input[type=range]");
      const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
      if (key === "k" || (key === " " && slider)) this.toggle();
      else if (key in moves && !slider) this.step(moves[key]);
      else return;
      event.preventDefault();
    }
  }

  const start = () =>
    document.querySelectorAll("figure.player").forEach((figure) => new Player(figure));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
