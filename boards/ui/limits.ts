/** What a column's count says about its WIP limit. Pure. */
export type WipState = "open" | "full" | "over";

export function wipState(count: number, limit: number | null): WipState {
  if (limit === null || count < limit) return "open";
  return count === limit ? "full" : "over";
}

export function countText(count: number, limit: number | null): string {
  return limit === null ? String(count) : `${count} / ${limit}`;
}

/** "Review, 3 of 5 cards": how a column's list is called. */
export function columnName(name: string, count: number, limit: number | null): string {
  const cards = count === 1 && limit === null ? "card" : "cards";
  return limit === null ? `${name}, ${count} ${cards}` : `${name}, ${count} of ${limit} ${cards}`;
}
