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
      this.sizes = data.controls.map(([, , values]) => values.length);
      this.time = data.time;
      this.rate = data.rate;
      this.at = data.start;
      this.build(data);
      this.draw();
      // Paper shows the end.
      addEventListener("beforeprint", () => this.at[this.time] === 0 && this.go(this.time, 1e9));
    }

    shape(name, key = "name") {
      return this.figure.querySelector(`[data-${key}="${CSS.escape(name)}"]`);
    }

    build({ controls, choices, groups }) {
      const panel = make("div", { class: "player-panel" });
      this.inputs = controls.map((control, k) => this.control(control, k, choices[k]));
      if (this.time >= 0) panel.append(this.bar());
      const rows = this.inputs.filter((input, k) => k !== this.time);
      if (rows.length) {
        panel.append(make("div", { class: "player-controls" }, ...rows.map((i) => i.row)));
      }
      if (groups.length) {
        const boxes = groups.map(([label, names]) => this.group(label, names));
        panel.append(make("div",
          { class: "player-groups", role: "group", "aria-label": "Show" }, ...boxes));
      }
      this.status = this.time >= 0 ? this.inputs[this.time].output : null;
      this.spoken = this.captions.some(Boolean);
      if (this.spoken) {
        // The longest caption, unseen, keeps the room.
        const longest = this.captions.reduce((a, b) => (b.length > a.length ? b : a));
        this.status = make("span", {});
        panel.append(make("p", { class: "player-now" },
          marked("span", { "aria-hidden": "true" }, longest), this.status));
      }
      this.figure.insertBefore(panel, this.figure.querySelector("figcaption"));
      this.figure.addEventListener("keydown", (event) => this.key(event));
    }

    control([html, name, values], k, choice) {
      const input = choice
        ? make("select", { "aria-label": name },
          ...values.map((value, n) => make("option", { value: n }, value)))
        : make("input", { type: "range", min: 0, max: values.length - 1, "aria-label": name });
      const output = make("output", { "aria-live": "off" });
      input.addEventListener("input", () => {
        if (k === this.time) this.pause();
        this.go(k, Number(input.value));
      });
      const prefix = k === this.time ? `${name} ` : "";
      const row = make("label", {}, marked("span", {}, html), input);
      if (!choice) row.append(output);
      return { input, output, row, shown: values.map((value) => prefix + value) };
    }

    bar() {
      const { input, output, shown } = this.inputs[this.time];
      const button = (label, act) => {
        const node = make("button", { type: "button" });
        relabel(node, label);
        node.addEventListener("click", act);
        return node;
      };
      this.button = button("Play", () => this.toggle());
      output.style.minWidth = `${Math.max(...shown.map((text) => text.length))}ch`;
      return make("div", { class: "player-bar" },
        button("Step back", () => this.step(-1)), this.button,
        button("Step forward", () => this.step(1)), input, output);
    }

    group(label, names) {
      const nodes = names.map((name) => this.shape(name));
      const box = make("input", { type: "checkbox", checked: "" });
      box.addEventListener("change", () => {
        for (const node of nodes) node.style.display = box.checked ? "" : "none";
      });
      const look = ["stroke", "stroke-width", "stroke-dasharray"].map(
        (key) => `${key}="${nodes[0].getAttribute(key) ?? "none"}"`);
      const head = this.shape(names[0], "on")?.outerHTML
        .replace(/ data.*translate[^)]*/, ' transform="translate(14,4') ?? "";
      const swatch = marked("span", {}, `<svg viewBox="0 0 28 8" width="28" aria-hidden="true"
        style="${this.colors};overflow:visible"><path d="M0 4h28" ${look.join(" ")}/>${head}</svg>`);
      return make("label", {}, box, swatch, marked("span", {}, label));
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
      this.inputs.forEach(({ input, output, shown }, k) => {
        input.value = this.at[k];
        output.textContent = shown[this.at[k]];
        if (input.type === "range") input.setAttribute("aria-valuetext", shown[this.at[k]]);
      });
      this.caption = this.captions[frame];
      this.say();
    }

    // Draws `upto` points of a line, and what sits at its end.
    trim(node) {
      const now = (key) => this.tracks.find((t) => t.node === node && t.key === key)?.drawn;
      const points = (now("points") || "").split(" ").slice(0, now("upto") ?? undefined);
      node.setAttribute("points", points.join(" "));
      this.shape(node.dataset.name, "on")?.setAttribute("transform", `translate(${points.at(-1)})`);
    }

    // Read aloud when the reader moves a frame, and when play ends.
    say() {
      if (!this.status) return;
      this.status.setAttribute("aria-live", this.timer ? "off" : "polite");
      this.status.innerHTML = this.spoken ? this.caption : this.status.textContent;
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
      // Reduced motion: about eight stills, one a second.
      const slow = calm.matches && this.rate > 2;
      const stride = slow ? Math.ceil(last / 8) : 1;
      this.timer = setInterval(() => {
        this.go(this.time, this.at[this.time] + stride);
        if (this.at[this.time] === last) this.pause();
      }, slow ? 1000 : 1000 / this.rate);
      if (this.at[this.time] === last) this.go(this.time, 0);
      relabel(this.button, "Pause");
      this.say();
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
