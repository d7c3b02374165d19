/** Verdicts of reports for tests. */
import type { Verdict } from "../../project/ui/measured";

export function verdict(measured: number, limit = 100, more: Partial<Verdict> = {}): Verdict {
  return { budget: "moves p95 < 100 ms", measurement: "moves", figure: "p95", measured, limit, unit: "ms", passed: measured < limit, ...more };
}
