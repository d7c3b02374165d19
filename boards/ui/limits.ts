/** What a column's count says about its WIP limit, and a refusal over it. Pure. */
import type { CommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";

export type WipState = "open" | "full" | "over";

export function wipState(count: number, limit: number | null): WipState {
  if (limit === null || count < limit) return "open";
  return count === limit ? "full" : "over";
}

/** What a refusal says; `wip_limit` names its column by id, and the sentence needs the name. */
export function explainOn(columns: Record<string, { name: string }>, error: CommandError): string {
  const { column } = error.data;
  if (error.code === "wip_limit" && typeof column === "string" && columns[column]) error.data["column"] = columns[column];
  return explain(error);
}

export function countText(count: number, limit: number | null): string {
  return limit === null ? String(count) : `${count} / ${limit}`;
}

/** "Review, 3 of 5 cards": how a column's list is called. */
export function columnName(name: string, count: number, limit: number | null): string {
  const cards = count === 1 && limit === null ? "card" : "cards";
  return limit === null ? `${name}, ${count} ${cards}` : `${name}, ${count} of ${limit} ${cards}`;
}
