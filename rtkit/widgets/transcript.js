// What both sides said, line by line.

const SPEAKERS = { user: "You", assistant: "Assistant" };
const EMPTY = "Press the microphone button and say something. Both sides' words appear here.";

/** What was said; of an interrupted answer the words that nobody heard are set apart. */
function lineText(line) {
  const cut = line.heard !== null && line.heard !== line.text && line.text.startsWith(line.heard);
  if (!cut) return [line.text || "…"];
  const rest = element("span", { class: "rtkit-unheard", title: "Not heard: interrupted here" });
  rest.textContent = line.text.slice(line.heard.length);
  return [line.heard, rest];
}

function lineElement(line) {
  const said = element("div", { class: "rtkit-said" }, ...lineText(line));
  if (line.heard !== null) said.append(element("span", { class: "rtkit-tag" }, "interrupted"));
  if (line.unsure) said.append(element("span", { class: "rtkit-tag", title: line.unsure }, "unsure"));
  const speaker = element("div", { class: "rtkit-who" }, SPEAKERS[line.speaker] ?? line.speaker);
  const classes = `rtkit-line rtkit-${line.speaker}${line.final ? "" : " rtkit-open"}`;
  return element("div", { class: classes }, speaker, said);
}

/** Draws only the lines that changed; stays at the end unless the person has scrolled up. */
function drawLines(box, lines, drawn) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  let same = 0;
  while (same < lines.length && lines[same] === drawn[same]) same += 1;
  while (box.children.length > same) box.lastChild.remove();
  for (const line of lines.slice(same)) box.append(lineElement(line));
  if (lines.length === 0) box.append(element("p", { class: "rtkit-empty" }, EMPTY));
  if (atEnd) box.scrollTop = box.scrollHeight;
  return lines;
}

function transcript() {
  const box = element("div", {
    class: "rtkit-lines", role: "log", "aria-label": "Transcript", tabindex: "0", ...OWN_KEYS,
  });
  let drawn = [];
  return {
    element: box,
    draw({ lines }) {
      drawn = drawLines(box, lines, drawn);
    },
  };
}
