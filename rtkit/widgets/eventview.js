// What an inspector shows of one event: its partners, the rules it broke, words, sound and values.

const PLAY_SIGN = "▶";
const STOP_SIGN = "■";
const COPIED_MS = 1500;

class EventView {
  constructor(inspecting) {
    this.inspecting = inspecting;
    this.shown = undefined;
    this.words = [];
    this.wave = new Waveform((part) => this.seek(part));
    this.wave.el.setAttribute("aria-label", "Position in the sound");
    this.stretch = element("div", { class: "rtkit-stretch" });
    this.wave.el.append(this.stretch);
    this.el = element("section", {
      class: "rtkit-event", tabindex: "-1", "aria-label": "The selected event", ...OWN_KEYS,
    });
  }

  get state() {
    return this.inspecting.state;
  }

  draw() {
    const { event } = this.state;
    if (event !== this.shown) {
      this.shown = event;
      this.el.replaceChildren(...(event ? this.parts(event) : [hintOf()]));
      this.el.scrollTop = 0;
      this.peaks = null;
    }
    if (event) this.drawSound(event);
    this.drawMoving();
  }

  parts(event) {
    const { violations, partners, more, words, trouble, tree, at } = event;
    const made = [headOf(event), this.acts(event)];
    if (at === null) made.push(this.hiddenNote());
    for (const text of violations) made.push(violationOf(text));
    if (trouble) made.push(element("p", { class: "rtkit-event-note" }, trouble));
    if (words?.length > 0) made.push(this.wordsOf(event));
    if (event.sound) made.push(this.wave.el);
    if (partners.length > 0) made.push(this.partnersOf(partners, more));
    made.push(treeOf(tree));
    if (event.raw !== null) made.push(rawOf(event.raw));
    return made;
  }

  acts(event) {
    const made = [];
    if (event.sound) {
      this.playButton = button("event-play", "", () => this.inspecting.toggle());
      this.playText = event.sound.own ? `this event (${lengthOf(event.sound)})` : "the item";
      made.push(this.playButton);
      const { seconds } = event.sound;
      if (event.sound.own && event.sound.to - event.sound.from < seconds - 0.05) {
        const whole = () => this.inspecting.play(0, seconds);
        made.push(button("event-whole", `${PLAY_SIGN} all ${seconds.toFixed(1)} s`, whole));
      }
    }
    const copy = button("event-copy", "Copy JSON", async () => {
      const done = await copied(event.json);
      copy.textContent = done ? "Copied" : "The browser refused";
      setTimeout(() => (copy.textContent = "Copy JSON"), COPIED_MS);
    });
    made.push(copy);
    return element("div", { class: "rtkit-event-acts" }, ...made);
  }

  hiddenNote() {
    const show = button("event-unhide", "Show all events", () =>
      this.inspecting.choose({ text: "", kinds: [], pieces: true }),
    );
    return element("p", { class: "rtkit-event-note" }, "The filter hides this event. ", show);
  }

  wordsOf({ words, speaker, index, item, timed, sound }) {
    this.words = words.map((word) => {
      const made = button("word", word[0], () => this.inspecting.word(word));
      if (word[3].includes(index)) made.dataset.own = "";
      return made;
    });
    const who = speaker === "user" ? "You said" : "The assistant said";
    const estimated = sound && !timed ? "places of words estimated" : "";
    const title = element("div", { class: "rtkit-event-title" }, who, element("i", {}, estimated));
    const line = element("p", { class: "rtkit-words", "aria-label": `Words of ${item}` });
    for (const word of this.words) line.append(word, " ");
    return element("div", {}, title, line);
  }

  partnersOf(partners, more) {
    const now = this.shown.t;
    const made = partners.map(([index, t, source, name, says]) => {
      const ms = sinceOf(1000 * (t - now));
      const go = button("partner", "", () => this.inspecting.select({ index }));
      const side = element("b", { "data-source": source, "aria-label": SIDES[source] }, SIGNS[source]);
      const what = element("span", {}, name, element("i", {}, says));
      go.append(side, what, element("i", {}, `${ms} ms`));
      return go;
    });
    const title = element("div", { class: "rtkit-event-title" }, "Belongs together",
      element("i", {}, more > 0 ? `and ${more} more · keys n, p` : "keys n, p"));
    return element("div", { class: "rtkit-partners" }, title, ...made);
  }

  drawSound({ sound }) {
    if (!sound) return;
    if (this.inspecting.loaded === sound.key && this.state.peaks !== this.peaks) {
      this.peaks = this.state.peaks;
      const { low, high } = this.peaks(Math.max(40, Math.round(this.wave.el.clientWidth)));
      this.wave.draw({ low: Array.from(low), high: Array.from(high) });
    }
    const share = (seconds) => `${(100 * seconds) / sound.seconds}%`;
    this.stretch.style.left = share(sound.from);
    this.stretch.style.width = share(sound.to - sound.from);
    this.stretch.hidden = !sound.own;
    const playing = this.inspecting.playing;
    this.playButton.textContent = `${playing ? STOP_SIGN : PLAY_SIGN} ${playing ? "stop" : this.playText}`;
  }

  /** What moves with the sound: the playhead, and the word that is heard. */
  drawMoving() {
    const { event, cursor, marked } = this.state;
    if (!event) return;
    if (event.sound) this.wave.move(cursor ?? event.sound.from, event.sound.seconds);
    (event.words ?? []).forEach(([, start, end, carriers], i) => {
      const heard = cursor !== null && start !== null && start <= cursor && cursor < end;
      setFlag(this.words[i], "heard", heard);
      setFlag(this.words[i], "chosen", marked.length > 0 && String(carriers) === String(marked));
    });
  }

  seek(part) {
    const { sound } = this.state.event ?? {};
    if (sound) this.inspecting.playStretch(part * sound.seconds, sound.seconds);
  }
}

function hintOf() {
  const keys = [
    ["↑ ↓", "step"], ["n p", "partner"], ["v", "out of order"], ["/", "search"],
    ["space", "play"], ["Enter", "read"],
  ];
  const list = keys.map(([key, what]) => element("span", {}, element("kbd", {}, key), ` ${what}`));
  return element("div", { class: "rtkit-event-hint" }, element("p", {}, "Select an event."), ...list);
}

function headOf({ name, source, t, index }) {
  const side = element("b", { "data-source": source, "aria-hidden": "true" }, SIGNS[source]);
  const title = element("span", {});
  for (const part of name.split(/(?<=[._])/)) title.append(part, element("wbr"));
  const where = `${SIDES[source]} · ${t.toFixed(3)} s · event ${index.toLocaleString("en")}`;
  return element("header", { class: "rtkit-event-head" },
    element("h4", {}, side, title), element("div", {}, where));
}

function lengthOf({ from, to }) {
  const seconds = to - from;
  return seconds < 1 ? `${Math.round(1000 * seconds)} ms` : `${seconds.toFixed(1)} s`;
}

function violationOf(text) {
  return element("p", { class: "rtkit-violation" }, element("b", {}, "▲ out of order "), text);
}

function rawOf(raw) {
  const size = raw.length.toLocaleString("en");
  return element("details", { class: "rtkit-raw" },
    element("summary", { ...OWN_KEYS }, `As received (${size} characters, sound cut out)`),
    element("pre", {}, raw));
}

/** The values of an event, to fold and unfold; lists as `rtkit.folding.Leaf.told` makes them. */
function treeOf([, , , , inside]) {
  return element("div", { class: "rtkit-tree", "aria-label": "Values" }, ...inside.map(leafOf));
}

function leafOf([name, kind, text, opened, inside]) {
  const key = element("span", { class: "rtkit-key" }, name);
  const value = element("span", { class: `rtkit-leaf-value rtkit-leaf-value-${kind}` }, text);
  if (inside.length === 0) return element("div", { class: "rtkit-leaf" }, key, value);
  const made = element("details", { class: "rtkit-branch" },
    element("summary", { ...OWN_KEYS }, key, value), ...inside.map(leafOf));
  made.open = opened === 1;
  return made;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
