import { describe, expect, test } from "vitest";
import { choose, comparisonOf, filterOf, isFiltered, NO_FILTER, searchOf, withNewest } from "../../agents/ui/performance/filter";
import type { Figures, Finding, Measured, Report, ReportRow } from "../../agents/ui/performance/types";
import { comparedRows, figureRows, findingPlace, findingTitle, limitMarks, mayBeChance, memoryWords, pairMeasured, pairVerdicts, placeWords } from "../../agents/ui/performance/words";
import { verdict } from "./verdicts";

const CARD = "019a9d6e-0000-7000-8000-0000000a11ce";

function figures(p95: number, more: Partial<Figures> = {}): Figures {
  const interval: [number, number] = [p95 * 0.9, p95 * 1.1];
  const times = { average_ms: p95 / 2, p50_ms: p95 / 2, p95_ms: p95, p99_ms: p95, max_ms: p95, interval_ms: interval };
  return { ...times, throughput_per_s: 100, count: 50, errors: 0, error_kinds: {}, memory_growth_kb: null, samples_ms: [p95], at_s: [0], ...more };
}

function measured(name: string, p95: number, more: Partial<Figures> = {}): Measured {
  return { name, kind: "broadcast", about: "10 clients", figures: figures(p95, more), ratio_to_baseline: null };
}

function row(more: Partial<ReportRow> = {}): ReportRow {
  return {
    id: "r",
    target: "shop",
    round: 1,
    passed: true,
    headline: null,
    verdicts: [],
    owner: { id: "a", username: "alice", kind: "human" },
    run: { id: "run", number: 3 },
    output: "o",
    board: { id: "b", name: "Launch" },
    card: { id: CARD, number: 12, title: "Landing page" },
    session: { id: "s", title: "Landing page" },
    created: "2026-11-21T12:00:00Z",
    ...more,
  };
}

describe("the filter", () => {
  test("is the same in the address as it was", () => {
    const filter = { target: "a & b", passed: "false" as const, card: CARD };
    expect(filterOf(searchOf(filter))).toEqual(filter);
    expect(searchOf(NO_FILTER)).toBe("");
  });

  test("leaves out what makes no sense", () => {
    expect(filterOf("?passed=perhaps&card=12&colour=red")).toEqual(NO_FILTER);
    expect(isFiltered(filterOf("?target=shop"))).toBe(true);
  });
});

describe("comparing", () => {
  test("the third choice lets go of the first, a second choice of the same takes it back", () => {
    expect(choose(choose(choose([], "a"), "b"), "c")).toEqual(["b", "c"]);
    expect(choose(["a", "b"], "a")).toEqual(["b"]);
  });

  test("the older one is before", () => {
    const [old, young] = [row({ id: "old", created: "2026-11-20T12:00:00Z" }), row({ id: "young" })];
    expect(comparisonOf(young, old)).toBe("/performance/old/compare/young/");
    expect(comparisonOf(old, young)).toBe("/performance/old/compare/young/");
  });

  test("budgets are paired by measurement and sentence, those of one report alone stay", () => {
    const pairs = pairVerdicts([verdict(140), verdict(9, 10, { measurement: "lists" })], [verdict(40), verdict(1, 2, { budget: "errors = 0" })]);
    expect(pairs.map(({ budget, before, after }) => [budget, before?.measured ?? null, after?.measured ?? null])).toEqual([
      ["moves p95 < 100 ms", 140, 40],
      ["errors = 0", null, 1],
      ["moves p95 < 100 ms", 9, null],
    ]);
  });

  test("measurements are paired by name", () => {
    const [before, after] = [{ measured: [measured("moves", 9), measured("old", 1)] }, { measured: [measured("new", 1), measured("moves", 3)] }] as Report[];
    const { both, gone, added } = pairMeasured(before!, after!);
    expect(both.map(([a, b]) => [a.figures.p95_ms, b.figures.p95_ms])).toEqual([[9, 3]]);
    expect([gone, added]).toEqual([["old"], ["new"]]);
  });

  test("every figure has its ratio", () => {
    const rows = comparedRows(measured("moves", 100, { errors: 3, error_kinds: { Timeout: 3 } }), measured("moves", 25, { throughput_per_s: 400 }));
    const change = Object.fromEntries(rows.map(([name, , , ratio]) => [name, ratio]));
    expect(change).toMatchObject({ p95: "4\u00a0× faster", Throughput: "4\u00a0× more", Errors: "fewer" });
    expect(rows.find(([name]) => name === "Errors")).toEqual(["Errors", "3 (3 × Timeout)", "none", "fewer"]);
    expect(change).not.toHaveProperty("Memory growth");
  });

  test("figures whose intervals overlap may be the same", () => {
    expect(mayBeChance(figures(100), figures(95))).toBe(true);
    expect(mayBeChance(figures(100), figures(50))).toBe(false);
  });
});

describe("words", () => {
  test("a report says where it comes from", () => {
    expect(placeWords(row())).toBe("Launch · #12 Landing page · Run 3");
    expect(placeWords(row({ board: null, card: null, session: { id: "s", title: "Questions" } }))).toBe("A room of one's own · Questions · Run 3");
    expect(placeWords(row({ run: null, board: null, card: null, session: null }))).toBe("Made by hand by alice");
  });

  test("figures that a measurement doesn't have are left out", () => {
    const names = (more: Partial<Figures>) => figureRows(measured("moves", 10, more)).map(([name]) => name);
    expect(names({})).not.toContain("p95 to all clients");
    expect(names({})).not.toContain("Memory growth");
    const whole = names({ memory_growth_kb: 20, to_all: { p50_ms: 1, p95_ms: 2, max_ms: 3, count: 4 } });
    expect(whole).toEqual(expect.arrayContaining(["p95 to all clients", "Slowest to all clients", "Memory growth"]));
  });

  test("a finding names its place as far as it is known", () => {
    const finding: Finding = { kind: "sequential_sends", measurement: "moves", evidence: "", action: "", file: "board.py", line: 42, function: "broadcast" };
    expect(findingPlace(finding)).toBe("board.py:42, in broadcast");
    expect(findingPlace({ ...finding, line: null, function: "" })).toBe("board.py");
    expect(findingPlace({ ...finding, file: "", function: "" })).toBe("");
    expect([findingTitle(finding), findingTitle({ ...finding, kind: "lock_contention" })]).toEqual(["One send after the other", "lock contention"]);
  });

  test("limits of latency are lines, each once; others aren't", () => {
    const marks = limitMarks([verdict(9), verdict(9), verdict(9, 2, { unit: "s", figure: "max" }), verdict(1, 5, { unit: "MB" }), verdict(1, 9, { measurement: "lists" })], "moves");
    expect(marks.map(({ value, words }) => [value, words])).toEqual([
      [100, "p95 limit 100\u00a0ms"],
      [2000, "max limit 2\u00a0s"],
    ]);
  });

  test("memory is told in the unit it fills", () => {
    expect([memoryWords(312), memoryWords(5 * 1024), memoryWords(-2048)]).toEqual(["312\u00a0KB", "5\u00a0MB", "-2\u00a0MB"]);
  });
});

describe("the list", () => {
  test("new reports come in front, known ones are taken anew, older ones stay", () => {
    const rows = [row({ id: "b", round: 1 }), row({ id: "a" })];
    const newest = [row({ id: "c" }), row({ id: "b", round: 2 })];
    expect(withNewest(newest, rows).map(({ id, round }) => [id, round])).toEqual([
      ["c", 1],
      ["b", 2],
      ["a", 1],
    ]);
  });
});
