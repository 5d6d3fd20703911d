// @ts-check
/**
 * The one classic script: it runs before the first paint, so that the reader's theme and the
 * controls, which need a script, are there from the start and nothing shifts.
 */
(() => {
  const { dataset } = document.documentElement;
  dataset.script = "on";
  try {
    const theme = localStorage.getItem("workings-theme");
    if (theme === "light" || theme === "dark") dataset.theme = theme;
  } catch {
    // storage refused: as the device has it
  }
})();
