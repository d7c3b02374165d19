/** From figures to pixels, and the marks of an axis. Pure. */

export interface Scale {
  (value: number): number;
  ticks: number[];
}

export type Range = [from: number, to: number];

/** How many times the smallest figure the largest may be before a linear axis hides the small ones. */
const WIDE = 30;

/** Round steps of an axis that starts at or below `min` and ends at or above `max`: 0, 20, 40 … */
export function roundTicks(min: number, max: number, count: number): number[] {
  const raw = (max - min || Math.abs(max) || 1) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= raw * 0.999) ?? 10);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** 1, 2 or 5 times a power of ten around the figures, and between them powers of ten, with 2 and 5 where there is room. */
export function powerTicks(min: number, max: number, count: number): number[] {
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max) - 1e-9)];
  const powers = Array.from({ length: Math.max(1, high - low) + 1 }, (_, at) => low + at);
  const all = powers.flatMap((power) => [1, 2, 5].map((part) => Number((part * 10 ** power).toPrecision(3))));
  const from = Math.max(0, all.findLastIndex((each) => each <= min * 1.001));
  const to = all.findIndex((each) => each >= max * 0.999);
  const ticks = all.slice(from, to < 0 ? all.length : Math.max(to, from + 1) + 1);
  const isEnd = (at: number) => at === 0 || at === ticks.length - 1;
  return ticks.length <= count * 2 ? ticks : ticks.filter((each, at) => isEnd(at) || Number.isInteger(Number(Math.log10(each).toPrecision(6))));
}

export function linear(ticks: number[], [from, to]: Range): Scale {
  const [min, max] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const place = (value: number) => from + ((value - min) / (max - min || 1)) * (to - from);
  return Object.assign(place, { ticks });
}

export function logarithmic(ticks: number[], [from, to]: Range): Scale {
  const [min, max] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 10)];
  const place = (value: number) => from + ((Math.log(value) - min) / (max - min || 1)) * (to - from);
  return Object.assign((value: number) => Math.max(Math.min(from, to), Math.min(Math.max(from, to), place(value))), { ticks });
}

/** Whether these figures are too far apart for one linear axis. */
export function isWide(values: readonly number[]): boolean {
  const positive = values.filter((value) => value > 0).sort((a, b) => a - b);
  const typical = positive[Math.floor(positive.length / 20)];
  const largest = positive.at(-1);
  return typical !== undefined && largest !== undefined && largest / typical > WIDE;
}

/** A scale that suits these figures: from 0 where they are of one size, by powers of ten where not. */
export function scaleFor(values: readonly number[], range: Range, count = 5): Scale {
  const known = values.filter((value) => Number.isFinite(value));
  const max = largestOf(known, 1);
  if (!isWide(known)) return linear(roundTicks(Math.min(0, smallestOf(known, 0)), max, count), range);
  return logarithmic(powerTicks(smallestOf(known.filter((value) => value > 0), 1), max, count), range);
}

/** Without spreading: a report has thousands of samples. */
export function largestOf(values: readonly number[], otherwise: number): number {
  return values.length ? values.reduce((a, b) => Math.max(a, b)) : otherwise;
}

export function smallestOf(values: readonly number[], otherwise: number): number {
  return values.length ? values.reduce((a, b) => Math.min(a, b)) : otherwise;
}
