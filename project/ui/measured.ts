/** What was measured, in words: figures, limits, results and ratios. Pure. */
import type { IconName } from "./icons";

export interface Headline {
  measurement: string;
  figure: string;
  measured: number;
  limit: number | null;
  unit: string;
  budget: string | null;
}

export interface Verdict {
  budget: string;
  measurement: string;
  figure: string;
  measured: number;
  limit: number;
  unit: string;
  passed: boolean;
}

/** What lists, cards and the output of a run say of a report. */
export interface Measuring {
  target: string;
  round: number | null;
  /** Null: there was no budget. */
  passed: boolean | null;
  headline: Headline | null;
  verdicts: Verdict[];
}

export interface Result {
  text: string;
  tone: "ok" | "danger" | null;
  icon: IconName;
}

const DIGITS = 3;

/** A figure with three digits that count: 0.0123, 3.4, 34.3, 140, 12,345. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const whole = Math.abs(value) >= 100;
  return value.toLocaleString("en", whole ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: DIGITS });
}

/** Between a figure and its unit no line ends. */
const SPACE = "\u00a0";

/** "34.3 ms", "500/s", "2 %", "3". */
export function amount(value: number, unit: string): string {
  return figure(value) + (unit === "" || unit.startsWith("/") ? unit : SPACE + unit);
}

/** Where there was nothing to measure for a budget, the bench gives -1 and counts that as missed (PROTOCOL §7). */
export function isMeasured({ measured, passed }: Pick<Verdict, "measured"> & Pick<Measuring, "passed">): boolean {
  return measured !== -1 || passed !== false;
}

export function measuredWords(verdict: Pick<Verdict, "measured" | "unit"> & Pick<Measuring, "passed">): string {
  return isMeasured(verdict) ? amount(verdict.measured, verdict.unit) : "not measured";
}

export function resultOf(passed: boolean | null): Result {
  if (passed === null) return { text: "No budget", tone: null, icon: "info" };
  return passed ? { text: "Passed", tone: "ok", icon: "check" } : { text: "Failed", tone: "danger", icon: "error" };
}

/** "moves p95 34.3 ms", without its limit. `passed` is the whole report's: where it failed, its headline is a budget that was missed. */
export function headlineWords(headline: Headline, passed: boolean | null): string {
  return `${headline.measurement} ${headline.figure} ${measuredWords({ ...headline, passed })}`;
}

export function reportName({ target, round }: Pick<Measuring, "target" | "round">): string {
  return round === null ? target : `${target}, round ${round}`;
}

const MS: Record<string, number> = { ms: 1, s: 1000, us: 0.001, "µs": 0.001 };

/** A limit of time in milliseconds; null where the budget limits something else. */
export function limitMs({ limit, unit }: Verdict): number | null {
  const factor = MS[unit];
  return factor === undefined ? null : limit * factor;
}

/** Below this difference two figures are the same to a reader. */
const SAME = 0.02;

/** How `after` compares with `before`: "4.1 × faster", "the same". Null where there is nothing to divide. */
export function ratioWords(before: number, after: number, less = "faster", more = "slower"): string | null {
  if (!(before > 0) || !(after > 0)) return before === after ? "the same" : null;
  const ratio = after / before;
  if (Math.abs(ratio - 1) < SAME) return "the same";
  return ratio < 1 ? `${figure(1 / ratio)}${SPACE}× ${less}` : `${figure(ratio)}${SPACE}× ${more}`;
}
