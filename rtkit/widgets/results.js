// What a tuner shows below its picture: turns to be heard, figures, and the way to a session.

function drawTurns(part, state, tuning) {
  const sides = [["a", state.a], ["b", state.b]].filter(([, side]) => side?.turns.length);
  const key = JSON.stringify(sides.map(([name, { turns }]) => [name, turns, Boolean(state.b)]));
  if (part.turns.dataset.key === key) return;
  part.turns.dataset.key = key;
  const rows = sides.map(([name, { turns }]) => {
    const letter = state.b ? ` of ${name.toUpperCase()}` : "";
    const buttons = turns.map((turn, n) => {
      const made = button("tuner-turn", `${n + 1}`, () => tuning.hear(turn));
      const end = turn.end === null ? "the end" : `${seconds(turn.end / 1000)} s`;
      made.title = `Turn ${n + 1}${letter}: ${seconds(turn.start / 1000)} s to ${end}`;
      made.setAttribute("aria-label", `Hear turn ${n + 1}${letter}`);
      return made;
    });
    const label = element("span", { class: "rtkit-tuner-hear" }, `Hear a turn${letter} as it would be cut`);
    return element("div", { class: "rtkit-tuner-row", "data-side": name }, label, ...buttons);
  });
  part.turns.replaceChildren(...rows);
}

function drawTable(part, { a, b, difference }) {
  const key = JSON.stringify([a.figures, b?.figures]);
  part.difference.textContent = difference;
  part.difference.hidden = !difference;
  if (part.table.dataset.key === key) return;
  part.table.dataset.key = key;
  const known = a.figures.cut_offs !== null;
  const head = ["", "Turns", "Mean wait", "Longest wait", "Waits in all", ...(known ? ["Cut-offs"] : [])];
  const cells = (tag, texts) => element("tr", {}, ...texts.map((text) => element(tag, {}, text)));
  const ms = (value) => (value === null ? "–" : `${Math.round(value)} ms`);
  const row = (name, { figures: f }) => {
    const made = cells("td", [`${f.turns}`, ms(f.mean), ms(f.longest), ms(f.total), ...(known ? [`${f.cut_offs}`] : [])]);
    const letter = element("span", { class: "rtkit-tuner-letter" }, name.toUpperCase());
    made.prepend(element("th", { scope: "row" }, letter));
    made.dataset.side = name;
    return made;
  };
  const rows = [["a", a], ["b", b]].filter(([, side]) => side).map(([name, side]) => row(name, side));
  part.table.replaceChildren(element("thead", {}, cells("th", head)), element("tbody", {}, ...rows));
}

function drawApply(part, { clip, b, applied }) {
  part.apply.hidden = !clip.session;
  part.applyA.textContent = b ? "Apply A to the session" : "Apply to the session";
  part.applyB.hidden = !b;
  part.applied.textContent = applied?.text ?? "";
  part.applied.dataset.done = String(applied?.done ?? true);
}
