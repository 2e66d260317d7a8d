// What a person types instead of speaking, and an image to go with it: chosen, pasted or dropped.

const IMAGE_TITLE = "Send an image with the message: PNG or JPEG. You can also paste one, or drop it here.";

/** The image that will be sent: its thumbnail, its name, and a button that takes it away. */
function attachment(engine) {
  let held = null;
  const shown = element("div", { class: "rtkit-attached" });
  const draw = () => {
    shown.hidden = held === null;
    if (!held) return shown.replaceChildren();
    const away = button("detach", "Remove", () => put(null));
    away.setAttribute("aria-label", `Remove ${held.name}`);
    const image = element("img", { class: "rtkit-thumb", alt: "", src: held.url });
    shown.replaceChildren(image, element("span", {}, [held.name, held.note].filter(Boolean).join(", ")), away);
  };
  const put = (picture) => {
    held = picture;
    draw();
  };
  const take = async (files) => {
    const [file] = files;
    if (!file) return;
    try {
      put(await pictureOf(file));
      engine.notice(null);
    } catch (error) {
      engine.notice(error.message);
    }
  };
  draw();
  return { shown, take, put, url: () => held?.url ?? null };
}

/** Lets images come by paste and by drop. */
function acceptImages(form, attached) {
  form.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    attached.take(files);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      event.stopPropagation();
      form.dataset.over = String(name === "dragenter" || name === "dragover");
      if (name === "drop") attached.take(event.dataTransfer.files);
    });
  }
}

function composer(engine) {
  const attached = attachment(engine);
  const text = element("input", {
    class: "rtkit-text", type: "text", "aria-label": "Message", autocomplete: "off",
    placeholder: "Type instead of speaking", ...OWN_KEYS,
  });
  const file = element("input", { type: "file", accept: PICTURE_TYPES.join(), hidden: "", tabindex: "-1" });
  const choose = button("image", "Image", () => file.click());
  const send = button("send", "Send", () => {});
  choose.title = IMAGE_TITLE;
  send.type = "submit";
  file.addEventListener("change", () => {
    attached.take(file.files);
    file.value = "";
  });
  const row = element("div", { class: "rtkit-formrow" }, text, file, choose, send);
  const form = element("form", { class: "rtkit-form" }, attached.shown, row);
  acceptImages(form, attached);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [said, image] = [text.value.trim(), attached.url()];
    if ((!said && !image) || !(await engine.say(said, image))) return;
    text.value = "";
    attached.put(null);
  });
  return {
    element: form,
    draw: (state) => {
      send.disabled = choose.disabled = state.link === "lost" || Boolean(state.settings?.fixed);
    },
  };
}
