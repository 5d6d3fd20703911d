// @ts-check
/** Which part of a map is in sight: numbers alone. Cells are counted from the map's corner. */

const LARGEST_CELL = 48; // CSS pixels

export class View {
  /** @param {number} rows @param {number} columns */
  constructor(rows, columns) {
    this.rows = rows;
    this.columns = columns;
    this.width = 1;
    this.height = 1;
    this.zoom = 1;
    /** the cell at the window's left and top edge, with fractions */
    this.left = 0;
    this.top = 0;
  }

  /** CSS pixels a cell */
  get scale() {
    return this.fit * this.zoom;
  }

  /** the same, where the whole map is in sight */
  get fit() {
    return Math.min(this.width / this.columns, this.height / this.rows);
  }

  get mostZoom() {
    return Math.max(1, LARGEST_CELL / this.fit);
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    const middle = this.middle();
    [this.width, this.height] = [Math.max(1, width), Math.max(1, height)];
    this.zoomTo(this.zoom);
    this.centre(middle.row, middle.column);
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.zoom = Math.min(this.mostZoom, Math.max(1, zoom));
  }

  /** Zooms so that the point stays where it is. @param {number} factor @param {number} x @param {number} y */
  zoomAt(factor, x, y) {
    const [column, row] = [this.left + x / this.scale, this.top + y / this.scale];
    this.zoomTo(this.zoom * factor);
    this.left = column - x / this.scale;
    this.top = row - y / this.scale;
    this.settle();
  }

  /** @param {number} x @param {number} y in CSS pixels */
  panBy(x, y) {
    this.left -= x / this.scale;
    this.top -= y / this.scale;
    this.settle();
  }

  /** @param {number} row @param {number} column */
  centre(row, column) {
    this.left = column + 0.5 - this.width / this.scale / 2;
    this.top = row + 0.5 - this.height / this.scale / 2;
    this.settle();
  }

  /** Moves as little as shows the cell. @param {number} row @param {number} column */
  reveal(row, column) {
    const [across, down] = [this.width / this.scale, this.height / this.scale];
    this.left = Math.min(column, Math.max(this.left, column + 1 - across));
    this.top = Math.min(row, Math.max(this.top, row + 1 - down));
    this.settle();
  }

  /** No further than the map goes; what has room is in the middle. */
  settle() {
    const settled = (/** @type {number} */ start, /** @type {number} */ seen, /** @type {number} */ all) =>
      seen >= all ? (all - seen) / 2 : Math.min(all - seen, Math.max(0, start));
    this.left = settled(this.left, this.width / this.scale, this.columns);
    this.top = settled(this.top, this.height / this.scale, this.rows);
  }

  middle() {
    const row = Math.floor(this.top + this.height / this.scale / 2);
    const column = Math.floor(this.left + this.width / this.scale / 2);
    return {
      row: Math.min(this.rows - 1, Math.max(0, row)),
      column: Math.min(this.columns - 1, Math.max(0, column)),
    };
  }

  /** @param {number} row @param {number} column @returns {boolean} */
  shows(row, column) {
    const [x, y] = this.place(row, column);
    return x > -this.scale && y > -this.scale && x < this.width && y < this.height;
  }

  /** @param {number} row @param {number} column @returns {[number, number]} its corner */
  place(row, column) {
    return [(column - this.left) * this.scale, (row - this.top) * this.scale];
  }

  /** @param {number} x @param {number} y @returns {{row: number, column: number} | null} */
  cell(x, y) {
    const [column, row] = [this.left + x / this.scale, this.top + y / this.scale].map(Math.floor);
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
    const there = row >= 0 && column >= 0 && row < this.rows && column < this.columns;
    return inside && there ? { row, column } : null;
  }
}
