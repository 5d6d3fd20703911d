// @ts-check
/**
 * Fetches what the first start of Python needs, all at once, and says how far it has come. The
 * worker then finds every file in the browser's cache (or waits for the same transfer).
 *
 * @param {string} runtime URL of the runtime's folder
 * @param {[string, number][]} files path there, or URL, and size in bytes, unpacked
 * @param {(share: number) => void} progress from 0 to 1
 * @returns {Promise<void>}
 */
export async function prefetch(runtime, files, progress) {
  const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  let done = 0;
  const one = async (/** @type {[string, number]} */ [path]) => {
    const response = await fetch(new URL(path, runtime));
    if (!response.ok || !response.body) throw new Error(`${path}: HTTP ${response.status}`);
    const reader = response.body.getReader();
    for (;;) {
      const { done: ended, value } = await reader.read();
      if (ended) return;
      done += value.length;
      progress(Math.min(1, done / total));
    }
  };
  await Promise.all(files.map(one));
}
