// What a person keeps: the timeline and the sound as files, and the conversation played once more.

const KEEP = {
  save: ["Save", "jsonl", "Write the timeline of the conversation, with its sound, to a file beside the notebook"],
  export: ["Export WAV", "wav", "Write the sound to a stereo file beside the notebook: you on the left, the assistant on the right"],
};
const REPLAY_TITLE = "Play the conversation so far once more, here; then it goes on live";

/** Puts the pieces of a file together and hands them to the browser as a download. */
class Download {
  constructor() {
    this.pieces = [];
  }

  take({ name, data, last }) {
    this.pieces.push(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
    if (!last) return;
    const url = URL.createObjectURL(new Blob(this.pieces));
    this.pieces = [];
    element("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

function seconds(value) {
  return `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, "0")}`;
}

function keepsakes(engine) {
  const keep = Object.entries(KEEP).map(([name, [text, kind, title]]) => {
    const made = button(name, text, () => engine.ask({ type: "keep", kind }));
    made.title = title;
    return made;
  });
  const replay = button("replay", "Replay", () => engine.ask({ type: "replay", on: !engine.state.replay }));
  const where = element("span", { class: "rtkit-where" });
  const fetch = button("fetch", "Download", () => engine.ask({ type: "fetch" }));
  return {
    element: element("div", { class: "rtkit-keepsakes" }, ...keep, fetch, replay, where),
    draw({ lines, link, kept, replay: going }) {
      const nothing = link !== "up" || lines.length === 0;
      for (const each of keep) each.disabled = nothing || Boolean(going);
      replay.disabled = nothing && !going;
      replay.textContent = going ? "Stop replay" : "Replay";
      replay.title = REPLAY_TITLE;
      where.textContent = going ? `${seconds(going.position)} of ${seconds(going.duration)}` : "";
      fetch.hidden = !kept;
      fetch.title = kept ? `Download ${kept.name} (${kilobytes(kept.bytes)})` : "";
      fetch.disabled = link !== "up";
    },
  };
}
