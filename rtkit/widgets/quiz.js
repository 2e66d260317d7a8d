// Questions to be answered by a click or a key. The kernel judges; this only draws what it says.

// Code, or what is stressed, as in rtkit/sheets.py.
const MARKS = /`([^`]+)`|(?<![\w*])\*(?=[^\s*])([^*`]*[^\s*`])\*(?![\w*])/;
const VERDICT = { true: "Right.", false: "Not so." };

/** The pieces of a text: what is marked as elements, all else as text. */
function marked(text) {
  const tags = [null, "code", "em"]; // of the pieces that split() tells in turn
  const made = (piece, n) => (piece && n % 3 ? element(tags[n % 3], {}, piece) : piece);
  return text.split(MARKS).map(made).filter(Boolean);
}

function choiceButton(model, question, choice, text) {
  const made = button("choice", "", () => model.send({ question, choice }));
  made.append(
    element("span", { class: "rtkit-quiz-letter", "aria-hidden": "true" }, "abcdef"[choice]),
    element("span", {}, ...marked(text)),
  );
  return made;
}

function questionBox(model, asked, number) {
  const choices = asked.choices.map((text, choice) => choiceButton(model, number, choice, text));
  const reason = element("p", { class: "rtkit-quiz-reason", "aria-live": "polite" });
  const head = element("legend", {}, `${number + 1}. `, ...marked(asked.text));
  const box = element("fieldset", { class: "rtkit-quiz-question" }, head, ...choices, reason);
  let told = "";
  const draw = (reply) => {
    choices.forEach((each, choice) => {
      const taken = reply?.choice === choice;
      each.setAttribute("aria-pressed", String(taken));
      if (taken) each.dataset.right = String(reply.right);
      else delete each.dataset.right;
    });
    const said = reply ? `${VERDICT[reply.right]} ${reply.reason}` : "";
    if (told !== said) reason.replaceChildren(...marked(said));
    told = said;
  };
  return { box, draw };
}

function quizView(model, el) {
  const questions = model.get("_questions").map((asked, number) => questionBox(model, asked, number));
  const draw = () => {
    const replies = model.get("_replies");
    questions.forEach((each, number) => each.draw(replies[number]));
  };
  const root = element("div", { class: "rtkit-panel rtkit-quiz" }, ...questions.map((q) => q.box));
  keepKeys(root);
  el.append(root);
  model.on("change:_replies", draw);
  draw();
  return () => model.off("change:_replies", draw);
}

export default () => ({ render: ({ model, el }) => quizView(model, el) });
