/** The rounds of a run put together by budget. Pure. */
import type { Measuring, Verdict } from "../measured";

/** One time round, and what was measured for a budget. */
export interface Round {
  name: string;
  verdict: Verdict;
}

export interface TrendOf {
  title: string;
  rounds: Round[];
}

/** One trend for each budget that was judged more than once, in the order of the first round. */
export function trendsOf(reports: readonly Measuring[]): TrendOf[] {
  const byBudget = new Map<string, TrendOf>();
  reports.forEach((report, at) => {
    for (const verdict of report.verdicts) {
      const title = verdict.budget.includes(verdict.measurement) ? verdict.budget : `${verdict.budget} (${verdict.measurement})`;
      const trend = byBudget.get(title) ?? { title, rounds: [] };
      trend.rounds.push({ name: `Round ${report.round ?? at + 1}`, verdict });
      byBudget.set(title, trend);
    }
  });
  return [...byBudget.values()].filter(({ rounds }) => rounds.length > 1);
}
