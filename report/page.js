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
  const MOST_CELLS = 100;
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

  // The cell of i: the area, cut by the half-plane in which i is nearer than h, for every h.
  const cell = (m, i) => {
    const [x, y, width, height] = film.area;
    let corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
    const far = (p, a) => (p[0] - m[a]) ** 2 + film.ratio * (p[1] - m[a + 1]) ** 2 + m[a + 2];
    for (let h = 0; h < k && corners.length; h++) {
      if (h === i) continue;
      const side = corners.map((p) => far(p, 3 * h) - far(p, 3 * i)); // linear in p
      corners = corners.flatMap((p, a) => {
        const b = (a + 1) % corners.length;
        const cut = side[a] / (side[a] - side[b]);
        const crosses = side[a] < 0 !== side[b] < 0;
        const at = crosses ? [[p[0] + cut * (corners[b][0] - p[0]), p[1] + cut * (corners[b][1] - p[1])]] : [];
        return side[a] >= 0 ? [p, ...at] : at;
      });
    }
    return corners.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ");
  };

  const polygons = k > MOST_CELLS ? [] : film.hue.map((hue) => {
    const polygon = document.createElementNS(svg.namespaceURI, "polygon");
    polygon.setAttribute("class", `f${film.hue0 + hue} s4`);
    polygon.setAttribute("fill-opacity", "0.12");
    polygon.setAttribute("stroke-width", "1.2");
    cells.append(polygon);
    return polygon;
  });

  const words = (frame) => {
    const J = frame.J === undefined ? "" : `J\u00a0=\u00a0${frame.J}`;
    switch (frame.s) {
      case "start": return "The start: centroids, and no labels yet.";
      case "A": return frame.t === 1 ? `Turn 1 (A): every point goes to its nearest centroid. ${J}` : `Turn ${frame.t} (A): ${frame.n} ${frame.n === 1 ? "point goes" : "points go"} to another centroid. ${J}`;
      case "B": return `Turn ${frame.t} (B): the centroids move to the means. ${J}`;
      case "jump": return `Some turns later, turn ${frame.t} (B): the centroids. ${J}`;
      default: return `The end, after ${frame.t} ${frame.t === 1 ? "turn" : "turns"}: every point is with its nearest centroid. ${J}`;
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
        c.setAttribute("cx", frame.sites[3 * i]);
        c.setAttribute("cy", frame.sites[3 * i + 1]);
      });
      polygons.forEach((p, i) => p.setAttribute("points", cell(frame.sites, i)));
    }
    drawn = frame;
    range.value = at;
    range.setAttribute("aria-valuetext", words(frame));
    said.textContent = words(frame);
    said.dataset.j = frame.J ?? "";
    said.dataset.step = frame.s;
  };

  let timer = 0;
  const play = make("button", { type: "button", textContent: "Play" });
  const pause = () => {
    clearInterval(timer);
    timer = 0;
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
    timer = setInterval(() => {
      show(at + 1);
      if (at === frames.length - 1) pause();
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
