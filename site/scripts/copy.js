// @ts-check
/** `<button data-copy="ID">`: copies the text of the element with that id. */

export function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-copy]");
    if (!(button instanceof HTMLElement)) return;
    const source = document.getElementById(button.dataset.copy ?? "");
    if (!source) return;
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(source);
      button.textContent = "Selected; copy it now";
    }
    setTimeout(() => (button.textContent = words), 2000);
  });
}
