/** Keeps the end of the stream in sight while the reader is there, and never moves the reader who is elsewhere. */
import { Observable } from "../../project/ui/observable";

const NEAR_PX = 64;
const NEWS_MS = 1000;
const OPEN_REQUEST = "[data-request][data-status=open]";
/** Left free above what the view stands at. */
const ROOM_PX = 12;
/** Positions are rounded. */
const SAME_PX = 2;
/** The reader moves through the stream. */
const MOVES = ["wheel", "touchmove", "keydown"] as const;

/** Whether a view that ends `distance` px above the end counts as being at the end. */
export function isNear(distance: number): boolean {
  return distance <= NEAR_PX;
}

/** How far to follow: to the end, but not past the headline of what asks for a decision, unless the reader has gone past it. */
export function followTo(top: number, end: number, headlines: number[]): number {
  const next = headlines.find((headline) => headline >= top - SAME_PX);
  return next === undefined ? end : Math.min(end, Math.max(top, next));
}

export class Follow {
  /** Something happened below while the reader was elsewhere. */
  readonly news = new Observable(false);
  #scroller: HTMLElement | null = null;
  #content: HTMLElement | null = null;
  #isOn = false;
  #top = 0;
  #height = 0;
  #happenedAt = 0;

  attach(scroller: HTMLElement, content: HTMLElement): () => void {
    this.#scroller = scroller;
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(content);
    sizes.observe(scroller);
    scroller.addEventListener("scroll", this.#scrolled, { passive: true });
    document.addEventListener("selectionchange", this.#selected);
    for (const move of MOVES) scroller.addEventListener(move, this.#freeSpace, { passive: true });
    this.#content = content;
    return () => {
      sizes.disconnect();
      scroller.removeEventListener("scroll", this.#scrolled);
      document.removeEventListener("selectionchange", this.#selected);
      for (const move of MOVES) scroller.removeEventListener(move, this.#freeSpace);
      this.#scroller = null;
    };
  }

  /** Stand at `element`; from there on follow only if that is the end. */
  startAt(element: Element | null): void {
    element?.scrollIntoView({ block: "start" });
    this.#isOn = isNear(this.#distance());
  }

  /** Keep this many px free at the end, so that what became shorter moves nothing; until the reader moves. Who follows stays at the end. */
  keepSpace(height: number): void {
    if (this.#isOn) return;
    this.#content?.style.setProperty("--kept", `${Math.max(0, height)}px`);
  }

  readonly #freeSpace = (): void => {
    this.#content?.style.removeProperty("--kept");
  };

  /** The log told of something. */
  happened(): void {
    this.#happenedAt = Date.now();
  }

  /** The reader looks into a fold: what grows now is no news. */
  release(): void {
    this.#isOn = false;
    this.#happenedAt = 0;
  }

  readonly toEnd = (): void => {
    this.#isOn = true;
    this.news.set(false);
    if (this.#scroller) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  };

  #goOn(scroller: HTMLElement): void {
    const { top } = scroller.getBoundingClientRect();
    const requests = [...scroller.querySelectorAll(OPEN_REQUEST)];
    const headlines = requests.map((request) => scroller.scrollTop + request.getBoundingClientRect().top - top - ROOM_PX);
    this.news.set(false);
    scroller.scrollTop = followTo(scroller.scrollTop, scroller.scrollHeight - scroller.clientHeight, headlines);
  }

  #distance(): number {
    const scroller = this.#scroller;
    return scroller ? scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight : 0;
  }

  #resized(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const grew = scroller.scrollHeight > this.#height;
    this.#height = scroller.scrollHeight;
    if (this.#isOn) this.#goOn(scroller);
    else if (grew && !isNear(this.#distance()) && Date.now() - this.#happenedAt < NEWS_MS) this.news.set(true);
  }

  readonly #scrolled = (): void => {
    const top = this.#scroller?.scrollTop ?? 0;
    const atEnd = isNear(this.#distance());
    if (atEnd && top >= this.#top) {
      this.#isOn = true;
      this.news.set(false);
    } else if (top < this.#top && !atEnd) {
      this.#isOn = false;
    }
    this.#top = top;
  };

  readonly #selected = (): void => {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && this.#scroller?.contains(selection.anchorNode)) this.#isOn = false;
  };
}
