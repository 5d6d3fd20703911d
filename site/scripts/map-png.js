// @ts-check
/**
 * Reads 8-bit grey PNGs to the exact values that were written. A canvas would do it too, but
 * browsers that guard against fingerprinting alter what is read back from one.
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/**
 * @param {ArrayBuffer} buffer
 * @returns {Promise<{width: number, height: number, greys: Uint8Array}>}
 */
export async function readPng(buffer) {
  const bytes = new Uint8Array(buffer);
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw new Error("This is no PNG.");
  const view = new DataView(buffer);
  const packed = [];
  let width = 0;
  let height = 0;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "IHDR") {
      [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      const form = [...bytes.subarray(at + 16, at + 21)].join();
      if (form !== "8,0,0,0,0") throw new Error("This PNG is not plain 8-bit grey.");
    }
    if (kind === "IDAT") packed.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const stream = new Blob(packed).stream().pipeThrough(new DecompressionStream("deflate"));
  const lines = new Uint8Array(await new Response(stream).arrayBuffer());
  if (!width || lines.length !== height * (width + 1)) throw new Error("This PNG is cut off.");
  return { width, height, greys: unfiltered(lines, width, height) };
}

/** @param {Uint8Array} lines @param {number} width @param {number} height */
function unfiltered(lines, width, height) {
  const greys = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const filter = lines[y * (width + 1)];
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const left = x ? greys[at - 1] : 0;
      const up = y ? greys[at - width] : 0;
      const corner = x && y ? greys[at - width - 1] : 0;
      greys[at] = lines[y * (width + 1) + x + 1] + predicted(filter, left, up, corner);
    }
  }
  return greys;
}

/** @param {number} filter @param {number} left @param {number} up @param {number} corner */
function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
