// The turn as it happens: its stages, both latencies, the goal, and the turns before it, small.
// Everything that is drawn was told by the kernel; only the bar of the stage under way grows here.

const ROW = 18;
const NARROW = 480; // pixels: with less room the words stand above the bars
const WORDS_ABOVE = 14;
const SMALL_ROW = 7;
const GROW_MS = 100; // between two steps of the stage under way
const SPACE = "http://www.w3.org/2000/svg";
const LABEL_PX = 240;
const VALUE_PX = 58;

function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The pattern of the stages in which nothing can be heard. */
function hatching(id, color) {
  const lines = shape("path", { d: "M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", stroke: "#fff", "stroke-width": 1.2 });
  const ground = shape("rect", { width: 6, height: 6, fill: color });
  return shape("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, ground, lines);
}

let falls = 0; // the patterns of several consoles in a page need names of their own

class Fall {
  constructor() {
    this.number = (falls += 1);
    this.patterns = shape("defs");
    this.svg = shape("svg", { class: "rtkit-fall", role: "img", width: "100%" });
    this.growing = null;
    this.left = LABEL_PX; // where the bars begin
    this.above = 0; // room for words above each bar
    this.most = 0; // rows that this console has needed: it does not jump back
  }

  fill({ color, hatched }, index) {
    return hatched ? `url(#rtkit-hatch-${this.number}-${index})` : color;
  }

  draw(picture) {
    const { stages, totals, before, goal_ms: goal, reply_ms: reply, legend } = picture;
    this.patterns.replaceChildren(
      ...legend.map((kind, i) => hatching(`rtkit-hatch-${this.number}-${i}`, kind.color)),
    );
    const narrow = this.svg.clientWidth > 0 && this.svg.clientWidth < NARROW;
    this.left = narrow ? 0 : LABEL_PX;
    this.above = narrow ? WORDS_ABOVE : 0;
    const row = this.row = ROW + this.above;
    const ends = [...stages, ...before.flatMap((bar) => bar.stages)].map(({ end }) => end);
    this.scale = 1.06 * Math.max(...ends, goal ?? 0, 1);
    const rows = stages.length + (reply === null ? 0 : 1);
    this.most = Math.max(this.most, rows);
    const totalsTop = this.most * row + 8;
    const smallTop = totalsTop + 2 * row + 4 + this.above;
    const high = smallTop + before.length * SMALL_ROW + (goal === null ? 4 : ROW);
    const plot = shape("svg", { x: this.left, width: Math.max(80, (this.svg.clientWidth || 600) - this.left - VALUE_PX), height: high, overflow: "visible" });
    if (goal !== null) plot.append(...this.goal(goal, high));
    stages.forEach((stage, row) => this.stage(plot, legend, stage, row));
    if (reply !== null) this.reply(plot, legend, stages.at(-1).end, reply, stages.length);
    totals.forEach((total, n) => this.total(plot, total, totalsTop + n * row));
    before.forEach((bar, n) => this.small(plot, legend, bar, smallTop + n * SMALL_ROW));
    if (!picture.over && !(totals.length > 1)) this.openBar(plot, stages.at(-1).end, stages.length);
    const labels = [
      ...stages.map(({ name }, n) => this.label(name, n * row)),
      ...(reply === null ? [] : [this.label("reply ended", stages.length * row)]),
      ...totals.map(({ name }, n) => this.label(name, totalsTop + n * row, "rtkit-total")),
    ];
    if (before.length) labels.push(this.label("turns before", smallTop - this.above - 4, "rtkit-faint"));
    this.svg.setAttribute("height", high);
    this.svg.setAttribute("aria-label", picture.text);
    this.svg.replaceChildren(this.patterns, plot, ...labels);
  }

  at(ms) {
    return `${(100 * ms) / this.scale}%`;
  }

  bar(start, end, y, height, attributes) {
    const width = `${Math.max(0.25, (100 * (end - start)) / this.scale)}%`;
    return shape("rect", { x: this.at(start), width, y, height, class: "rtkit-bar-of-stage", ...attributes });
  }

  /** The words of a row that begins at `top`. */
  label(text, top, kind = "") {
    const [x, y] = this.above ? [0, top + WORDS_ABOVE / 2] : [this.left - 8, top + ROW / 2];
    const anchor = this.above ? "start" : "end";
    return shape("text", { x, y, "text-anchor": anchor, class: `rtkit-fall-label ${kind}` }, text);
  }

  /** Where the bar of a row lies. */
  top(row) {
    return row * this.row + this.above;
  }

  value(ms, y, text, kind = "") {
    return shape("text", { x: this.at(ms), dx: 5, y, class: `rtkit-fall-value ${kind}` }, text);
  }

  stage(plot, legend, { kind, start, end }, row) {
    const y = this.top(row);
    plot.append(this.bar(start, end, y + 3, ROW - 6, { fill: this.fill(legend[kind], kind) }));
    plot.append(this.value(end, y + ROW / 2, `${end - start} ms`));
  }

  /** The reply, as far as there is room: it is much longer than what leads to it. */
  reply(plot, legend, start, ms, row) {
    const end = Math.min(this.scale, start + ms);
    const { color } = legend.find(({ name }) => name === "playback");
    plot.append(this.bar(start, end, this.top(row) + 6, ROW - 12, { fill: color }));
    plot.append(this.value(end, this.top(row) + ROW / 2, `${(ms / 1000).toFixed(1)} s`, "rtkit-faint"));
  }

  total(plot, { start, ms }, y) {
    const middle = y + this.above + ROW / 2;
    const [x1, x2] = [this.at(start), this.at(start + ms)];
    plot.append(shape("line", { x1, x2, y1: middle, y2: middle, class: "rtkit-fall-line" }));
    for (const x of [x1, x2]) plot.append(shape("line", { x1: x, x2: x, y1: middle - 4, y2: middle + 4, class: "rtkit-fall-line" }));
    plot.append(this.value(start + ms, middle, `${ms} ms`, "rtkit-total"));
  }

  small(plot, legend, { number, stages }, y) {
    const group = shape("g", { class: "rtkit-fall-before" }, shape("title", {}, `Turn ${number}: ${stages.at(-1).end} ms`));
    for (const { kind, start, end } of stages) group.append(this.bar(start, end, y + 1, SMALL_ROW - 3, { fill: this.fill(legend[kind], kind) }));
    plot.append(group);
  }

  goal(ms, high) {
    const x = this.at(ms);
    return [
      shape("line", { x1: x, x2: x, y1: 0, y2: high, class: "rtkit-fall-goal" }),
      shape("text", { x, dx: 4, y: high - 7, class: "rtkit-fall-value rtkit-faint rtkit-fall-goal-name" }, `goal ${ms} ms`),
    ];
  }

  openBar(plot, start, row) {
    this.growing = { start, since: performance.now(), bar: this.bar(start, start, this.top(row) + 3, ROW - 6, { class: "rtkit-fall-open" }) };
    plot.append(this.growing.bar);
  }

  grow() {
    if (!this.growing?.bar.isConnected) return;
    const { start, since, bar } = this.growing;
    const width = Math.min(this.scale - start, performance.now() - since);
    bar.setAttribute("width", `${(100 * width) / this.scale}%`);
  }
}

function waterfall(engine) {
  const fall = new Fall();
  const words = element("p", { class: "rtkit-fall-words" });
  const summary = element("summary", { class: "rtkit-fall-title", ...OWN_KEYS });
  const root = element("details", { class: "rtkit-waterfall", open: "" }, summary, fall.svg, words);
  let drawn = null;
  let timer = null;
  let width = 0;
  const resized = new ResizeObserver(() => {
    if (drawn === null || root.clientWidth === width) return;
    width = root.clientWidth;
    fall.draw(drawn);
  });
  resized.observe(root);
  const grows = (state) => state.waterfall && !state.waterfall.over && state.word === "thinking";
  return {
    element: root,
    draw(state) {
      const picture = state.waterfall;
      root.hidden = !picture?.stages.length;
      if (grows(state)) timer ??= setInterval(() => fall.grow(), GROW_MS);
      else timer = clearInterval(timer) ?? null;
      if (root.hidden || picture === drawn) return;
      drawn = picture;
      fall.draw(picture);
      const [total] = picture.totals;
      summary.textContent = total
        ? `Turn ${picture.number}: ${total.ms} ms from ${total.name}`
        : `Turn ${picture.number}`;
      words.textContent = picture.text;
    },
    end() {
      clearInterval(timer);
      resized.disconnect();
    },
  };
}
