/** Small pure helpers for words, counts and dates. */

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Length as the protocol counts it: Unicode code points. */
export function length(text: string): number {
  return [...text].length;
}

export function ordinal(n: number): string {
  const rest = n % 100;
  if (rest >= 11 && rest <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}

/** Up to two letters for an avatar. */
export function initials(name: string): string {
  const parts = name.split(/[\s._-]+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts[1]].map((part) => [...part!][0]) : [...(parts[0] ?? "?")].slice(0, 2);
  return letters.join("");
}

export function join(parts: (string | false | null | undefined)[], separator = ", "): string {
  return parts.filter(Boolean).join(separator);
}

export function classes(...names: (string | false | null | undefined)[]): string {
  return join(names, " ");
}

export function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}

/** Elapsed time as a clock: 0:31, 12:05, 1:02:03. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Today as YYYY-MM-DD in the reader's zone. */
export function today(now = new Date()): string {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

export type DueState = "overdue" | "today" | "later";

export function dueState(due: string, day = today()): DueState {
  if (due < day) return "overdue";
  return due === day ? "today" : "later";
}

/** A calendar date in words: "3 Dec", with the year when it isn't this one. */
export function dateLabel(due: string, day = today()): string {
  const date = new Date(`${due}T00:00:00`);
  if (Number.isNaN(date.getTime())) return due;
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  if (due.slice(0, 4) !== day.slice(0, 4)) options.year = "numeric";
  return date.toLocaleDateString("en-GB", options);
}

const STEPS: [number, string, number][] = [
  [60_000, "second", 1000],
  [3_600_000, "minute", 60_000],
  [86_400_000, "hour", 3_600_000],
  [7 * 86_400_000, "day", 86_400_000],
];

/** "just now", "4 minutes ago", "in 2 days"; a date past a week. */
export function relative(then: number, now: number): string {
  const distance = Math.abs(now - then);
  if (distance < 45_000) return "just now";
  const step = STEPS.find(([limit]) => distance < limit);
  if (!step) return dateLabel(today(new Date(then)), today(new Date(now)));
  const count = Math.max(1, Math.round(distance / step[2]));
  return then <= now ? `${plural(count, step[1])} ago` : `in ${plural(count, step[1])}`;
}

export function fullDateTime(then: number): string {
  return new Date(then).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" });
}

/** Markdown's lines as plain text: no marks, rules, table borders or empty lines. For a glance, never for the whole. */
export function plainLines(markdown: string): string[] {
  const lines = markdown.split("\n").map((line) =>
    line
      .replace(/^\s*(#{1,6}|>|[-*+]|\d+\.)\s+/, "")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/(\*\*|__|\*|`)/g, "")
      .trim(),
  );
  return lines.filter((line) => line !== "" && !/^[-_|: ]+$/.test(line));
}
