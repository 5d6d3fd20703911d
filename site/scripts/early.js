/* Before anything is painted: the reader's theme, and that scripts run (they don't from a file). */
(function (root) {
  if (location.protocol !== "file:") root.dataset.script = "on";
  try {
    root.dataset.theme = localStorage.getItem("workings-theme") || "auto";
  } catch (refused) {}
})(document.documentElement);
