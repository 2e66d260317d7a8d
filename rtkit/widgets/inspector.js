// One view of an inspector: the filter, the list, the event. It draws the state and keeps nothing.

const KINDS = ["session", "input_audio_buffer", "conversation", "response", "local", "error", "other"];
const TYPING_MS = 120;
const SEARCH_HINT = "Search: words, type:response.*, item_id:…, from:server, -append";

function inspectorParts(inspecting) {
  const part = {
    list: new RowList(inspecting),
    view: new EventView(inspecting),
    count: element("span", { class: "rtkit-inspector-count" }),
    broken: button("inspector-broken", "", () => inspecting.violation(1)),
    follow: button("inspector-follow", "", () => toggleFollow(part, inspecting)),
    notice: element("div", { class: "rtkit-notice", role: "alert" }),
    search: element("input", {
      class: "rtkit-text rtkit-inspector-search", type: "search", placeholder: SEARCH_HINT,
      "aria-label": "Search the events", spellcheck: "false", ...OWN_KEYS,
    }),
    aloud: element("div", { class: "rtkit-inspector-aloud", role: "status", "aria-live": "polite" }),
    kinds: new Map(),
  };
  for (const kind of KINDS) {
    part.kinds.set(kind, button("inspector-kind", kind, () => toggleKind(inspecting, kind)));
  }
  part.pieces = button("inspector-kind", "", () => inspecting.choose({ pieces: !inspecting.state.pieces }));
  part.pieces.title = "Sound and deltas that come in pieces, and how far the player is";
  return part;
}

function inspectorLayout(part) {
  const kinds = element(
    "div",
    { class: "rtkit-inspector-kinds", role: "group", "aria-label": "Kinds of events" },
    ...part.kinds.values(),
    part.pieces,
  );
  return element(
    "section",
    { class: "rtkit-panel rtkit-inspector", "aria-label": "Event inspector" },
    element("header", { class: "rtkit-inspector-top" }, part.search, part.count, part.broken, part.follow),
    kinds,
    part.notice,
    element("div", { class: "rtkit-inspector-panes" }, part.list.el, part.view.el),
    part.aloud,
  );
}

function toggleKind(inspecting, kind) {
  const { kinds } = inspecting.state;
  const without = kinds.filter((other) => other !== kind);
  inspecting.choose({ kinds: without.length < kinds.length ? without : [...kinds, kind] });
}

/** On: to the newest row, and stay there. Off: stay here, though it is the end. */
function toggleFollow({ list }, inspecting) {
  const follow = !inspecting.state.follow;
  list.still = !follow;
  inspecting.set({ follow });
}

function drawTop(part, state) {
  part.count.textContent = state.ready ? matchesOf(state) : "";
  const { violations, live, follow } = state;
  part.broken.hidden = violations === 0;
  part.broken.textContent = `▲ ${violations} out of order`;
  part.broken.title = "Go to the next event that breaks a rule of order (key v)";
  part.follow.hidden = !live;
  part.follow.textContent = follow ? "↓ Following" : "↓ Follow";
  part.follow.setAttribute("aria-pressed", String(follow));
  part.notice.hidden = !state.notice;
  part.notice.textContent = state.notice?.text ?? "";
  if (part.aloud.textContent !== state.says) part.aloud.textContent = state.says;
}

function drawKinds(part, { kinds, counts, pieces }) {
  for (const [kind, made] of part.kinds) {
    made.hidden = !counts[kind];
    made.setAttribute("aria-pressed", String(kinds.includes(kind)));
    made.replaceChildren(kind, element("i", {}, (counts[kind] ?? 0).toLocaleString("en")));
  }
  part.pieces.hidden = !counts.pieces;
  part.pieces.setAttribute("aria-pressed", String(!pieces));
  part.pieces.replaceChildren("hide pieces", element("i", {}, (counts.pieces ?? 0).toLocaleString("en")));
}

/** The keys of the whole panel; those of the list are the list's. */
function inspectorKeys(root, part, inspecting) {
  const acts = {
    n: () => inspecting.partner(1),
    p: () => inspecting.partner(-1),
    v: () => inspecting.violation(1),
    V: () => inspecting.violation(-1),
    "/": () => part.search.focus(),
    f: () => inspecting.state.live && toggleFollow(part, inspecting),
  };
  const ofList = { " ": () => inspecting.toggle(), Enter: () => part.view.el.focus() };
  const onSearch = (event) => {
    if (!["Enter", "ArrowDown", "Escape"].includes(event.key)) return;
    if (event.key === "Escape" && part.search.value) clearSearch();
    else part.list.el.focus();
    event.preventDefault();
  };
  const clearSearch = () => {
    part.search.value = "";
    part.search.dispatchEvent(new Event("input"));
  };
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === part.search) return onSearch(event);
    const inList = event.target === part.list.el;
    const act = acts[event.key] ?? (inList ? ofList[event.key] : undefined);
    if (act) act();
    else if (event.key === "Escape") part.list.el.focus();
    else if (!inList || !part.list.key(event.key)) return;
    event.preventDefault();
  });
}

/** Draws the inspecting into `el`; the function that comes back ends the view. */
function inspectorView(inspecting, el) {
  const part = inspectorParts(inspecting);
  const root = inspectorLayout(part);
  const { state } = inspecting;
  let frame = null;
  let typing = null;
  let drawnKinds = "";

  const draw = () => {
    frame = null;
    root.dataset.ready = String(state.ready);
    drawTop(part, state);
    const kinds = JSON.stringify([state.kinds, state.counts, state.pieces]);
    if (kinds !== drawnKinds) drawKinds(part, state);
    drawnKinds = kinds;
    if (document.activeElement !== part.search) part.search.value = state.text;
    part.list.draw();
    part.view.draw();
  };
  const change = () => {
    frame ??= requestAnimationFrame(draw);
  };
  const now = () => {
    cancelAnimationFrame(frame);
    draw();
  };
  const jump = () => {
    part.list.draw();
    if (state.at !== null) part.list.reveal(state.at);
    change();
  };
  const listed = () => {
    now();
    if (!state.follow) part.list.pane.scrollTop = 0;
    if (state.at !== null) part.list.reveal(state.at);
  };
  const moving = () => part.view.drawMoving();
  const resize = new ResizeObserver(change);

  part.search.addEventListener("input", () => {
    state.text = part.search.value; // at once: the focus may leave before the pause is over
    clearTimeout(typing);
    typing = setTimeout(() => inspecting.look(), TYPING_MS);
  });
  inspectorKeys(root, part, inspecting);
  keepKeys(root);
  const heard = { change, jump, listed, rows: () => part.list.refill(), cursor: moving };
  for (const [name, act] of Object.entries(heard)) inspecting.addEventListener(name, act);
  inspecting.join();
  el.append(root);
  resize.observe(root);
  draw();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(typing);
    resize.disconnect();
    part.list.end();
    for (const [name, act] of Object.entries(heard)) inspecting.removeEventListener(name, act);
    inspecting.leave();
    root.remove(); // JupyterLab holds on to `el`
  };
}

export default () => {
  let inspecting = null;
  return {
    initialize({ model }) {
      inspecting = new Inspecting(model);
      return () => inspecting.shutdown("widget removed");
    },
    render: ({ el }) => inspectorView(inspecting, el),
  };
};
