// What both sides said, line by line, and the tools that were called. Of an answer that sounds the
// words that are still to come are set apart, of one that was cut off those that nobody heard.

const SPEAKERS = { user: "You", assistant: "Assistant", tool: "Tool" };
const EMPTY = "Press the microphone button and say something. Both sides' words appear here.";
const EMPTY_REPLAY = "The conversation so far, once more.";
const SURENESS = [
  ["sure", 0.8, "80 % or more"],
  ["fair", 0.5, "50 to 80 %"],
  ["low", 0, "less than 50 %"],
];
const CALL_STATES = { waiting: "waiting", running: "running", done: "done", failed: "failed" };

function percent(confidence) {
  return `${Math.round(100 * confidence)} %`;
}

function surenessOf(confidence) {
  return SURENESS.find(([, from]) => confidence >= from)[0];
}

function span(name, text, title = "") {
  const made = element("span", { class: `rtkit-${name}` }, text);
  if (title) made.title = title;
  return made;
}

// ---- words

/** The text up to where `part` ends, and what follows it; all of it when it does not begin so. */
function divided(text, part) {
  return text.startsWith(part) ? [part, text.slice(part.length)] : [text, ""];
}

function shaded(word, confidence) {
  if (confidence === null) return word;
  return span(`heard-${surenessOf(confidence)}`, word, `The recogniser is ${percent(confidence)} sure`);
}

function userText(line) {
  const words = line.words ?? [[line.text, line.confidence]];
  return words.flatMap(([word, confidence], i) => [i ? " " : "", shaded(word, confidence)]);
}

function assistantText(line) {
  if (line.heard !== null) {
    const [heard, rest] = divided(line.text, line.heard);
    return [heard, span("unheard", rest, "Not heard: interrupted here")];
  }
  if (line.spoken === null) return [line.text];
  const [spoken, rest] = divided(line.text, line.spoken);
  return [span("spoken", spoken), span("ahead", rest)];
}

function lineText(line) {
  if (!line.text) return line.images.length ? [] : ["…"];
  return line.speaker === "user" ? userText(line) : assistantText(line);
}

/** For a screen reader what is otherwise only a shade. */
function saidAloud(line) {
  if (line.confidence === null) return "";
  const doubtful = (line.words ?? []).filter(([, sure]) => sure !== null && sure < SURENESS[1][1]);
  const words = doubtful.map(([word, sure]) => `${word} ${percent(sure)}`).join(", ");
  return ` (recogniser ${percent(line.confidence)} sure${words ? `; least of ${words}` : ""})`;
}

function thumbnail(url) {
  return element("img", { class: "rtkit-thumb", alt: "Image that was sent", src: url });
}

function lineElement(line) {
  const said = element("div", { class: "rtkit-said" }, ...lineText(line));
  if (line.heard !== null) said.append(span("tag", "interrupted"));
  if (line.unsure) said.append(span("tag", "unsure", line.unsure));
  if (saidAloud(line)) said.append(span("spoken-only", saidAloud(line)));
  if (line.images.length) said.append(element("div", { class: "rtkit-thumbs" }, ...line.images.map(thumbnail)));
  const open = !line.final && line.spoken === null;
  const classes = `rtkit-line rtkit-${line.speaker}${open ? " rtkit-open" : ""}`;
  return element("div", { class: classes }, span("who", SPEAKERS[line.speaker] ?? line.speaker), said);
}

// ---- calls of tools

function callElement(call) {
  const took = call.seconds === null ? "" : ` in ${call.seconds.toFixed(2)} s`;
  const state = span("tag rtkit-callstate", `${CALL_STATES[call.state]}${took}`);
  state.dataset.state = call.state;
  const summary = element("summary", { ...OWN_KEYS, title: "Show or fold the arguments" });
  summary.append(element("code", {}, call.name), state);
  const given = element("pre", { class: "rtkit-arguments", "aria-label": "Arguments" }, call.arguments || "{}");
  const folded = element("details", { class: "rtkit-call" }, summary, given);
  const said = element("div", { class: "rtkit-said" }, folded);
  const result = call.error ?? call.output;
  if (result !== null) said.append(element("pre", { class: "rtkit-result", "aria-label": "Output" }, result));
  const classes = `rtkit-line rtkit-tool${call.error ? " rtkit-failed" : ""}`;
  return element("div", { class: classes }, span("who", SPEAKERS.tool), said);
}

// ---- the list

function entryElement(entry) {
  return entry.speaker === "tool" ? callElement(entry) : lineElement(entry);
}

/** What takes the place of an element; arguments that were unfolded stay so. */
function renewed(entry, old) {
  const made = entryElement(entry);
  if (old?.querySelector("details")?.open) made.querySelector("details").open = true;
  return made;
}

/** Draws what changed; stays at the end unless the person has scrolled up. */
function drawEntries(box, entries, drawn, empty) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  const now = entries.map((entry) => {
    const key = JSON.stringify(entry);
    const old = drawn.get(entry.id);
    return [entry.id, old?.key === key ? old : { key, made: renewed(entry, old?.made) }];
  });
  const wanted = now.map(([, { made }]) => made);
  if (!wanted.length) wanted.push(element("p", { class: "rtkit-empty" }, empty));
  for (const child of [...box.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((made, i) => box.children[i] !== made && box.insertBefore(made, box.children[i] ?? null));
  if (atEnd) box.scrollTop = box.scrollHeight;
  return new Map(now);
}

/** Says each line once to a screen reader, when it is finished; those that were there are not new. */
function announcer(box) {
  let said = null;
  return (lines) => {
    const finished = lines.filter((line) => line.final && line.text);
    const fresh = said === null ? [] : finished.filter((line) => !said.has(line.id));
    said = new Set(finished.map((line) => line.id));
    if (fresh.length) box.textContent = fresh.map((line) => `${SPEAKERS[line.speaker]}: ${line.text}`).join("\n");
  };
}

function legend(id) {
  const marks = SURENESS.map(([name, , text]) => span(`heard-${name}`, text));
  const title = "How sure the recogniser is of a word: point at it for the figure";
  return element("p", { class: "rtkit-legend", id, title }, "Recogniser sure: ", ...marks);
}

let transcripts = 0;

function transcript(engine) {
  const id = `rtkit-legend-${(transcripts += 1)}`;
  const key = legend(id);
  const box = element("div", {
    class: "rtkit-lines", role: "log", "aria-live": "off", "aria-label": "Transcript",
    "aria-describedby": id, tabindex: "0", ...OWN_KEYS,
  });
  const aloud = element("div", { class: "rtkit-spoken-only", "aria-live": "polite" });
  const announce = announcer(aloud);
  let drawn = new Map();
  let lines = null;
  return {
    element: element("div", { class: "rtkit-transcript" }, box, key, aloud),
    draw(state) {
      const empty = state.replay ? EMPTY_REPLAY : EMPTY;
      if (state.lines === lines && (lines.length || box.textContent === empty)) return;
      lines = state.lines;
      drawn = drawEntries(box, lines, drawn, empty);
      key.hidden = !lines.some((line) => typeof line.confidence === "number");
      if (state.link === "up" && !state.replay) announce(lines);
    },
  };
}
