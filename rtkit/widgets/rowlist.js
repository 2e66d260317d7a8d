// The list of an inspector. However long it is, only the rows in sight (and some around them) are
// in the page; while the list is scrolled they are filled anew.

const ROW_PX = 26;
const TALL_ROW_PX = 46; // two lines, where the list is narrow
const NARROW_PX = 560;
const AROUND = 6; // rows above and below those in sight
const SIGNS = { client: "→", server: "←", local: "●" };
const SIDES = { client: "to the server", server: "from the server", local: "local" };
const COLUMNS = [
  ["time", "Time s", "Seconds since the timeline began"],
  ["since", "+ms", "Milliseconds since the row above"],
  ["side", "", "→ to the server, ← from the server, ● local"],
  ["type", "Event", "Type of the event"],
  ["summary", "Says", "What it says"],
];

let lists = 0;

function cell(name, ...content) {
  return element("span", { role: "gridcell", class: `rtkit-cell rtkit-cell-${name}` }, ...content);
}

class RowList {
  constructor(inspecting) {
    this.inspecting = inspecting;
    this.id = `rtkit-list-${(lists += 1)}`;
    this.rows = []; // elements, used again and again
    this.rowPx = ROW_PX;
    this.high = 0; // of all rows, in pixels
    this.still = false; // told not to follow, though the end is in sight
    this.sizer = element("div", { class: "rtkit-list-sizer", role: "presentation" });
    this.pane = element("div", { class: "rtkit-list-pane", role: "rowgroup", tabindex: "-1" }, this.sizer);
    this.none = element("p", { class: "rtkit-list-none" });
    this.el = element(
      "div",
      { class: "rtkit-list", role: "grid", tabindex: "0", "aria-label": "Events",
        "aria-colcount": COLUMNS.length, "aria-readonly": "true", ...OWN_KEYS },
      headRow(),
      this.pane,
      this.none,
    );
    this.pane.addEventListener("scroll", () => this.scrolled());
    this.pane.addEventListener("click", (event) => this.clicked(event));
    this.pane.addEventListener("pointermove", (event) => this.pointed(event));
    this.pane.addEventListener("pointerleave", () => inspecting.hover(null));
  }

  get state() {
    return this.inspecting.state;
  }

  /** How many whole rows are in sight. */
  get inSight() {
    return Math.max(1, Math.floor(this.pane.clientHeight / this.rowPx));
  }

  get atEnd() {
    const { scrollTop, clientHeight } = this.pane;
    return scrollTop + clientHeight >= this.high - this.rowPx / 2;
  }

  draw() {
    const { count, at, follow, live } = this.state;
    this.fit();
    this.high = count * this.rowPx;
    this.sizer.style.height = `${this.high}px`;
    this.el.setAttribute("aria-rowcount", String(count + 1)); // the head is a row, too
    if (follow && live) this.pane.scrollTop = this.high;
    this.fill();
    const active = at === null ? null : this.rows.find((row) => row.at === at && !row.el.hidden);
    if (active) this.el.setAttribute("aria-activedescendant", active.el.id);
    else this.el.removeAttribute("aria-activedescendant");
    this.none.hidden = !this.state.ready || count > 0;
    this.none.textContent = this.state.total > 0 ? "No event fits this filter." : "No event yet.";
  }

  /** Rows have one line or two, by the room; what is at the top stays there. */
  fit() {
    const narrow = this.el.clientWidth > 0 && this.el.clientWidth < NARROW_PX;
    const rowPx = narrow ? TALL_ROW_PX : ROW_PX;
    this.el.dataset.narrow = String(narrow);
    if (rowPx === this.rowPx) return;
    const top = this.pane.scrollTop / this.rowPx;
    this.rowPx = rowPx;
    this.sizer.style.height = `${this.state.count * rowPx}px`;
    this.pane.scrollTop = top * rowPx;
  }

  fill() {
    const { count } = this.state;
    const top = Math.floor(this.pane.scrollTop / this.rowPx);
    const many = Math.ceil(this.pane.clientHeight / this.rowPx) + 1 + 2 * AROUND;
    const first = Math.max(0, Math.min(top - AROUND, count - many));
    const last = Math.min(count, first + many);
    while (this.rows.length < many) this.rows.push(this.newRow());
    for (const row of this.rows) row.used = false;
    for (let at = first; at < last; at += 1) this.fillRow(this.rows[at % this.rows.length], at);
    for (const row of this.rows) if (row.el.hidden === row.used) row.el.hidden = !row.used;
    if (last > first) this.inspecting.want(first, last - 1);
  }

  newRow() {
    const part = {
      time: cell("time"),
      since: cell("since"),
      side: cell("side"),
      mark: element("b", { class: "rtkit-cell-mark" }),
      head: element("span", { class: "rtkit-cell-head" }),
      name: element("span", { class: "rtkit-cell-name" }),
      summary: cell("summary"),
    };
    const { time, since, side, mark, head, name, summary } = part;
    const el = element("div", { class: "rtkit-row", role: "row" }, time, since, side,
      cell("type", mark, head, name), summary);
    el.id = `${this.id}-${this.rows.length}`;
    this.sizer.append(el);
    return { el, at: null, row: undefined, rowPx: 0, ...part };
  }

  fillRow(slot, at) {
    slot.used = true;
    if (slot.at !== at || slot.rowPx !== this.rowPx) {
      slot.at = at;
      slot.rowPx = this.rowPx;
      slot.el.style.transform = `translateY(${at * this.rowPx}px)`;
      slot.el.setAttribute("aria-rowindex", String(at + 2));
      slot.row = null;
    }
    const row = this.inspecting.row(at);
    if (slot.row !== row) {
      slot.row = row;
      writeRow(slot, row);
    }
    this.markRow(slot, row);
  }

  markRow({ el, at }, row) {
    const { marked, hovered } = this.state;
    const group = row?.[6] ?? null;
    const selected = String(at === this.state.at);
    if (el.getAttribute("aria-selected") !== selected) el.setAttribute("aria-selected", selected);
    setFlag(el, "partner", group !== null && group === this.inspecting.group);
    setFlag(el, "hovered", group !== null && group === hovered);
    setFlag(el, "marked", row !== undefined && marked.includes(row[0]));
  }

  /** Rows have come: show them with the next frame. */
  refill() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.fill();
    });
  }

  scrolled() {
    const { live, follow } = this.state;
    const { atEnd } = this;
    if (!atEnd) this.still = false;
    if (live && follow !== atEnd && !this.still) this.inspecting.set({ follow: atEnd });
    this.refill();
  }

  /** Bring a row into sight: as little as needed, or into the middle if it is far. */
  reveal(at) {
    const { scrollTop, clientHeight } = this.pane;
    const top = at * this.rowPx;
    const low = top + this.rowPx - clientHeight;
    if (top >= scrollTop && low <= scrollTop) return;
    const near = Math.abs(top - scrollTop) < 2 * clientHeight;
    const middle = top - (clientHeight - this.rowPx) / 2;
    this.pane.scrollTop = near ? (top < scrollTop ? top : low) : middle;
  }

  clicked(event) {
    const slot = this.rows.find(({ el }) => el.contains(event.target));
    if (slot) this.inspecting.move(slot.at);
    this.el.focus({ preventScroll: true });
  }

  pointed(event) {
    const slot = this.rows.find(({ el }) => el.contains(event.target));
    const [, , , , type, says] = slot?.row ?? [];
    if (says !== undefined) slot.el.title = says ? `${type}: ${says}` : type; // what is cut off
    this.inspecting.hover(slot?.row?.[6] ?? null);
  }

  /** Whether a key moved the selection. */
  key(name) {
    const { at, count } = this.state;
    const page = Math.max(1, this.inSight - 1);
    const from = at ?? Math.floor(this.pane.scrollTop / this.rowPx) - 1;
    const moves = {
      ArrowDown: from + 1, ArrowUp: from - 1, PageDown: from + page, PageUp: from - page,
      Home: 0, End: count - 1,
    };
    if (!(name in moves)) return false;
    this.inspecting.move(moves[name]);
    return true;
  }

  end() {
    cancelAnimationFrame(this.frame);
  }
}

function headRow() {
  const cells = COLUMNS.map(([name, text, title]) =>
    element("span", { role: "columnheader", class: `rtkit-cell rtkit-cell-${name}`, title }, text),
  );
  cells[2].setAttribute("aria-label", "Direction");
  return element("div", { class: "rtkit-row rtkit-list-head", role: "row", "aria-rowindex": "1" }, ...cells);
}

function writeRow({ el, time, since, side, mark, head, name, summary }, row) {
  setFlag(el, "waiting", row === undefined);
  if (row === undefined) {
    for (const part of [time, since, mark, head, summary]) part.textContent = "";
    name.textContent = "…";
    return;
  }
  const [, t, sinceMs, source, type, says, , broken] = row;
  if (el.dataset.source !== source) {
    el.dataset.source = source;
    side.textContent = SIGNS[source];
    side.setAttribute("aria-label", SIDES[source]);
  }
  setFlag(el, "broken", broken);
  setFlag(el, "error", type === "error");
  time.textContent = t.toFixed(3);
  since.textContent = sinceMs === null ? "" : sinceOf(sinceMs);
  mark.textContent = broken ? "▲" : type === "error" ? "✖" : "";
  if (broken) mark.setAttribute("aria-label", "out of order");
  else mark.removeAttribute("aria-label");
  const split = type.lastIndexOf(".") + 1; // where room is short the head gives way
  head.textContent = type.slice(0, split);
  name.textContent = type.slice(split);
  summary.textContent = says;
}

/** Milliseconds in at most five characters or so. */
function sinceOf(ms) {
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  return sign + (size < 10 ? size.toFixed(1) : size.toFixed(0));
}

function setFlag(el, name, on) {
  if (on === name in el.dataset) return;
  if (on) el.dataset[name] = "";
  else delete el.dataset[name];
}
