/** Which cards are shown: text, assignee, label, due. Pure. */
import { dueState, today } from "../../project/ui/text";
import type { Card } from "./types";

export type DueFilter = "" | "overdue" | "today" | "week" | "none";

export interface Filters {
  text: string;
  /** A user id, "none" for unassigned, "" for everybody. */
  assignee: string;
  label: string;
  due: DueFilter;
}

export const NO_FILTERS: Filters = { text: "", assignee: "", label: "", due: "" };

export function activeCount(filters: Filters): number {
  return Object.values(filters).filter((value) => value !== "").length;
}

function matchesText(card: Card, text: string): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return wanted === "" || card.title.toLocaleLowerCase().includes(wanted) || `#${card.number}` === wanted;
}

function matchesAssignee(card: Card, assignee: string): boolean {
  if (assignee === "") return true;
  return assignee === "none" ? card.assignee === null : card.assignee?.id === assignee;
}

function weekAhead(day: string): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 7);
  return today(date);
}

function matchesDue(card: Card, due: DueFilter, day: string, finished: boolean): boolean {
  if (due === "") return true;
  if (due === "none" || card.due === null) return due === "none" && card.due === null;
  if (due === "week") return !finished && card.due <= weekAhead(day);
  return !finished && dueState(card.due, day) === due;
}

/** Whether the filters let `card` through. A finished card (in the last of several columns) is neither overdue nor due. */
export function matches(card: Card, filters: Filters, finished = false, day = today()): boolean {
  return (
    matchesText(card, filters.text) &&
    matchesAssignee(card, filters.assignee) &&
    (filters.label === "" || card.labels.includes(filters.label)) &&
    matchesDue(card, filters.due, day, finished)
  );
}
