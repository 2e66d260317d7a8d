"""What can be measured of how a widget looks: contrast, names, what is cut off, what clashes."""

CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# Of every piece of text that is on the page under `root`: its contrast with what is behind it.
CONTRASTS = """
(root) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((x) => x / 255)
            .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const each of document.querySelectorAll(`${root} *`)) {
        const own = [...each.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        const off = each.matches(":disabled, option");
        const typed = each.matches("input:not([type=range], [type=radio]), textarea");
        if ((!own && !typed) || off || !each.checkVisibility()) continue;
        const behind = [];
        for (let el = each; el; el = el.parentElement) {
            behind.unshift(getComputedStyle(el).backgroundColor);
        }
        const back = light(rgb(["white", ...behind]));
        const ink = light(rgb(["white", ...behind, getComputedStyle(each).color]));
        const [low, high] = [back, ink].sort((a, b) => a - b);
        const text = each.textContent.trim().slice(0, 40) || each.tagName;
        found.push([text, (high + 0.05) / (low + 0.05)]);
    }
    return found;
}
"""
# Of every title that is wider than its tab, or control that leaves it: what it says.
CUT = """
(selector) => {
    const root = document.querySelector(selector);
    const right = root.getBoundingClientRect().right;
    const cut = (each) => each.matches("div") && each.scrollWidth > each.clientWidth;
    const out = (each) => each.checkVisibility() && each.getBoundingClientRect().right > right;
    return [...root.querySelectorAll(".lm-TabBar-tabLabel, button, input, select, textarea")]
        .filter((each) => cut(each) || out(each)).map((each) => each.textContent);
}
"""
NAMES = """
(root) => [...document.querySelector(root).querySelectorAll(
    "button, input, select, textarea, .noUi-handle, [contenteditable='true']",
)].filter((each) => each.checkVisibility()).map((each) => {
    const own = each.tagName === "BUTTON" ? [each] : [...(each.labels ?? [])];
    const name = each.getAttribute("aria-label") ?? own.map((el) => el.textContent).join(" ");
    return [each.tagName, name.trim()];
})
"""
# What lies upon another part of a form, and every number that is cut.
CLASHES = """
(root) => {
    const controls = ".widget-label, .noUi-target, .widget-readout, select, input, textarea";
    const parts = [...document.querySelectorAll(`${root} .rtkit-field`)]
        .flatMap((el) => [...el.querySelectorAll(`${controls}, .rtkit-note .widget-html-content`)])
        .filter((el) => el.checkVisibility()).map((el) => [el, el.getBoundingClientRect()])
        .filter(([, box]) => box.width && box.height);
    const apart = (a, b) => a.right < b.left + 1 || a.bottom < b.top + 1;
    const name = (el) => `${el.localName}.${el.className}: ${el.textContent.slice(0, 30)}`;
    const clashes = [];
    parts.forEach(([one, a], n) => {
        for (const [two, b] of parts.slice(n + 1)) {
            if (one.contains(two) || apart(a, b) || apart(b, a)) continue;
            clashes.push(`${name(one)} | ${name(two)}`);
        }
    });
    const cut = parts.map(([el]) => el)
        .filter((el) => el.matches(".widget-readout") && el.scrollWidth > el.clientWidth + 1);
    return [...clashes, ...cut.map((el) => `cut: ${name(el)}`)];
}
"""
# Where each box of a form begins, in pixels from the left.
LEFTS = """
(root) => [...document.querySelectorAll(`${root} .rtkit-field :is(select, textarea, [type=text])`)]
    .filter((el) => el.checkVisibility()).map((el) => Math.round(el.getBoundingClientRect().left))
"""
# What the sheets of other widgets change of a widget: nothing, if each styles its own parts only.
# First how many other sheets there are, and how many parts were looked at.
CHANGED_BY_OTHERS = """
(root) => {
    const others = [...document.querySelectorAll("style")].filter(({ textContent }) =>
        textContent.includes(".rtkit-") && !textContent.includes(`${root} `));
    const shown = document.querySelector(root);
    const look = () => [shown, ...shown.querySelectorAll("*")].flatMap((each) =>
        [null, "::before", "::after"].map((part) => {
            const style = getComputedStyle(each, part);
            const keys = part && style.content === "none" ? ["content"] : [...style];
            const values = keys.map((key) => [key, style.getPropertyValue(key)]);
            return [`${each.localName}.${each.getAttribute("class")}${part ?? ""}`, values];
        }));
    for (const each of others) each.disabled = true;
    const alone = look();
    for (const each of others) each.disabled = false;
    const changed = look().flatMap(([name, values], n) => values
        .filter(([, value], k) => value !== alone[n][1][k]?.[1])
        .map(([key, value]) => `${name} ${key}: ${value}`));
    return [others.length, alone.length, changed];
}
"""
