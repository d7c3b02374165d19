/** Reports in words: places, kinds, figures and comparisons. Pure. */
import { amount, figure, limitMs, ratioWords, type Verdict } from "../../../project/ui/measured";
import type { Mark } from "../../../project/ui/plots/Axes";
import { join, plural } from "../../../project/ui/text";
import type { Figures, Finding, Kind, Measured, Report, ReportRow } from "./types";

/** Where a report comes from: "Launch · #12 Landing page · Run 3". */
export function placeWords({ board, card, session, run, owner }: ReportRow): string {
  if (!run) return `Made by hand by ${owner.username}`;
  const named = card ? `#${card.number} ${card.title}` : session?.title;
  return join([board?.name ?? "A room of one's own", named, `Run ${run.number}`], " · ");
}

export const KINDS: Record<Kind, string> = { http: "HTTP requests", broadcast: "WebSocket broadcast", function: "Function calls" };

const FINDINGS: Record<string, string> = {
  sequential_sends: "One send after the other",
  blocking_call: "The event loop is blocked",
  n_plus_one: "One query for each row",
  missing_cache: "The same work again and again",
  slow_client: "One slow client delays the others",
  payload_size: "Large messages",
};

export function findingTitle({ kind }: Finding): string {
  return FINDINGS[kind] ?? kind.replaceAll("_", " ");
}

/** "board.py:42, in broadcast"; empty where nobody knows. */
export function findingPlace({ file, line, function: name }: Finding): string {
  if (!file) return name;
  return join([line === null ? file : `${file}:${line}`, name && `in ${name}`]);
}

const UNITS: Record<Kind, string> = { http: "requests/s", broadcast: "deliveries/s", function: "calls/s" };

/** Every figure of a measurement with its name, in reading order. */
export function figureRows({ kind, figures }: Measured): [name: string, words: string][] {
  const ms = (value: number) => amount(value, "ms");
  const { interval_ms: interval, to_all: toAll } = figures;
  const rows: [string, string | null][] = [
    ["Average", ms(figures.average_ms)],
    ["p50", ms(figures.p50_ms)],
    ["p95", ms(figures.p95_ms)],
    ["p95, 95 % confidence", `${figure(interval[0])} – ${ms(interval[1])}`],
    ["p99", ms(figures.p99_ms)],
    ["Slowest", ms(figures.max_ms)],
    ["p95 to all clients", toAll ? ms(toAll.p95_ms) : null],
    ["Slowest to all clients", toAll ? ms(toAll.max_ms) : null],
    ["Throughput", `${figure(figures.throughput_per_s)} ${UNITS[kind]}`],
    ["Measured", plural(figures.count, "time")],
    ["Errors", errorWords(figures)],
    ["Memory growth", figures.memory_growth_kb === null ? null : memoryWords(figures.memory_growth_kb)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function errorWords({ errors, error_kinds: kinds }: Figures): string {
  const named = Object.entries(kinds).map(([kind, count]) => `${count.toLocaleString("en")} × ${kind}`);
  return errors === 0 ? "none" : join([errors.toLocaleString("en"), named.length > 0 && `(${named.join(", ")})`], " ");
}

const KB = 1024;

export function memoryWords(kb: number): string {
  return Math.abs(kb) < KB ? amount(kb, "KB") : amount(kb / KB, "MB");
}

/** The limits of a measurement's latencies as lines of a plot, each once. */
export function limitMarks(verdicts: readonly Verdict[], measurement: string): Mark[] {
  const marks = verdicts
    .filter((verdict) => verdict.measurement === measurement)
    .map((verdict) => ({ verdict, value: limitMs(verdict) }))
    .filter((each): each is { verdict: Verdict; value: number } => each.value !== null && each.value > 0);
  const words = ({ verdict }: { verdict: Verdict }) => `${verdict.figure} limit ${amount(verdict.limit, verdict.unit)}`;
  return [...new Map(marks.map((each) => [words(each), { value: each.value, words: words(each), tone: "limit" as const }])).values()];
}

/** A verdict of one report with that of the other on the same budget. */
export interface Pair {
  budget: string;
  measurement: string;
  before: Verdict | null;
  after: Verdict | null;
}

const keyOf = ({ budget, measurement }: Verdict) => `${measurement}\n${budget}`;

export function pairVerdicts(before: readonly Verdict[], after: readonly Verdict[]): Pair[] {
  const earlier = new Map(before.map((each) => [keyOf(each), each]));
  const later = new Map(after.map((each) => [keyOf(each), each]));
  return [...new Map([...later, ...earlier])].map(([key, each]) => ({
    budget: each.budget,
    measurement: each.measurement,
    before: earlier.get(key) ?? null,
    after: later.get(key) ?? null,
  }));
}

/** What both reports measured under one name, and the names only one of them has. */
export function pairMeasured(before: Report, after: Report): { both: [Measured, Measured][]; gone: string[]; added: string[] } {
  const earlier = new Map(before.measured.map((each) => [each.name, each]));
  const later = new Map(after.measured.map((each) => [each.name, each]));
  const both = before.measured.flatMap((each) => (later.has(each.name) ? [[each, later.get(each.name)!] as [Measured, Measured]] : []));
  return { both, gone: [...earlier.keys()].filter((name) => !later.has(name)), added: [...later.keys()].filter((name) => !earlier.has(name)) };
}

/** The figures of one measurement before and after, with their ratio in words. */
export function comparedRows(before: Measured, after: Measured): [name: string, before: string, after: string, ratio: string][] {
  const ms = (name: string, read: (figures: Figures) => number): [string, string, string, string] => {
    const [a, b] = [read(before.figures), read(after.figures)];
    return [name, amount(a, "ms"), amount(b, "ms"), ratioWords(a, b) ?? "–"];
  };
  const [a, b] = [before.figures, after.figures];
  const memory = (kb: number | null) => (kb === null ? "–" : memoryWords(kb));
  return [
    ms("Average", (figures) => figures.average_ms),
    ms("p50", (figures) => figures.p50_ms),
    ms("p95", (figures) => figures.p95_ms),
    ms("p99", (figures) => figures.p99_ms),
    ms("Slowest", (figures) => figures.max_ms),
    ...(a.to_all && b.to_all ? [ms("p95 to all clients", (figures) => figures.to_all!.p95_ms)] : []),
    ["Throughput", `${figure(a.throughput_per_s)}/s`, `${figure(b.throughput_per_s)}/s`, ratioWords(a.throughput_per_s, b.throughput_per_s, "less", "more") ?? "–"],
    ["Errors", errorWords(a), errorWords(b), a.errors === b.errors ? "the same" : b.errors < a.errors ? "fewer" : "more"],
    ...(a.memory_growth_kb !== null || b.memory_growth_kb !== null
      ? [["Memory growth", memory(a.memory_growth_kb), memory(b.memory_growth_kb), ""] as [string, string, string, string]]
      : []),
  ];
}

/** Whether the two p95 may well be the same: their intervals of confidence overlap. */
export function mayBeChance(before: Figures, after: Figures): boolean {
  return before.interval_ms[0] <= after.interval_ms[1] && after.interval_ms[0] <= before.interval_ms[1];
}
