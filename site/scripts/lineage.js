// @ts-check
/** The lineage: one paper's ancestors and descendants stand out, the rest steps back. */

/** Wire the graph, if the page has it. */
export function lineage() {
  const graph = /** @type {SVGElement | null} */ (document.querySelector(".lineage-graph"));
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-lineage-search]"));
  if (!graph || !form) return;
  const kin = [.../** @type {NodeListOf<SVGAElement>} */ (graph.querySelectorAll(".kin"))];
  const edges = [.../** @type {NodeListOf<SVGElement>} */ (graph.querySelectorAll(".edges path"))];
  const output = form.querySelector("output");
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const words = (text) => (text ?? "").split(" ").filter(Boolean);
  const name = (one) => one.querySelector("text")?.textContent ?? "";
  let chosen = "";

  const show = (slug, say = true) => {
    const one = kin.find((k) => k.dataset.slug === slug);
    graph.toggleAttribute("data-focused", !!one);
    const up = new Set(words(one?.dataset.up));
    const down = new Set(words(one?.dataset.down));
    for (const k of kin) {
      const own = k.dataset.slug ?? "";
      k.dataset.role = own === slug ? "self" : up.has(own) ? "up" : down.has(own) ? "down" : "";
    }
    const above = new Set([...up, slug]);
    const below = new Set([...down, slug]);
    for (const edge of edges) {
      const { tail = "", head = "" } = edge.dataset;
      const on = (above.has(tail) && above.has(head)) || (below.has(tail) && below.has(head));
      edge.toggleAttribute("data-on", !!one && on);
    }
    if (output && say) {
      output.textContent = one ? `${name(one)} stands on ${up.size}; ${down.size} stand on it` : "";
    }
  };

  const choose = (slug) => {
    chosen = slug;
    show(slug);
    const one = kin.find((k) => k.dataset.slug === slug);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    one?.scrollIntoView({ block: "nearest", inline: "center", behavior: still ? "auto" : "smooth" });
    history.replaceState(history.state, "", slug ? `#kin-${slug}` : location.pathname);
  };

  for (const one of kin) {
    one.addEventListener("pointerenter", () => show(one.dataset.slug, false));
    one.addEventListener("pointerleave", () => show(chosen, false));
    one.addEventListener("focus", () => show(one.dataset.slug));
    one.addEventListener("blur", () => show(chosen));
  }
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    const one =
      kin.find((k) => name(k).toLowerCase() === wanted) ??
      (wanted.length > 2 && kin.find((k) => name(k).toLowerCase().includes(wanted)));
    if (one) choose(one.dataset.slug);
    else if (!wanted) choose("");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    kin.find((k) => k.dataset.slug === chosen)?.focus();
  });
  form.addEventListener("reset", () => choose(""));
  form.hidden = false;
  if (location.hash.startsWith("#kin-")) choose(location.hash.slice(5));
}
