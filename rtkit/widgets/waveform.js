// The picture of a take with its playhead, as a slider.

const STEP = 0.05; // of the take, by one press of an arrow key
const SPACE = "http://www.w3.org/2000/svg";
const LEAST_HEIGHT = 0.1; // of full scale: noise is not blown up to the height of speech

function svgElement(tag, attributes) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The outline of a take as one path: along the highest samples, and back along the lowest. */
function outline({ low, high }) {
  const tallest = high.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(low[i])), LEAST_HEIGHT);
  const point = (value, i) => `${i} ${(-value / tallest).toFixed(3)}`;
  const back = low.map(point).reverse();
  return { path: `M${[...high.map(point), ...back].join("L")}Z`, width: Math.max(1, high.length - 1) };
}

class Waveform {
  constructor(seek) {
    this.seek = seek;
    this.part = 0;
    this.picture = null;
    this.shape = svgElement("path", {});
    this.svg = svgElement("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.svg.append(this.shape);
    this.head = element("div", { class: "rtkit-playhead" });
    this.el = element(
      "div",
      { class: "rtkit-waveform", role: "slider", tabindex: "0", "aria-label": "Position in the take",
        "aria-valuemin": 0, ...OWN_KEYS },
      this.svg,
      this.head,
    );
    this.el.addEventListener("pointerdown", (event) => this.point(event));
    this.el.addEventListener("keydown", (event) => this.key(event));
  }

  draw(picture) {
    if (picture === this.picture) return;
    this.picture = picture;
    const { path, width } = outline(picture ?? { low: [0, 0], high: [0, 0] });
    this.svg.setAttribute("viewBox", `0 -1.05 ${width} 2.1`);
    this.shape.setAttribute("d", path);
  }

  move(seconds, duration) {
    this.part = duration > 0 ? Math.min(1, seconds / duration) : 0;
    this.head.style.left = `${100 * this.part}%`;
    this.el.setAttribute("aria-valuemax", duration.toFixed(2));
    this.el.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.el.setAttribute("aria-valuetext", `${seconds.toFixed(1)} of ${duration.toFixed(1)} seconds`);
  }

  point(event) {
    const { left, width } = this.el.getBoundingClientRect();
    this.seek((event.clientX - left) / width);
  }

  key(event) {
    const to = { ArrowLeft: this.part - STEP, ArrowRight: this.part + STEP, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.seek(Math.max(0, Math.min(1, to)));
  }
}
