// @ts-check
/**
 * Python's life in the page: off, starting, ready or failed (on `<html data-python>`), one worker
 * for all exhibits, one request at a time, the newest of each kind. Sends these events:
 * `state`, `progress` (share), `slow` (key of a request without an answer for a second), `idle`.
 *
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./host.js").Place} Place
 * @typedef {{key: string, method: string, request: object, settle(value: any): void}} Job
 */

import { spawn } from "./host.js";
import { prefetch } from "./prefetch.js";
import { mayStartOnTouch } from "./settings.js";

const SLOW_AFTER = 1000;

export class Python extends EventTarget {
  /**
   * @param {Place} place
   * @param {string[]} packages
   * @param {[string, number][]} files
   */
  constructor(place, packages, files) {
    super();
    this.place = place;
    this.packages = packages;
    this.files = files;
    /** @type {"off" | "starting" | "ready" | "failed"} */
    this.state = "off";
    /** @type {Host | null} */ this.host = null;
    /** @type {Promise<Host> | null} */ this.spare = null;
    /** @type {Job[]} */ this.queue = [];
    /** @type {Job | null} */ this.running = null;
    /** @type {Map<string, string>} what the reader's edits are, to be told to a fresh worker */
    this.edits = new Map();
    this.life = 0;
  }

  /** @param {Python["state"]} state */
  become(state) {
    this.state = state;
    document.documentElement.dataset.python = state;
    this.dispatchEvent(new Event("state"));
  }

  /** The reader touched a control: start, where the settings and the connection allow it. */
  touch() {
    if (this.state === "off" && mayStartOnTouch()) this.start();
  }

  /** Starts Python, or starts it again with a fresh worker or more packages. */
  async start() {
    if (this.state === "starting") return;
    const life = (this.life += 1);
    this.host?.end();
    this.host = null;
    this.become("starting");
    const progress = (/** @type {number} */ share) =>
      this.dispatchEvent(new CustomEvent("progress", { detail: share }));
    try {
      const first = life === 1;
      const files = first ? prefetch(this.place.runtime, this.files, progress) : null;
      const spare = this.spare;
      this.spare = null;
      const coming = spare ?? spawn(this.place, this.packages);
      const [host] = await Promise.all([coming, files]).catch((error) => {
        coming.then((late) => late.end(), () => {});
        throw error;
      });
      for (const [exhibit, source] of this.edits) await host.call("edit", { exhibit, source });
      if (life !== this.life) return host.end();
      this.host = host;
      this.become("ready");
      this.next();
    } catch (error) {
      if (life !== this.life) return;
      console.info("Python could not start:", error);
      this.life = 0;
      for (const job of this.queue.splice(0)) job.settle(null);
      this.become("failed");
    }
  }

  /**
   * Starts again with more packages, unless they are there; the reader's edits go along.
   *
   * @param {string[]} packages
   */
  async need(packages) {
    const more = packages.filter((name) => !this.packages.includes(name));
    if (more.length) {
      this.packages = [...this.packages, ...more];
      this.spare?.then((host) => host.end(), () => {});
      this.spare = null;
    }
    if (more.length || !["starting", "ready"].includes(this.state)) await this.start();
  }

  /** Keeps a second worker warm, so that Stop is quick; from the first edit on. */
  warm() {
    this.spare ??= spawn(this.place, this.packages).catch((error) => {
      this.spare = null;
      throw error;
    });
    this.spare.catch(() => {});
  }

  /** Ends the worker whatever it is doing; Python comes back with the spare or a fresh one. */
  stop() {
    const { running } = this;
    this.running = null;
    running?.settle(null);
    for (const job of this.queue.splice(0)) job.settle(null);
    this.host?.end();
    this.host = null;
    this.state = "off";
    this.dispatchEvent(new Event("idle"));
    return this.start().then(() => this.warm());
  }

  /**
   * Gives what Python says, or null where a newer request with the same key took its place or
   * Python is not to be had. While Python starts, the newest request of each key waits.
   *
   * @param {string} method
   * @param {object} request
   * @param {string} key requests of one key replace each other
   * @returns {Promise<any>}
   */
  ask(method, request, key) {
    if (this.state === "off" || this.state === "failed") return Promise.resolve(null);
    return new Promise((settle) => {
      const stale = this.queue.findIndex((job) => job.key === key);
      if (stale >= 0) this.queue.splice(stale, 1)[0].settle(null);
      this.queue.push({ key, method, request, settle });
      this.next();
    });
  }

  async next() {
    if (this.running || !this.host || !this.queue.length) return;
    const { host } = this;
    const job = /** @type {Job} */ (this.queue.shift());
    this.running = job;
    const clock = setTimeout(
      () => this.dispatchEvent(new CustomEvent("slow", { detail: job.key })),
      SLOW_AFTER,
    );
    let reply = null;
    try {
      reply = await host.call(job.method, job.request);
    } catch (error) {
      reply = { ok: false, error: { type: "Error", message: String(error), line: null } };
    }
    clearTimeout(clock);
    if (this.running !== job) return; // stopped meanwhile, and settled then
    this.running = null;
    this.dispatchEvent(new Event("idle"));
    // Dropped where the reader has moved on: a newer request of the same key is waiting.
    job.settle(this.queue.some((waiting) => waiting.key === job.key) ? null : reply);
    this.next();
  }
}
