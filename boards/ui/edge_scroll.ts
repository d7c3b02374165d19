/** Scrolls the board and its columns while a drag is within 48 px of their edges. */
const EDGE = 48;
const STEP = 12;

function push(at: number, from: number, to: number): number {
  if (at < from + EDGE) return -STEP;
  return at > to - EDGE ? STEP : 0;
}

export class EdgeScroller {
  #point: { x: number; y: number } | null = null;
  #frame = 0;

  at(x: number, y: number): void {
    this.#point = { x, y };
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#step());
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#point = null;
  }

  #step(): void {
    this.#frame = 0;
    if (!this.#point) return;
    const { x, y } = this.#point;
    const under = document.elementFromPoint(x, y);
    const list = under?.closest(".column")?.querySelector("[data-list]");
    const board = document.querySelector(".columns");
    if (list) {
      const box = list.getBoundingClientRect();
      list.scrollTop += push(y, box.top, box.bottom);
    }
    if (board) {
      const box = board.getBoundingClientRect();
      board.scrollLeft += push(x, box.left, box.right);
    }
    this.#frame = requestAnimationFrame(() => this.#step());
  }
}
