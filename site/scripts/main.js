// @ts-check
/** The one script that pages load: wires what the page has, and fetches the rest when asked for. */

import { actions } from "./actions.js";
import { claims } from "./claims.js";
import { copying } from "./copy.js";
import { maps } from "./maps.js";
import { mutants } from "./mutants.js";
import { offline } from "./offline.js";
import { Page } from "./page.js";
import { reading } from "./reading.js";
import { mayStartAtOnce, settings } from "./settings.js";
import { shortcuts } from "./shortcuts.js";
import { status } from "./status.js";
import { theme } from "./theme.js";

document.documentElement.dataset.script = "ready"; // "on" since early.js
theme();
copying();
shortcuts();
maps();

if (document.querySelector("form[data-filters]")) {
  void import("./filters.js").then(({ filters }) => filters());
}
if (document.querySelector(".lineage-graph")) {
  void import("./lineage.js").then(({ lineage }) => lineage());
}
if (document.querySelector("[data-progress], [data-continue]")) {
  void import("./progress.js").then(({ progress }) => progress());
}
const words = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-search]"));
if (words) void import("./search.js").then(({ search }) => search(words));

const data = document.getElementById("workings-page");
if (data) {
  const page = new Page(JSON.parse(data.textContent ?? "{}"));
  actions(page);
  const say = status(page.python, page.data);
  mutants(page, claims(page));
  page.arrive(location.hash);
  if (document.querySelector(".explainer")) reading(page.data.slug);
  const atOnce = () => mayStartAtOnce() && page.python.state === "off" && page.python.start();
  settings(() => {
    say();
    atOnce();
  });
  atOnce();
  offline(page);
} else {
  settings(() => {});
  offline(null);
}
