// Answer boxes: judge what is typed as `check` does in a notebook, without a kernel.
// tools/site/answers.py writes <div class="answer" data-exercise="…"> with the salted
// hashes of course_lib/page/exercises.json; tests/page/verdicts.json holds this script
// and course_lib/page/exercise.py to the same verdicts. Over plain http
// a browser has no crypto.subtle, so SHA-256 is here.
(() => {
  "use strict";

  // SHA-256 (FIPS 180-4) ---------------------------------------------------------

  const primes = (n) => {
    const found = [];
    for (let p = 2; found.length < n; p++)
      if (found.every((q) => p % q)) found.push(p);
    return found;
  };
  const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
  const START = primes(8).map((p) => fraction(p ** (1 / 2)));
  const ROUND = primes(64).map((p) => fraction(Math.cbrt(p)));
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  const sha256 = (text) => {
    const message = new TextEncoder().encode(text);
    const length = Math.ceil((message.length + 9) / 64) * 64;
    const bytes = new Uint8Array(length);
    bytes.set(message);
    bytes[message.length] = 0x80;
    const data = new DataView(bytes.buffer);
    data.setUint32(length - 4, message.length * 8);
    const state = START.slice();
    for (let at = 0; at < length; at += 64) {
      const w = Array.from({ length: 16 }, (_, i) => data.getInt32(at + 4 * i));
      for (let i = 16; i < 64; i++) {
        const a = w[i - 15], b = w[i - 2];
        const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
        const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
        const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] = (state[i] + x) | 0; });
    }
    return state.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
  };

  // What is typed ----------------------------------------------------------------

  // "1,024" may be a thousand and 24, or 1.024: then there are two readings.
  const decimals = (text) => {
    const commas = text.split(",").length - 1, dots = text.split(".").length - 1;
    const grouped = /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text);
    const readings = [];
    if (grouped) readings.push(text.replaceAll(",", ""));
    if (dots + commas <= 1) readings.push(text.replace(",", "."));
    if (/^[1-9]\d{0,2}(\.\d{3})+,\d*$/.test(text))
      readings.push(text.replaceAll(".", "").replace(",", "."));
    return [...new Set(readings)];
  };

  const PART = /^([+-]?)(\d[\d.,]*|[.,]\d+)(e[+-]?\d+)?$/i;
  const numbers = (text) => {
    const plain = text.trim().replace(/[−–‒]/g, "-")
      .replace(/(\d)\s(?=\d{3}(?!\d))/g, "$1").replace(/\s*([-+/])\s*/g, "$1");
    const special = /^([+-]?)(?:(nan)|inf|infinity|∞)$/i.exec(plain);
    if (special) return [special[2] ? NaN : special[1] === "-" ? -Infinity : Infinity];
    const parts = plain.split("/").map((part) => {
      const found = PART.exec(part);
      return found ? decimals(found[2]).map((m) => Number(found[1] + m + (found[3] || "")))
        : [];
    });
    if (parts.length === 1) return parts[0];
    return parts.length === 2 ? parts[0].flatMap((a) => parts[1].map((b) => a / b)) : [];
  };

  // All that a text may mean; nothing if it is no number where one is asked for.
  const readings = (text, isWord) => {
    if (isWord) return [text];
    const truth = /^\s*(true|false)\s*$/i.exec(text);
    return truth ? [truth[1].toLowerCase() === "true"] : numbers(text);
  };

  // Verdicts: as in course_lib/page/exercise.py -----------------------------------

  // To the nearest whole number, and to the even one of two, as in Python.
  const round = (u) => {
    const low = Math.floor(u), rest = u - low;
    return BigInt(rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1);
  };

  // As Python writes a float.
  const written = (u) => {
    if (Number.isNaN(u)) return "nan";
    if (!Number.isFinite(u)) return u < 0 ? "-inf" : "inf";
    const size = Math.abs(u);
    if (size >= 1e-4 && size < 1e16) return Number.isInteger(u) ? `${u}.0` : `${u}`;
    return u.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  };

  // The texts that a value may stand for; the first is its own.
  const spellings = (value, digits) => {
    if (typeof value === "string")
      return [value.toLowerCase().split(/\s+/).filter(Boolean).join(" ")];
    const scale = Number(`1e${digits}`);
    if (typeof value === "boolean")
      return [value ? "True" : "False", `${value ? scale : 0}`];
    if (!(Math.abs(value) < 1e300)) return [written(value)];
    const u = value * scale, whole = round(u);
    const off = Math.abs(u - Number(whole));
    if (!digits && off > Math.max(1e-9 * Math.max(Math.abs(u), Math.abs(Number(whole))), 1e-9))
      return [written(u)];
    return (digits ? [0n, -1n, 1n] : [0n]).map((nudge) => `${whole + nudge}`);
  };

  const digest = (name, place, text) => sha256(`${name}/${place}/${text}`).slice(0, 12);

  // The place of the first wrong value (-1: all are right), and what helps.
  const judge = (exercise, values) => {
    const { name, digits, answer, hint, mistakes } = exercise;
    const wrong = answer.findIndex((code, i) => !values[i].some((value) =>
      spellings(value, digits).some((text) => digest(name, i, text) === code)));
    const whole = (last) =>
      values.map((all) => spellings(all.at(last), digits)[0]).join(" ");
    const known = [0, -1].map((last) => mistakes[digest(name, "all", whole(last))]);
    return { wrong, hint: known.find(Boolean) || hint };
  };

  // What is remembered: a browser may forbid it, then nothing is. --------------------

  const key = (name) => `answer/${name}`;
  const recall = (name) => {
    try {
      return JSON.parse(localStorage.getItem(key(name))) || {};
    } catch {
      return {};
    }
  };
  const remember = (name, record) => {
    try {
      if (record) localStorage.setItem(key(name), JSON.stringify(record));
      else localStorage.removeItem(key(name));
    } catch { /* forbidden */ }
  };

  // The box ------------------------------------------------------------------------

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    node.append(...children);
    return node;
  };

  class Box {
    constructor(place, exercise, changed) {
      Object.assign(this, { exercise, changed, done: false });
      this.id = `answer-${exercise.name}`;
      this.said = make("p", { class: "answer-said", role: "status", id: `${this.id}-said` });
      this.about = this.said.id;
      const form = make("form", { class: "answer-form", novalidate: "" });
      if (exercise.question) {
        const id = `${this.id}-question`;
        form.append(make("p", { class: "answer-question", id }, exercise.question));
        this.about = `${id} ${this.about}`;
      }
      this.values = exercise.answer.map((_, i) =>
        exercise.choices ? this.choice(i) : this.input(i));
      const values = make("div", { class: "answer-values" },
        ...this.values.map((value) => value.node));
      if (exercise.columns) values.style.setProperty("--columns", exercise.columns);
      values.classList.toggle("answer-grid", Boolean(exercise.columns));
      values.classList.toggle("answer-rows", Boolean(exercise.choices));
      if (this.values.length > 1) {
        values.setAttribute("role", "group");
        values.setAttribute("aria-label", "Your answer");
      }
      form.append(make("div", { class: "answer-line" }, values,
        make("button", { type: "submit" }, "Check")), this.said);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.check();
      });
      form.addEventListener("input", () => this.say());
      place.append(form);
      place.classList.add("answer-ready");
      const { typed, done } = recall(exercise.name);
      if (Array.isArray(typed) && typed.length === this.values.length) {
        this.values.forEach((value, i) => value.set(String(typed[i])));
        this.check(done);
      }
    }

    label(i) {
      return this.exercise.labels ? this.exercise.labels[i] : "Your answer";
    }

    input(i) {
      const id = `${this.id}-${i}`;
      const field = make("input", {
        id, type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
        "aria-describedby": this.about,
      });
      const node = make("div", { class: "answer-value" },
        make("label", { for: id }, this.label(i)), field);
      return {
        node, marked: field, focus: () => field.focus(),
        get: () => field.value.trim(), set: (text) => { field.value = text; },
      };
    }

    choice(i) {
      const id = `${this.id}-${i}`;
      const fields = this.exercise.choices.map((value) =>
        make("input", { type: "radio", name: id, value }));
      const node = make("div",
        { class: "answer-value", role: "radiogroup", "aria-labelledby": id,
          "aria-describedby": this.about },
        make("span", { id, class: "answer-label" }, this.label(i)),
        ...fields.map((field) => make("label", {}, field, field.value)));
      return {
        node, marked: node, focus: () => fields[0].focus(),
        get: () => (fields.find((field) => field.checked) || { value: "" }).value,
        set: (text) => { fields.forEach((field) => { field.checked = field.value === text; }); },
      };
    }

    check(done = false) {
      const { name, words = [] } = this.exercise;
      const typed = this.values.map((value) => value.get());
      const missing = typed.indexOf("");
      if (missing >= 0) {
        if (typed.every((text) => !text)) this.keep(null, false);
        const what = this.values.length > 1 ? ` for ${this.label(missing)}` : "";
        this.say("open", `There is no answer${what} yet.`, missing);
        this.values[missing].focus();
        return;
      }
      const values = typed.map((text, i) => readings(text, words.includes(i)));
      const unread = values.findIndex((all) => !all.length);
      if (unread >= 0) {
        this.say("wrong", `“${typed[unread]}” is not a number that can be read here. ` +
          "Write it like −0.25, 1/4 or 3e-4.", unread);
        return;
      }
      const { wrong, hint } = judge(this.exercise, values);
      this.keep(typed, done || this.done || wrong < 0);
      const which = values.length > 1 ? ` First wrong value: ${this.label(wrong)}.` : "";
      if (wrong < 0) this.say("right", "Right.");
      else this.say("wrong", `Not yet.${which} ${hint}`, wrong);
    }

    keep(typed, done) {
      this.done = done;
      remember(this.exercise.name, typed && { typed, done });
      this.changed();
    }

    say(mood = "", sentence = "", place = -1) {
      this.said.dataset.mood = mood;
      this.said.textContent = sentence;
      this.values.forEach((value, i) => {
        if (i === place && mood === "wrong") value.marked.setAttribute("aria-invalid", "true");
        else value.marked.removeAttribute("aria-invalid");
      });
    }
  }

  // How many exercises of the page are done, under the heading of the exercises.
  const tally = () => {
    const section = document.getElementById("exercises");
    if (!section) return () => {};
    const heading = section.matches("section") ? section.querySelector("h2, h3") : section;
    const dots = make("span", { class: "answers-dots", "aria-hidden": "true" });
    const words = make("span", {});
    heading.after(make("p", { class: "answers-done" }, dots, words));
    return (boxes) => {
      const done = boxes.filter((box) => box.done).length;
      dots.replaceChildren(...boxes.map((box) => make("i", box.done ? { class: "done" } : {})));
      words.textContent =
        `${done} of ${boxes.length} exercise${boxes.length === 1 ? "" : "s"} done`;
    };
  };

  const start = () => {
    const boxes = [];
    const places = [...document.querySelectorAll(".answer[data-exercise]")];
    let show = () => {};
    for (const place of places) {
      const exercise = JSON.parse(place.dataset.exercise);
      if (exercise.answer) boxes.push(new Box(place, exercise, () => show(boxes)));
      else place.append(make("p", { class: "answer-notebook" }, "Answer this one in the notebook."));
    }
    if (boxes.length) show = tally();
    show(boxes);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
