// page.js - what the page does beyond being read: it plays the steps, and sorts its table.
"use strict";

(() => {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // ---- the table: a button in every head, which sorts by its column, once more the other way -----------------------------

  const value = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent.replace(/[\s%]/g, "");
    const number = Number(text);
    return text !== "" && !Number.isNaN(number) ? number : cell.textContent === "–" ? -Infinity : cell.textContent;
  };

  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // ---- the steps ---------------------------------------------------------------------------------------------------------

  const data = document.getElementById("film");
  if (!data) return;
  const film = JSON.parse(data.textContent);
  const svg = document.querySelector("#player svg");
  const said = document.getElementById("step-said");
  const [cells, points, centroids] = [...svg.children].filter((e) => e.localName === "g");
  const k = film.hue.length;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // Every frame whole: labels (null before the first (A)) and sites.
  let labels = null;
  let sites = null;
  const frames = film.frames.map((frame) => {
    if (frame.c) {
      labels = labels ? labels.slice() : new Int32Array(points.children.length);
      for (let i = 0; i < frame.c.length; i += 2) labels[frame.c[i]] = frame.c[i + 1];
    }
    sites = frame.m ?? sites;
    return { ...frame, labels, sites };
  });

  // What of a polygon is nearer to site a of m than to site b of it: x, y, h each.
  const nearer = (corners, m, a, b) => {
    const far = (p, i) => (p[0] - m[3 * i]) ** 2 + film.ratio * (p[1] - m[3 * i + 1]) ** 2 + m[3 * i + 2];
    const side = corners.map((p) => far(p, b) - far(p, a)); // linear in p
    if (b < a && side.every((s) => s === 0)) return []; // sites that are one: the first has all
    return corners.flatMap((p, i) => {
      const next = (i + 1) % corners.length;
      const cut = side[i] / (side[i] - side[next]);
      const crosses = side[i] < 0 !== side[next] < 0;
      const at = crosses ? [[p[0] + cut * (corners[next][0] - p[0]), p[1] + cut * (corners[next][1] - p[1])]] : [];
      return side[i] >= 0 ? [p, ...at] : at;
    });
  };

  const [left, top, width, height] = film.area;
  const all = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]];

  // The cell of i: the area, cut by the half-plane in which i is nearer than h, for every h.
  const cell = (m, i) => {
    let corners = all;
    for (let h = 0; h < k && corners.length; h++) if (h !== i) corners = nearer(corners, m, i, h);
    return corners;
  };

  // The regions after so many splits, each in the place of its first leaf.
  const regions = (splits) => {
    const found = film.hue.map(() => []);
    const first = (c) => (c >= 0 ? c : first(film.child[-2 * c]));
    const walk = (split, corners) => {
      for (const b of [0, 1]) {
        const side = nearer(corners, film.at, 2 * split + b, 2 * split + 1 - b);
        const child = film.child[2 * split + b];
        if (child < 0 && -child < splits) walk(-child, side);
        else found[first(child)] = side;
      }
    };
    if (splits) walk(0, all);
    else found[0] = all;
    return found;
  };

  const cellsOf = (frame) => (film.child ? regions(frame.t ?? 0) : film.hue.map((_, i) => cell(frame.sites, i)));

  const draw = (parent, name, attributes) => {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };

  const polygons = !film.cells ? [] : film.hue.map((hue) =>
    draw(cells, "polygon", { class: `f${film.hue0 + hue} s4`, "fill-opacity": 0.12, "stroke-width": 1.2 }));

  // J of every frame below the picture, from the least to the largest, and a dot that goes along it; the words say it too.
  const TALL = 56;
  const isAlike = (frame) => film.kind !== "batch" || frame.s !== "end"; // J of a batch is not that of all points
  const J = frames.map((frame) => (isAlike(frame) ? Number(frame.J) : NaN)); // NaN, too, where there is none or it is beyond binary64
  const known = J.filter((v) => !Number.isNaN(v));
  const least = Math.min(...known);
  const most = Math.max(...known);
  const placeOf = (i) => [left + (width * i) / (frames.length - 1), TALL - 8 - (most > least ? (TALL - 16) * (J[i] - least) / (most - least) : 0)];
  const fall = draw(svg.parentNode, "svg", { class: "kmu", "aria-hidden": "true", viewBox: `0 0 ${svg.viewBox.baseVal.width} ${TALL}` });
  draw(fall, "polyline", { class: `f0 s${film.hue0}`, "stroke-width": 2, points: J.flatMap((v, i) => (Number.isNaN(v) ? [] : [placeOf(i)])).join(" ") });
  const dot = draw(fall, "circle", { class: `f${film.hue0} s2`, r: 5, "stroke-width": 1.5 });

  const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;
  const words = (frame) => {
    const of = frame.J === undefined ? "" : `J\u00a0=\u00a0${frame.J}`;
    const t = frame.t;
    switch (frame.s) {
      case "start": return film.child ? `The start: all points are one part. ${of}` : "The start: centroids, and no labels yet.";
      case "A": return t === 1 ? `Turn 1 (A): every point goes to its nearest centroid. ${of}` : `Turn ${t} (A): ${count(frame.n, "point goes", "points go")} to another centroid. ${of}`;
      case "B": return `Turn ${t} (B): the centroids move to the means. ${of}`;
      case "batch": return `Batch ${t}: each centroid moves towards the mean of the drawn points that are nearest to it. Of the batch, ${of}`;
      case "split": return `Split ${t}: one part becomes two. ${of}`;
      case "jump": return film.kind === "turn" ? `Some turns later, turn ${t} (B): the centroids. ${of}` : `Some ${film.kind === "batch" ? "batches" : "splits"} later, ${film.kind} ${t}. ${of}`;
      default: return film.child ? `The end, after ${count(t, "split", "splits")}: every point is where the tree of splits sends it. ${of}` : `The end, after ${film.kind === "turn" ? count(t, "turn", "turns") : count(t, "batch", "batches")}: every point is with its nearest centroid. ${of}`;
    }
  };

  let at = frames.length - 1;
  let drawn = {};
  const range = make("input", { type: "range", min: 0, max: frames.length - 1, value: at });
  range.setAttribute("aria-label", "step");

  const show = (to) => {
    at = Math.min(Math.max(to, 0), frames.length - 1);
    const frame = frames[at];
    if (frame.labels !== drawn.labels)
      [...points.children].forEach((p, j) => p.setAttribute("class", frame.labels ? `f${film.hue0 + film.hue[frame.labels[j]]}` : "f4"));
    if (frame.sites !== drawn.sites) {
      [...centroids.children].forEach((c, i) => {
        c.toggleAttribute("hidden", frame.sites[3 * i + 2] < 0);
        c.setAttribute("cx", frame.sites[3 * i]);
        c.setAttribute("cy", frame.sites[3 * i + 1]);
      });
      if (polygons.length) cellsOf(frame).forEach((corners, i) => polygons[i].setAttribute("points", corners.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ")));
    }
    drawn = frame;
    dot.toggleAttribute("hidden", Number.isNaN(J[at]));
    if (!Number.isNaN(J[at])) [dot.cx.baseVal.value, dot.cy.baseVal.value] = placeOf(at);
    range.value = at;
    range.setAttribute("aria-valuetext", words(frame));
    said.textContent = words(frame);
    said.dataset.j = frame.J ?? "";
    said.dataset.step = frame.s;
  };

  let timer = 0; // while it plays nothing is said aloud, or one step would be said into the other
  const play = make("button", { type: "button", textContent: "Play" });
  const pause = () => {
    clearInterval(timer);
    timer = 0;
    said.setAttribute("aria-live", "polite");
    play.textContent = "Play";
  };
  const step = (by) => () => {
    pause();
    show(at + by);
  };
  play.addEventListener("click", () => {
    if (timer) return pause();
    if (at === frames.length - 1) show(0);
    play.textContent = "Pause";
    said.setAttribute("aria-live", "off");
    timer = setInterval(() => {
      if (at + 2 === frames.length) pause();
      show(at + 1);
    }, still.matches ? 1500 : 700);
  });
  range.addEventListener("input", () => {
    pause();
    show(Number(range.value));
  });

  const button = (text, label, act) => {
    const made = make("button", { type: "button", textContent: text });
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const controls = make("div", { className: "controls" },
    button("|◀", "to the start", step(-Infinity)), button("◀", "a step back", step(-1)), play,
    button("▶", "a step forward", step(1)), button("▶|", "to the end", step(Infinity)), range);
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", "steps");
  said.before(controls);
  show(at);
})();
