// @ts-check
/**
 * Python's life in the page: off, starting, ready or failed (on `<html data-python>`), with one
 * worker for all exhibits. Sends the events `state` and `progress` (share of the bytes).
 *
 * @typedef {import("./host.js").Host} Host
 * @typedef {import("./host.js").Place} Place
 */

import { inControl } from "./offline.js";
import { Queue } from "./queue.js";
import { mayStartOnTouch } from "./settings.js";

export class Python extends EventTarget {
  /**
   * @param {Place} place
   * @param {string[]} packages
   * @param {import("./prefetch.js").File[]} files what the first start fetches
   */
  constructor(place, packages, files) {
    super();
    this.place = place;
    this.packages = packages;
    this.files = files;
    /** @type {"off" | "starting" | "ready" | "failed"} */
    this.state = "off";
    this.queue = new Queue();
    /** @type {Promise<Host> | null} */ this.spare = null;
    /** @type {Map<string, string>} the readers' edits that ran, for a fresh worker to be told */
    this.edits = new Map();
    this.life = 0;
    this.fetched = false;
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

  /** Starts Python; an earlier worker, if there is one, ends. */
  async start() {
    if (this.state === "starting") return;
    const life = (this.life += 1);
    const afresh = this.state === "failed";
    this.queue.host?.end();
    this.queue.host = null;
    this.become("starting");
    try {
      await inControl();
      const host = await this.next(afresh);
      if (life !== this.life) return host.end();
      this.become("ready");
      this.queue.serve(host);
    } catch (error) {
      if (life !== this.life) return;
      console.info("Python could not start:", error);
      this.become("failed");
      this.queue.clear();
    }
  }

  /** @returns {Promise<Host>} */
  async spawn() {
    return (await import("./host.js")).spawn(this.place, this.packages);
  }

  /**
   * @param {boolean} afresh whether an earlier start failed
   * @returns {Promise<Host>} the spare, or a fresh worker, that knows the readers' edits
   */
  async next(afresh) {
    if (afresh) await this.fetch(true);
    const coming = this.spare ?? this.spawn();
    coming.catch(() => {}); // told below, where the files come first
    this.spare = null;
    try {
      if (!this.fetched) await this.fetch(false);
      const host = await coming;
      for (const [exhibit, source] of this.edits) await host.call("edit", { exhibit, source });
      return host;
    } catch (error) {
      coming.then((host) => host.end(), () => {});
      throw error;
    }
  }

  /** Fetches the files, and says how far it has come. @param {boolean} afresh */
  async fetch(afresh) {
    const { prefetch } = await import("./prefetch.js");
    await prefetch(this.place.runtime, this.files, afresh, (share) =>
      this.dispatchEvent(new CustomEvent("progress", { detail: share })),
    );
    this.fetched = true;
  }

  /**
   * Starts with more packages, unless they are there; the readers' edits go along.
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
    if (more.length || this.state === "off" || this.state === "failed") await this.start();
  }

  /** Keeps a second worker warm, so that Stop is quick; from the first edit on. */
  warm() {
    const { spare } = this;
    if (spare) return;
    const made = this.spawn();
    this.spare = made;
    made.catch(() => {
      if (this.spare === made) this.spare = null;
    });
  }

  /** Ends the worker whatever it is doing; Python comes back with the spare or a fresh one. */
  async stop() {
    this.queue.clear();
    this.state = "off";
    await this.start();
    this.warm();
  }

  /**
   * Gives what Python says, or null where it has nothing to say: a newer request of the same key
   * took this one's place, or Python is off. While Python starts, requests wait.
   *
   * @param {string} method
   * @param {object} request
   * @param {string} key requests of one key replace each other
   * @returns {Promise<any>}
   */
  ask(method, request, key) {
    if (this.state === "off" || this.state === "failed") return Promise.resolve(null);
    return this.queue.ask(method, request, key);
  }
}
