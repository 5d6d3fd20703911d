// @ts-check
/**
 * A code editor: CodeMirror, as PyScript carries it, in a shadow root (its styles are then
 * constructed sheets, which the page's policy allows); a plain text area where it can't be had.
 * Tab moves on as anywhere in the page, so that the editor is no trap.
 *
 * @typedef {object} Editor
 * @property {() => string} get
 * @property {(source: string) => void} set
 * @property {(line: number | null) => void} mark shows a line as the one with the error
 * @property {() => void} focus
 */

import { pyscript } from "./host.js";

const MONO = "var(--mono, ui-monospace, monospace)";
const THEME = {
  "&": { fontSize: "inherit", color: "inherit", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "2px solid var(--accent, currentColor)", outlineOffset: "2px" },
  ".cm-content": { fontFamily: MONO, caretColor: "currentColor" },
  ".cm-gutters": { color: "inherit", opacity: "0.7", backgroundColor: "transparent", border: "0" },
  ".cm-gutters, .cm-scroller": { fontFamily: MONO },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-cursor": { borderLeftColor: "currentColor" },
  ".cm-error-line": {
    boxShadow: "inset 3px 0 0 var(--accent, currentColor)",
    textDecoration: "underline wavy var(--accent, currentColor)",
    textUnderlineOffset: "3px",
  },
  ".cm-tooltip": { backgroundColor: "var(--paper, Canvas)", color: "var(--ink, CanvasText)" },
};

/** CodeMirror's own colours by which kind of code they mark, in the site's ink instead. */
const LOOKS = /** @type {Record<string, object>} */ ({
  "#708": { fontWeight: "600" },
  "#a11": { color: "var(--accent, inherit)" },
  "#e40": { color: "var(--accent, inherit)" },
  "#940": { opacity: "0.75", fontStyle: "italic" },
});

/**
 * @param {HTMLElement} parent
 * @param {string} runtime URL of the runtime's folder
 * @param {string} label what is edited
 * @param {() => void} run for Ctrl or Cmd with Enter
 * @returns {Promise<Editor>}
 */
export async function editor(parent, runtime, label, run) {
  try {
    return await codeMirror(parent, runtime, label, run);
  } catch (error) {
    console.info("CodeMirror could not be loaded:", error);
    return textArea(parent, label, run);
  }
}

/** @param {HTMLElement} parent @param {string} runtime @param {string} label @param {() => void} run */
async function codeMirror(parent, runtime, label, run) {
  const { codemirror } = await pyscript(runtime);
  const [{ EditorView, basicSetup }, { StateEffect, StateField, Prec }, { python }, language, view] =
    await Promise.all([
      codemirror.core,
      codemirror.state,
      codemirror.python,
      codemirror.language,
      codemirror.view,
    ]);
  const wrong = StateEffect.define();
  const line = view.Decoration.line({ class: "cm-error-line" });
  const wrongLine = StateField.define({
    create: () => view.Decoration.none,
    update(/** @type {any} */ marks, /** @type {any} */ change) {
      for (const effect of change.effects) {
        if (!effect.is(wrong)) continue;
        const { doc } = change.state;
        const at = effect.value;
        if (!(at >= 1 && at <= doc.lines)) return view.Decoration.none;
        return view.Decoration.set([line.range(doc.line(at).from)]);
      }
      return marks.map(change.changes);
    },
    provide: (/** @type {any} */ field) => EditorView.decorations.from(field),
  });
  const specs = language.defaultHighlightStyle.specs.map((/** @type {any} */ spec) => ({
    tag: spec.tag,
    ...(LOOKS[spec.color] ?? {}),
  }));
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const made = new EditorView({
    parent: root,
    root,
    extensions: [
      Prec.highest(view.keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
      basicSetup,
      python(),
      Prec.high(language.syntaxHighlighting(language.HighlightStyle.define(specs))),
      EditorView.theme(THEME),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
      wrongLine,
    ],
  });
  return {
    get: () => made.state.doc.toString(),
    set: (/** @type {string} */ source) =>
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: source } }),
    mark: (/** @type {number | null} */ at) => made.dispatch({ effects: wrong.of(at ?? 0) }),
    focus: () => made.focus(),
  };
}

/** @param {HTMLElement} parent @param {string} label @param {() => void} run @returns {Editor} */
function textArea(parent, label, run) {
  const field = document.createElement("textarea");
  field.rows = 16;
  field.spellcheck = false;
  field.setAttribute("aria-label", label);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  parent.append(field);
  return {
    get: () => field.value,
    set: (source) => (field.value = source),
    mark: (at) => {
      if (at === null) return;
      const lines = field.value.split("\n");
      const from = lines.slice(0, at - 1).join("\n").length + (at > 1 ? 1 : 0);
      field.setSelectionRange(from, from + (lines[at - 1]?.length ?? 0));
    },
    focus: () => field.focus(),
  };
}
