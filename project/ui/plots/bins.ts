/** Samples counted: by size for a distribution, by time for a table. Pure. */
import { isWide, largestOf, powerTicks, roundTicks, smallestOf } from "./scale";

/** Marks of the axis below. */
export const MARKS = 6;

export interface Bin {
  from: number;
  to: number;
  count: number;
  /** Of all samples, 0 to 1. */
  share: number;
}

/** Bins between two marks of the axis, so that marks are edges. */
const PER_TICK = [2, 4, 5, 8, 10];

/** Edges that all these samples lie between: even steps, or even ratios where the samples are far apart. */
export function edgesFor(samples: readonly number[], count = 36): number[] {
  const [min, max] = [smallestOf(samples, 0), largestOf(samples, 1)];
  if (isWide(samples)) {
    const ticks = powerTicks(smallestOf(samples.filter((each) => each > 0), 1), max, MARKS);
    const [low, high] = [ticks[0]!, ticks.at(-1)!];
    return Array.from({ length: count + 1 }, (_, at) => low * (high / low) ** (at / count));
  }
  const ticks = roundTicks(min, max, MARKS);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const parts = PER_TICK.findLast((each) => each * (ticks.length - 1) <= count) ?? 1;
  const steps = (ticks.length - 1) * parts;
  return Array.from({ length: steps + 1 }, (_, at) => low + ((high - low) * at) / steps);
}

/** How many of the samples lie in each bin; a sample on an edge belongs to the bin above, the largest to the last. */
export function countIn(edges: readonly number[], samples: readonly number[]): Bin[] {
  const counts = edges.slice(1).map(() => 0);
  for (const sample of samples) {
    const at = edges.findIndex((edge) => sample < edge) - 1;
    const bin = at === -2 ? counts.length - 1 : Math.max(0, at);
    counts[bin]! += 1;
  }
  return counts.map((count, at) => ({ from: edges[at]!, to: edges[at + 1]!, count, share: samples.length ? count / samples.length : 0 }));
}

export interface Stretch {
  from: number;
  to: number;
  count: number;
  median: number;
  largest: number;
}

/** What was measured during each of `count` even stretches of time. */
export function overTime(at: readonly number[], samples: readonly number[], count = 8): Stretch[] {
  const end = largestOf(at, 0);
  const length = end / count || 1;
  const parts = Array.from({ length: count }, () => [] as number[]);
  samples.forEach((sample, index) => parts[Math.min(count - 1, Math.floor((at[index] ?? 0) / length))]!.push(sample));
  return parts
    .map((part, index) => ({ from: index * length, to: (index + 1) * length, count: part.length, median: median(part), largest: largestOf(part, 0) }))
    .filter((stretch) => stretch.count > 0);
}

function median(samples: number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
