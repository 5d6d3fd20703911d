// @ts-check
/**
 * Fetches what the first start of Python needs, all at once, checks that it is what the page was
 * built with, and says how far it has come. The worker then finds every file in the browser's cache
 * (or waits for the same transfer).
 *
 * @typedef {[string, number, string]} File path in the runtime's folder or URL; bytes, unpacked; how
 * its SHA-256 begins
 *
 * @param {string} runtime URL of the runtime's folder
 * @param {File[]} files
 * @param {boolean} afresh whether to pass over what is kept: it may be what Python failed on
 * @param {(share: number) => void} progress from 0 to 1
 * @returns {Promise<void>}
 */
export async function prefetch(runtime, files, afresh, progress) {
  const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  let done = 0;
  const one = async (/** @type {File} */ [path, , mark]) => {
    const url = new URL(path, runtime);
    const response = await fetch(url, { cache: afresh ? "reload" : "default" });
    if (!response.ok || !response.body) throw new Error(`${path}: HTTP ${response.status}`);
    const reader = response.body.getReader();
    const parts = [];
    for (;;) {
      const { done: ended, value } = await reader.read();
      if (ended) break;
      parts.push(value);
      done += value.length;
      progress(Math.min(1, done / total));
    }
    if (!(await begins(new Blob(parts), mark))) throw new Error(`${path} came with other bytes.`);
  };
  await Promise.all(files.map(one));
}

/**
 * Without cryptography, as on a host with plain HTTP, any bytes will do.
 *
 * @param {Blob} content @param {string} mark
 */
async function begins(content, mark) {
  if (!crypto.subtle) return true;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("").startsWith(mark);
}
