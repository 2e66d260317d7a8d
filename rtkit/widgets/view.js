// One view of the engine's state: regions from top to bottom. It draws and calls the engine's
// verbs, and keeps nothing.
//
// A region is made by `create(engine)`, once for each view. It has its `element` and `draw(state)`,
// called whenever the engine's state has changed; where it needs them `hear(level)`, called with
// the microphone's level (dB) at every frame, `tick(state)`, called every second, and `end()`,
// called when the view is taken away.

const REGIONS = [
  head, noticeBox, ...ABOVE_TRANSCRIPT, transcript, ...BELOW_TRANSCRIPT, composer, foot,
  keepsakes, settings,
];

/** Draws the engine into `el`; the function that comes back ends the view. */
function view(engine, el) {
  const regions = REGIONS.map((create) => create(engine));
  const root = element(
    "section",
    { class: "rtkit-panel rtkit-console", "aria-label": "Live conversation", tabindex: "-1", ...OWN_KEYS },
    ...regions.map((region) => region.element),
  );
  const letGo = holdByKey(root, engine);
  keepKeys(root);
  const draw = () => {
    root.dataset.word = wordOf(engine.state);
    root.dataset.mic = micOf(engine.state);
    for (const region of regions) region.draw(engine.state);
  };
  const hear = ({ detail }) => regions.forEach((region) => region.hear?.(detail));
  engine.addEventListener("change", draw);
  engine.addEventListener("level", hear);
  engine.join();
  draw();
  el.append(root);
  const clock = setInterval(() => regions.forEach((region) => region.tick?.(engine.state)), 1000);
  return () => {
    clearInterval(clock);
    letGo();
    engine.removeEventListener("change", draw);
    engine.removeEventListener("level", hear);
    for (const region of regions) region.end?.();
    engine.leave();
  };
}

export default () => {
  let engine = null;
  return {
    initialize({ model }) {
      engine = new Engine(model);
      return () => engine.shutdown("widget removed");
    },
    render: ({ el }) => view(engine, el),
  };
};
