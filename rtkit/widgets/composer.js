// What a person types instead of speaking.

function composer(engine) {
  const text = element("input", {
    class: "rtkit-text", type: "text", "aria-label": "Message", autocomplete: "off",
    placeholder: "Type a message instead of speaking", ...OWN_KEYS,
  });
  const send = button("send", "Send", () => {});
  send.type = "submit";
  const form = element("form", { class: "rtkit-form" }, text, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    engine.say(said);
  });
  return { element: form, draw() {} };
}
