import { describe, expect, test } from "vitest";
import { amount, figure, headlineWords, limitMs, measuredWords, ratioWords, reportName, resultOf, type Verdict } from "../../project/ui/measured";
import { thinned } from "../../project/ui/plots/Axes";
import { countIn, edgesFor, overTime } from "../../project/ui/plots/bins";
import { isWide, linear, logarithmic, powerTicks, roundTicks, scaleFor } from "../../project/ui/plots/scale";
import { trendsOf } from "../../project/ui/plots/trends";
import { verdict } from "./verdicts";

const range = (count: number, value: (at: number) => number) => Array.from({ length: count }, (_, at) => value(at));

describe("figures in words", () => {
  test("three digits count, large ones are whole", () => {
    expect([0.01234, 3.4, 34.26, 140.4, 12345.6, Number.NaN].map(figure)).toEqual(["0.0123", "3.4", "34.3", "140", "12,346", "–"]);
  });

  test("a unit stands apart, a rate doesn't", () => {
    expect([amount(34.3, "ms"), amount(500, "/s"), amount(3, "")]).toEqual(["34.3\u00a0ms", "500/s", "3"]);
  });

  test("what was not measured isn't told as less than nothing", () => {
    expect(measuredWords(verdict(-1, 5, { passed: false }))).toBe("not measured");
    expect(measuredWords(verdict(-1, 5, { unit: "MB", passed: true }))).toBe("-1\u00a0MB");
    expect(headlineWords(verdict(-1, 5), false)).toBe("moves p95 not measured");
  });

  test("a figure below zero is told, passed or missed", () => {
    expect(measuredWords(verdict(-3.2, -5, { unit: "MB", passed: false }))).toBe("-3.2\u00a0MB");
    expect(headlineWords(verdict(-3.2, -5, { unit: "MB" }), false)).toBe("moves p95 -3.2\u00a0MB");
    expect(headlineWords(verdict(-1, 5, { unit: "MB" }), true)).toBe("moves p95 -1\u00a0MB");
  });

  test("the result has a word, an icon and a tone each", () => {
    expect([true, false, null].map((passed) => resultOf(passed).text)).toEqual(["Passed", "Failed", "No budget"]);
    expect(new Set([true, false, null].map((passed) => resultOf(passed).icon)).size).toBe(3);
  });

  test("a ratio says which way", () => {
    expect(ratioWords(100, 25)).toBe("4\u00a0× faster");
    expect(ratioWords(25, 100)).toBe("4\u00a0× slower");
    expect(ratioWords(100, 101)).toBe("the same");
    expect(ratioWords(10, 20, "less", "more")).toBe("2\u00a0× more");
    expect([ratioWords(0, 0), ratioWords(0, 5)]).toEqual(["the same", null]);
  });

  test("limits of time are milliseconds, others none", () => {
    expect([verdict(1, 2, { unit: "s" }), verdict(1, 500, { unit: "us" }), verdict(1, 5, { unit: "MB" })].map(limitMs)).toEqual([2000, 0.5, null]);
  });

  test("a report is named by its target and round", () => {
    expect([reportName({ target: "shop", round: null }), reportName({ target: "shop", round: 2 })]).toEqual(["shop", "shop, round 2"]);
  });
});

describe("axes", () => {
  test("steps are round and hold all figures", () => {
    expect(roundTicks(0, 187, 5)).toEqual([0, 50, 100, 150, 200]);
    expect(roundTicks(0, 0.0034, 4)).toEqual([0, 0.001, 0.002, 0.003, 0.004]);
    expect(roundTicks(5, 5, 4).length).toBeGreaterThan(1);
    expect(roundTicks(0, 0, 4)[0]).toBe(0);
  });

  test("powers hold all figures", () => {
    for (const [min, max] of [[0.3, 900], [1, 10], [7, 8], [2, 40_000]] as const) {
      const ticks = powerTicks(min, max, 6);
      expect(ticks[0]).toBeLessThanOrEqual(min * 1.001);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * 0.999);
    }
    expect(powerTicks(0.55, 1038, 5)).toEqual([0.5, 1, 10, 100, 1000, 2000]);
    expect(powerTicks(4, 40, 5)).toEqual([2, 5, 10, 20, 50]);
  });

  test("a linear scale is even, a logarithmic one by ratio and never off the drawing", () => {
    const even = linear([0, 50, 100], [10, 110]);
    expect([even(0), even(50), even(100)]).toEqual([10, 60, 110]);
    const ratio = logarithmic([1, 10, 100], [0, 200]);
    expect([ratio(1), ratio(10), ratio(100), ratio(0), ratio(1e9)].map(Math.round)).toEqual([0, 100, 200, 0, 200]);
  });

  test("only figures far apart get powers of ten; a few odd ones at the low end don't count", () => {
    expect(isWide(range(100, (at) => 10 + at))).toBe(false);
    expect(isWide([...range(99, () => 2), 500])).toBe(true);
    expect(isWide([0.001, ...range(99, () => 100)])).toBe(false);
    expect(isWide([])).toBe(false);
  });

  test("nothing measured still makes a scale", () => {
    const scale = scaleFor([], [100, 0]);
    expect(scale.ticks.length).toBeGreaterThan(1);
    expect(Number.isFinite(scale(0))).toBe(true);
  });

  test("marks that would touch are left out", () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7], (tick) => tick * 20, 46)).toEqual([0, 3, 7]);
    expect(thinned([], (tick) => tick, 46)).toEqual([]);
  });
});

describe("samples counted", () => {
  test("every sample is in one bin, those on the outermost edges too", () => {
    const samples = [0, 10, 10, 55, 100];
    const edges = edgesFor(samples);
    const bins = countIn(edges, samples);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(samples.length);
    expect(bins.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(bins.find(({ from, to }) => from <= 10 && 10 < to)?.count).toBe(2);
  });

  test("samples far apart get bins of even ratio", () => {
    const samples = [...range(99, () => 2), 900];
    const edges = edgesFor(samples);
    expect(edges[1]! / edges[0]!).toBeCloseTo(edges[2]! / edges[1]!);
    expect(countIn(edges, samples).reduce((sum, { count }) => sum + count, 0)).toBe(100);
  });

  test("one value alone is one bar", () => {
    expect(countIn(edgesFor([7, 7]), [7, 7]).filter(({ count }) => count > 0)).toMatchObject([{ count: 2, share: 1 }]);
  });

  test("nothing measured is no bar", () => {
    expect(countIn(edgesFor([]), []).filter(({ count }) => count > 0)).toEqual([]);
  });

  test("stretches of time have their median and slowest, empty ones are left out", () => {
    const stretches = overTime([0, 1, 2, 8], [10, 20, 60, 5], 4);
    expect(stretches).toEqual([
      { from: 0, to: 2, count: 2, median: 15, largest: 20 },
      { from: 2, to: 4, count: 1, median: 60, largest: 60 },
      { from: 6, to: 8, count: 1, median: 5, largest: 5 },
    ]);
    expect(overTime([], [])).toEqual([]);
  });
});

describe("rounds of a run", () => {
  const round = (number: number | null, ...verdicts: Verdict[]) => ({ target: "shop", round: number, passed: false, headline: null, verdicts });
  const lists = verdict(20, 50, { budget: "p95 < 50 ms", measurement: "lists" });

  test("each budget that was judged more than once has its trend", () => {
    const trends = trendsOf([round(1, verdict(140), lists), round(2, verdict(40))]);
    expect(trends).toMatchObject([{ title: "moves p95 < 100 ms", rounds: [{ name: "Round 1" }, { name: "Round 2" }] }]);
  });

  test("a budget for several measurements says which one", () => {
    expect(trendsOf([round(1, lists), round(2, lists)])[0]?.title).toBe("p95 < 50 ms (lists)");
  });

  test("a round that measured nothing leaves a gap in the names", () => {
    const trends = trendsOf([round(1, verdict(140)), round(3, verdict(40))]);
    expect(trends[0]?.rounds.map(({ name }) => name)).toEqual(["Round 1", "Round 3"]);
  });
});
