"use strict";
// Everything on this page comes from data.js and from files beside it: text is set as text, never as HTML.
const [FILE, URL_OF, STATE, TAKEN, BOXES, ERROR] = [0, 1, 2, 3, 4, 5];
const [X, Y, W, H, SCORE, CLASS, LABEL] = [0, 1, 2, 3, 4, 5, 6];
const STATES = {done: "with animals or people", empty: "empty", failed: "failed", pending: "pending"};
const GAP = 12;
const CAPTION = 58;
const data = window.AD;
const $ = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");
const make = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.textContent = text;
  return node;
};

// ---- what there is ----

const images = data.images.map((row, index) => {
  const slash = row[FILE].lastIndexOf("/");
  return {
    index, file: row[FILE], url: data.base + (row[URL_OF] || row[FILE]), state: row[STATE], taken: row[TAKEN],
    boxes: row[BOXES], error: row[ERROR], folder: slash < 0 ? "." : row[FILE].slice(0, slash),
    name: row[FILE].slice(slash + 1), labels: [...new Set(row[BOXES].map((box) => box[LABEL]))],
    best: row[BOXES].reduce((best, box) => Math.max(best, box[SCORE]), 0),
  };
});
const filter = {states: new Set(), species: new Set(), folders: new Set(), score: 0, text: "", day: null, hour: null};
let shown = images;
let current = 0; // of `shown`: what has the focus

// ---- filters ----

const matches = (image, without) =>
  (without === "states" || !filter.states.size || filter.states.has(image.state)) &&
  (without === "species" || !filter.species.size || image.labels.some((label) => filter.species.has(label))) &&
  (without === "folders" || !filter.folders.size || filter.folders.has(image.folder)) &&
  (without === "score" || !filter.score || image.best >= filter.score) &&
  (without === "day" || filter.day === null || image.taken.slice(0, 10) === filter.day) &&
  (without === "hour" || filter.hour === null || image.taken.slice(11, 13) === filter.hour) &&
  (!filter.text || image.file.toLowerCase().includes(filter.text) ||
   image.labels.some((label) => label.toLowerCase().includes(filter.text)));

const tally = (without, keys) => {
  const counts = new Map();
  for (const image of images)
    if (matches(image, without)) for (const key of keys(image)) counts.set(key, (counts.get(key) || 0) + 1);
  return counts;
};

const toggle = (set, value) => {
  if (!set.delete(value)) set.add(value);
  refresh();
};

const svg = (tag, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

// Bars of equal width over the whole of `node`; `pick` makes them buttons.
const bars = (node, values, titles, picked, pick) => {
  const most = Math.max(1, ...values);
  const width = 100 / Math.max(1, values.length);
  node.setAttribute("viewBox", "0 0 100 40");
  node.setAttribute("preserveAspectRatio", "none");
  node.replaceChildren(...values.map((value, index) => {
    const height = value ? Math.max(1.5, 38 * value / most) : .6;
    const bar = svg("rect", {x: index * width + width * .08, y: 40 - height, width: width * .84, height,
                             fill: "currentColor", opacity: picked === null || picked === index ? 1 : .3});
    if (titles) bar.append(Object.assign(svg("title", {}), {textContent: `${titles[index]}: ${number(value)}`}));
    if (pick) {
      bar.style.cursor = "pointer";
      bar.addEventListener("click", () => pick(index));
    }
    return bar;
  }));
  if (pick) node.onkeydown = keysOf(values, picked, pick);
};

// Arrows pick the next bar that is not empty; Escape lets it go.
const keysOf = (values, picked, pick) => (event) => {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (by === undefined && (event.key !== "Escape" || picked === null)) return;
  event.preventDefault();
  let index = picked === null ? (by > 0 ? -1 : values.length) : picked;
  if (by === undefined) return pick(picked);
  do index += by; while (index >= 0 && index < values.length && !values[index]);
  if (index >= 0 && index < values.length) pick(index);
};

// By label: how many detections of it have which score, in tenths.
const scoreBins = () => {
  const bins = new Map();
  for (const image of images) {
    if (!matches(image, "species")) continue;
    for (const box of image.boxes) {
      if (!bins.has(box[LABEL])) bins.set(box[LABEL], new Array(10).fill(0));
      bins.get(box[LABEL])[Math.min(9, Math.floor(box[SCORE] * 10))]++;
    }
  }
  return bins;
};

const drawList = (node, counts, chosen, charts, isPath) => {
  const most = Math.max(1, ...counts.values());
  for (const value of chosen) if (!counts.has(value)) counts.set(value, 0);
  const rows = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 300);
  node.replaceChildren(...rows.map(([value, count]) => {
    const row = make("button");
    const bar = make("span", "bar");
    bar.style.width = `${100 * count / most}%`;
    row.setAttribute("aria-pressed", chosen.has(value));
    row.title = value;
    const name = make("span", isPath ? "name path" : "name");
    name.append(make("bdi", "", value));
    row.append(bar, name, make("span", "count", number(count)));
    if (charts?.has(value)) {
      const chart = svg("svg", {"aria-hidden": "true"});
      bars(chart, charts.get(value), null, null, null);
      row.append(chart);
    }
    row.addEventListener("click", () => toggle(chosen, value));
    return row;
  }));
};

const drawStates = () => {
  const counts = tally("states", (image) => [image.state]);
  $("states").replaceChildren(...Object.keys(STATES).filter((state) => counts.get(state) || filter.states.has(state))
    .map((state) => {
      const chip = make("button", "", `${state} ${number(counts.get(state) || 0)}`);
      chip.title = STATES[state];
      chip.setAttribute("aria-pressed", filter.states.has(state));
      chip.addEventListener("click", () => toggle(filter.states, state));
      return chip;
    }));
};

const days = [...new Set(images.map((image) => image.taken.slice(0, 10)).filter(Boolean))].sort();
const drawTime = () => {
  $("time").hidden = days.length === 0;
  if (days.length === 0) return;
  const byDay = tally("day", (image) => [image.taken.slice(0, 10)]);
  const byHour = tally("hour", (image) => [image.taken.slice(11, 13)]);
  const hours = [...Array(24).keys()].map((hour) => String(hour).padStart(2, "0"));
  // Every day from the first to the last has its place, as long as there is room for it.
  const span = (new Date(days[days.length - 1]) - new Date(days[0])) / 86400000;
  const axis = span > 400 ? days : [...Array(span + 1).keys()].map((day) =>
    new Date(new Date(days[0]).getTime() + day * 86400000).toISOString().slice(0, 10));
  const pick = (key, values) => (index) => {
    filter[key] = filter[key] === values[index] ? null : values[index];
    refresh();
  };
  const place = (values, value) => value === null ? null : values.indexOf(value);
  bars($("days"), axis.map((day) => byDay.get(day) || 0), axis, place(axis, filter.day), pick("day", axis));
  bars($("hours"), hours.map((hour) => byHour.get(hour) || 0), hours.map((hour) => `${hour} h`),
       place(hours, filter.hour), pick("hour", hours));
  $("first").textContent = axis[0];
  $("last").textContent = axis[axis.length - 1];
  $("day-text").textContent = filter.day ?? "";
  $("hour-text").textContent = filter.hour === null ? "" : `${filter.hour} h`;
};

const drawScores = () => {
  const bins = new Array(20).fill(0);
  for (const image of images)
    if (image.boxes.length && matches(image, "score")) bins[Math.min(19, Math.floor(image.best * 20))]++;
  bars($("scores"), bins, bins.map((_, index) => `${(index / 20).toFixed(2)} and more`), null, null);
  $("score-text").textContent = filter.score ? `from ${filter.score.toFixed(2)}` : "any";
};

const refresh = () => {
  const before = shown[current];
  shown = images.filter((image) => matches(image, ""));
  current = Math.max(0, shown.indexOf(before));
  drawStates();
  drawScores();
  drawList($("species"), tally("species", (image) => image.labels), filter.species, scoreBins(), false);
  drawList($("folders"), tally("folders", (image) => [image.folder]), filter.folders, null, true);
  drawTime();
  const hidden = data.hidden ? `, ${number(data.hidden)} with people left out` : "";
  const part = shown.length === images.length ? "" : `${number(shown.length)} of `;
  $("summary").textContent = `${part}${number(images.length)} images${hidden}`;
  $("none").hidden = shown.length > 0;
  $("reset").hidden = !filter.states.size && !filter.species.size && !filter.folders.size && !filter.score &&
    !filter.text && filter.day === null && filter.hour === null;
  $("main").scrollTop = 0;
  layout();
};

// ---- the grid: only the rows that can be seen are in the document ----

const grid = $("grid");
const main = $("main");
const tiles = new Map(); // place in `shown` -> element
let columns = 1, tileWidth = 200, tileHeight = 200;

const putBoxes = (frame, image, withText) => {
  for (const box of image.boxes) {
    const node = make("div", `box c${box[CLASS]}${box[Y] < .06 ? " low" : ""}${box[X] > .7 ? " right" : ""}`);
    node.style.cssText = `left:${box[X] * 100}%;top:${box[Y] * 100}%;width:${box[W] * 100}%;height:${box[H] * 100}%`;
    if (withText) node.append(make("span", "", `${box[LABEL]} ${box[SCORE].toFixed(2)}`));
    frame.append(node);
  }
};

const caption = (image) =>
  image.boxes.length ? image.labels.slice(0, 3).join(", ") : image.state === "empty" ? "nothing" : image.state;

const makeTile = (image, place) => {
  const tile = make("div", `tile ${image.state}`);
  const view = make("div", "view");
  const cap = make("div", "cap");
  const when = image.taken.replace("T", " ").slice(0, 16);
  tile.setAttribute("role", "listitem");
  tile.setAttribute("aria-label", `${image.name}: ${caption(image)}`);
  if (image.state === "failed" && !image.boxes.length) {
    view.append(make("div", "word", image.error));
  } else {
    const frame = make("div", "frame");
    const picture = make("img");
    picture.alt = "";
    picture.decoding = "sync"; // of what was decoded before its boxes came
    picture.addEventListener("load", async () => {
      const scale = Math.min(view.clientWidth / picture.naturalWidth, view.clientHeight / picture.naturalHeight);
      frame.style.width = `${picture.naturalWidth * scale}px`;
      frame.style.height = `${picture.naturalHeight * scale}px`;
      await picture.decode().catch(() => {}); // no boxes before there is something in them
      putBoxes(frame, image, false);
    });
    picture.addEventListener("error", () =>
      view.replaceChildren(make("div", "word", "The image is not beside this page.")));
    picture.src = image.url;
    frame.append(picture);
    view.append(frame);
  }
  const detail = [image.best ? image.best.toFixed(2) : "", when || image.name].filter(Boolean).join(" · ");
  cap.append(make("b", "", caption(image)), make("small", "", detail));
  tile.append(view, cap);
  tile.addEventListener("click", () => open(place));
  tile.addEventListener("focus", () => { current = place; });
  return tile;
};

const fillGrid = () => {
  const rowHeight = tileHeight + GAP;
  const from = Math.max(0, Math.floor(main.scrollTop / rowHeight) - 2) * columns;
  const lastRow = Math.ceil((main.scrollTop + main.clientHeight) / rowHeight) + 2;
  const to = Math.min(shown.length, lastRow * columns);
  for (const [place, tile] of tiles) {
    if (place < from || place >= to) {
      tile.remove();
      tiles.delete(place);
    }
  }
  for (let place = from; place < to; place++) {
    if (tiles.has(place)) continue;
    const tile = makeTile(shown[place], place);
    const left = (place % columns) * (tileWidth + GAP);
    const top = Math.floor(place / columns) * rowHeight;
    tile.style.cssText = `width:${tileWidth}px;height:${tileHeight}px;left:${left}px;top:${top}px`;
    tile.tabIndex = place === current ? 0 : -1;
    tiles.set(place, tile);
    grid.append(tile);
  }
};

const layout = () => {
  const style = getComputedStyle(document.documentElement);
  const wanted = parseFloat(style.getPropertyValue("--tile")) * parseFloat(style.fontSize);
  const width = grid.clientWidth;
  columns = Math.max(1, Math.round((width + GAP) / (wanted + GAP)));
  tileWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  tileHeight = Math.round(tileWidth * 3 / 4) + CAPTION;
  grid.style.height = `${Math.ceil(shown.length / columns) * (tileHeight + GAP)}px`;
  grid.replaceChildren();
  tiles.clear();
  fillGrid();
};

const focusOn = (place) => {
  current = Math.min(Math.max(0, place), shown.length - 1);
  const top = Math.floor(current / columns) * (tileHeight + GAP);
  if (top < main.scrollTop) main.scrollTop = top;
  if (top + tileHeight > main.scrollTop + main.clientHeight - 2 * GAP)
    main.scrollTop = top + tileHeight - main.clientHeight + 3 * GAP;
  fillGrid();
  for (const [at, tile] of tiles) tile.tabIndex = at === current ? 0 : -1;
  tiles.get(current)?.focus({preventScroll: true});
};

// ---- one image ----

const viewer = $("viewer");
const show = (place) => {
  const image = shown[place];
  if (!image) return;
  current = place;
  const frame = $("frame");
  for (const box of frame.querySelectorAll(".box, .word")) box.remove();
  $("big").src = image.url;
  $("big").alt = caption(image);
  putBoxes(frame, image, true);
  const list = make("ul");
  for (const box of image.boxes) {
    const row = make("li", `c${box[CLASS]}`);
    row.append(make("span", "", box[LABEL]), make("span", "", box[SCORE].toFixed(2)));
    list.append(row);
  }
  $("facts").replaceChildren(make("h2", "", image.name), make("p", "", image.folder),
                             make("p", "", image.taken ? image.taken.replace("T", " ") : "no time in the image"), list);
  if (image.state !== "done") $("facts").append(make("p", "", image.error || "nothing was detected"));
  $("facts").append(make("p", "", `${number(place + 1)} of ${number(shown.length)}`));
};
const open = (place) => {
  show(place);
  if (!viewer.open) viewer.showModal();
};
const step = (by) => {
  if (shown[current + by]) show(current + by);
};

$("close").addEventListener("click", () => viewer.close());
$("back").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
viewer.addEventListener("close", () => {
  if (document.activeElement !== $("search")) focusOn(current); // whose turn may have come already
});
let touch = null;
viewer.addEventListener("touchstart", (event) => { touch = event.changedTouches[0].clientX; }, {passive: true});
viewer.addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - touch;
  if (Math.abs(moved) > 50) step(moved < 0 ? 1 : -1);
});

// ---- keys ----

document.addEventListener("keydown", (event) => {
  const typing = event.target === $("search");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    $("search").focus();
  } else if (event.key === "Escape" && typing) {
    main.focus();
  } else if (event.key === "b" && !typing) {
    document.body.classList.toggle("no-boxes");
  } else if (viewer.open && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    step(event.key === "ArrowLeft" ? -1 : 1);
  } else if (!viewer.open && !typing && event.target.type !== "range" && !event.target.closest("nav")) {
    const by = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageDown: 4 * columns,
                PageUp: -4 * columns, Home: -Infinity, End: Infinity}[event.key];
    if (by !== undefined) {
      event.preventDefault();
      focusOn(tiles.has(current) && document.activeElement === tiles.get(current) ? current + by : current);
    } else if (event.key === "Enter" && event.target.closest(".tile")) {
      open(current);
    }
  }
});

// ---- the beginning ----

$("title").textContent = data.title;
document.title = data.title;
$("score").addEventListener("input", (event) => {
  filter.score = Number(event.target.value) / 100;
  refresh();
});
let typed = 0;
$("search").addEventListener("input", (event) => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    filter.text = event.target.value.trim().toLowerCase();
    refresh();
  }, 150);
});
$("reset").addEventListener("click", () => {
  for (const set of [filter.states, filter.species, filter.folders]) set.clear();
  Object.assign(filter, {score: 0, text: "", day: null, hour: null});
  $("score").value = 0;
  $("search").value = "";
  refresh();
});
$("menu").addEventListener("click", () => {
  const isOpen = $("side").classList.toggle("open");
  $("menu").setAttribute("aria-expanded", isOpen);
});
main.addEventListener("click", () => {
  $("side").classList.remove("open");
  $("menu").setAttribute("aria-expanded", false);
}, true);
main.addEventListener("scroll", fillGrid, {passive: true});
new ResizeObserver(layout).observe(main);
refresh();
