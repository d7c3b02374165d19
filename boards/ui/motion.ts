/** Cards slide from where they were drawn to where they are drawn next; nothing moves under reduced motion. */
const MOVE_MS = 180;
const before = new Map<string, DOMRect>();

function elementOf(card: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-card="${CSS.escape(card)}"]`);
}

function reduced(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Remember where these cards are now; call it right before the state changes. */
export function captureCards(cards: string[]): void {
  if (typeof document === "undefined" || reduced()) return;
  for (const card of cards) {
    const element = elementOf(card);
    if (element && !before.has(card)) before.set(card, element.getBoundingClientRect());
  }
}

/** After drawing: slide every captured card from its old place. */
export function playMoves(): void {
  for (const [card, from] of before) {
    const element = elementOf(card);
    if (!element) continue;
    const to = element.getBoundingClientRect();
    const [dx, dy] = [from.left - to.left, from.top - to.top];
    if (dx || dy) {
      element.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "ease-out" });
    }
  }
  before.clear();
}
