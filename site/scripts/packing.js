// @ts-check
/** Edited source as it travels in a link: deflated, then base64url. It is only ever shown, not run. */

const MOST_SOURCE = 256 * 1024;

/** @param {string} source @returns {Promise<string>} */
export async function pack(source) {
  const stream = new Blob([source]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {string} packed @returns {Promise<string | null>} null where it is no packed source */
export async function unpack(packed) {
  try {
    const binary = atob(packed.replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
    let source = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return source;
      source += value;
      if (source.length > MOST_SOURCE) return await reader.cancel().then(() => null);
    }
  } catch {
    return null;
  }
}
