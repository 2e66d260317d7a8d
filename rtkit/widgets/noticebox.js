// One sentence on what went wrong, or what a person should know; nothing while all is well.

function noticeBox() {
  const box = element("div", { class: "rtkit-notice", role: "alert" });
  return {
    element: box,
    draw({ notice }) {
      box.hidden = notice === null;
      if (box.textContent !== (notice?.text ?? "")) box.textContent = notice?.text ?? "";
      box.dataset.kind = notice?.kind ?? "";
    },
  };
}
