// @ts-check
/**
 * The requests to one worker: one at a time, and of each key only the newest. A reply that a newer
 * request of its key has overtaken is dropped.
 *
 * @typedef {import("./host.js").Host} Host
 * @typedef {{key: string, method: string, request: object, settle(value: any): void}} Job
 */

const SLOW_AFTER = 1000;

/** Sends `slow` (the key of a request without an answer for a second) and `idle` (it ended). */
export class Queue extends EventTarget {
  constructor() {
    super();
    /** @type {Host | null} */ this.host = null;
    /** @type {Job[]} */ this.waiting = [];
    /** @type {Job | null} */ this.running = null;
  }

  /**
   * Gives the reply, or null where a newer request took its place or there is no worker any more.
   *
   * @param {string} method
   * @param {object} request
   * @param {string} key
   * @returns {Promise<any>}
   */
  ask(method, request, key) {
    return new Promise((settle) => {
      const stale = this.waiting.findIndex((job) => job.key === key);
      if (stale >= 0) this.waiting.splice(stale, 1)[0].settle(null);
      this.waiting.push({ key, method, request, settle });
      this.next();
    });
  }

  /** Lets go of the worker and of all requests to it. */
  clear() {
    const { running } = this;
    this.running = null;
    this.host?.end();
    this.host = null;
    running?.settle(null);
    for (const job of this.waiting.splice(0)) job.settle(null);
    this.dispatchEvent(new Event("idle"));
  }

  /** @param {Host} host */
  serve(host) {
    this.host = host;
    this.next();
  }

  async next() {
    const { host } = this;
    const job = this.running || !host ? undefined : this.waiting.shift();
    if (!job || !host) return;
    this.running = job;
    const clock = setTimeout(
      () => this.dispatchEvent(new CustomEvent("slow", { detail: job.key })),
      SLOW_AFTER,
    );
    const reply = await host.call(job.method, job.request).catch((error) => ({
      ok: false,
      error: { type: "Error", message: String(error?.message ?? error), line: null },
    }));
    clearTimeout(clock);
    if (this.running !== job) return; // stopped meanwhile, and settled then
    this.running = null;
    this.dispatchEvent(new Event("idle"));
    job.settle(this.waiting.some((newer) => newer.key === job.key) ? null : reply);
    this.next();
  }
}
