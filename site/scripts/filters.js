// @ts-check
/** Filters over a list of pages: combined, counted, and kept in the address. */

const FACETS = ["field", "kind", "era", "tag", "status", "device", "of"];

/** What a reader types is looked for word by word, without accents or case. */
const plain = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

/** Wire the list's filters, if the page has any. */
export function filters() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-filters]"));
  if (!form) return;
  const entries = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".entry"))];
  const texts = entries.map((entry) => plain(entry.textContent ?? ""));
  const shelves = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-shelf]"))];
  const output = form.querySelector("output");
  const nothing = /** @type {HTMLElement | null} */ (document.querySelector("[data-nothing]"));
  const jump = /** @type {HTMLElement | null} */ (document.querySelector(".jump"));
  const values = () => new Map([...new FormData(form)].map(([name, value]) => [name, String(value)]));

  const fits = (entry, text, wanted, without = "") =>
    FACETS.every((facet) => {
      const value = facet === without ? "" : wanted.get(facet);
      return !value || (entry.dataset[facet] ?? "").split("|").includes(value);
    }) &&
    plain(wanted.get("q") ?? "")
      .split(" ")
      .every((word) => text.includes(word));

  const count = (select, wanted) => {
    const counts = new Map();
    entries.forEach((entry, at) => {
      if (!fits(entry, texts[at], wanted, select.name)) return;
      for (const value of (entry.dataset[select.name] ?? "").split("|")) {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    });
    for (const option of select.options) {
      if (!option.value) continue;
      const label = option.text.replace(/ \(\d+\)$/, "");
      option.text = `${label} (${counts.get(option.value) ?? 0})`;
    }
  };

  const show = () => {
    const wanted = values();
    let shown = 0;
    entries.forEach((entry, at) => {
      entry.hidden = !fits(entry, texts[at], wanted);
      shown += entry.hidden ? 0 : 1;
    });
    for (const shelf of shelves) shelf.hidden = !shelf.querySelector(".entry:not([hidden])");
    for (const select of form.querySelectorAll("select")) count(select, wanted);
    if (output) output.textContent = `Showing ${shown} of ${entries.length}`;
    if (nothing) nothing.hidden = shown > 0;
    if (jump) jump.hidden = shown < entries.length;
  };

  const remember = () => {
    const set = [...values()].filter(([, value]) => value.trim());
    const query = new URLSearchParams(set).toString();
    history.replaceState(history.state, "", (query ? `?${query}` : location.pathname) + location.hash);
  };

  const read = () => {
    const query = new URLSearchParams(location.search);
    for (const field of form.elements) {
      if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) continue;
      const value = query.get(field.name) ?? "";
      const known = field instanceof HTMLInputElement || [...field.options].some((o) => o.value === value);
      field.value = known ? value.slice(0, 80) : "";
    }
    show();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    show();
    remember();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      show();
      remember();
    }),
  );
  for (const link of document.querySelectorAll(".entry a[data-tag]")) {
    link.addEventListener("click", (event) => {
      const select = form.elements.namedItem("tag");
      if (!(select instanceof HTMLSelectElement) || /** @type {MouseEvent} */ (event).ctrlKey) return;
      event.preventDefault();
      select.value = link.getAttribute("data-tag") ?? "";
      show();
      remember();
      form.scrollIntoView({ block: "start" });
      select.focus({ preventScroll: true });
    });
  }
  addEventListener("popstate", read);
  form.hidden = false;
  read();
}
