/** Runs work once per painted frame; at most every 200 ms in a hidden tab, which paints none. */
const HIDDEN_MS = 200;

export class EachFrame {
  readonly #work: () => void;
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(work: () => void) {
    this.#work = work;
  }

  ask(): void {
    if (this.#frame !== null || this.#timer !== null) return;
    this.#frame = typeof requestAnimationFrame === "function" ? requestAnimationFrame(this.#run) : null;
    this.#timer = setTimeout(this.#run, HIDDEN_MS);
  }

  now(): void {
    this.#run();
  }

  cancel(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = null;
    this.#timer = null;
  }

  readonly #run = (): void => {
    this.cancel();
    this.#work();
  };
}
