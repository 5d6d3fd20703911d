// @ts-check
/** The numbers behind a picture, set as a table; text only, whatever Python sent. */

const MOST_ROWS = 1000;
const MOST_COLUMNS = 60;

/**
 * @param {HTMLElement} box
 * @param {any} table `{columns, rows}`
 */
export function fillTable(box, table) {
  const columns = list(table?.columns).slice(0, MOST_COLUMNS);
  const rows = list(table?.rows);
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = String(column);
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const value of list(row).slice(0, MOST_COLUMNS)) {
      const cell = line.insertCell();
      cell.textContent = value === null ? "–" : String(value);
      if (typeof value === "number") cell.className = "number";
    }
  }
  box.querySelector(".data-more")?.remove();
  const old = box.querySelector("table");
  const caption = old?.caption;
  if (caption) made.append(caption);
  if (old) old.className && (made.className = old.className);
  if (old) old.replaceWith(made);
  else box.append(made);
  if (rows.length > MOST_ROWS) {
    const more = document.createElement("p");
    more.className = "data-more";
    more.textContent = `The first ${MOST_ROWS} of ${rows.length} rows; the CSV file has them all.`;
    box.append(more);
  }
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}
