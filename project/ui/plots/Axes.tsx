/** The axes of a plot, and the lines across it that stand for limits. */
import { amount, figure } from "../measured";
import { classes } from "../text";
import type { Box } from "./Plot";
import type { Scale } from "./scale";

interface AxisProps {
  box: Box;
  scale: Scale;
  unit: string;
}

/** Pixels that a mark's words need below the drawing, and beside it. */
const ROOM = 46;
const ROOM_BESIDE = 22;

/** The last mark has its unit with it and stands before its place. */
const LAST = 1.5;

/** Marks that stand clear of each other: the last, which has the unit, and from the first on as many as fit before it. */
export function thinned(ticks: readonly number[], scale: (value: number) => number, room: number): number[] {
  const last = ticks.at(-1);
  if (last === undefined) return [];
  const shown: number[] = [];
  for (const tick of ticks.slice(0, -1)) {
    const isClear = (other: number | undefined, space: number) => other === undefined || Math.abs(scale(tick) - scale(other)) >= space;
    if (isClear(shown.at(-1), room) && isClear(last, room * LAST)) shown.push(tick);
  }
  return [...shown, last];
}

/** The unit stands with the last mark. */
export function AcrossAxis({ box, scale, unit }: AxisProps) {
  const shown = thinned(scale.ticks, scale, ROOM);
  return (
    <g class="axis">
      <line x1={box.left} x2={box.right} y1={box.bottom} y2={box.bottom} />
      {shown.map((tick) => (
        <g key={tick}>
          <line x1={scale(tick)} x2={scale(tick)} y1={box.bottom} y2={box.bottom + 4} />
          <text x={scale(tick)} y={box.bottom + 16} text-anchor={scale(tick) > box.right - 20 ? "end" : "middle"}>
            {tick === shown.at(-1) ? amount(tick, unit) : figure(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** The unit stands with the uppermost mark. */
export function UprightAxis({ box, scale, unit }: AxisProps) {
  const shown = thinned(scale.ticks, scale, ROOM_BESIDE / LAST);
  return (
    <g class="axis">
      {shown.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={box.left} x2={box.right} y1={scale(tick)} y2={scale(tick)} />
          <text x={box.left - 6} y={scale(tick) + 4} text-anchor="end">
            {tick === shown.at(-1) ? amount(tick, unit) : figure(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

export interface Mark {
  value: number;
  words: string;
  tone: "limit" | "figure";
}

const ROW = 14;

/** Upright lines with their words above the drawing, each in a row of its own so that none lies on another. */
export function UprightMarks({ box, scale, marks }: { box: Box; scale: Scale; marks: readonly Mark[] }) {
  return (
    <>
      {marks.map(({ value, words, tone }, row) => {
        const x = scale(value);
        const atEnd = x > (box.left + box.right) / 2;
        const y = box.top - ROW * (marks.length - row) + 8;
        return (
          <g key={words} class={classes("mark", tone)}>
            <line x1={x} x2={x} y1={y - 8} y2={box.bottom} />
            <text x={atEnd ? x - 5 : x + 5} y={y} text-anchor={atEnd ? "end" : "start"}>
              {words}
            </text>
          </g>
        );
      })}
    </>
  );
}

/** How much space above the drawing so many marks need. */
export function roomForMarks(count: number): number {
  return 12 + ROW * count;
}

export function AcrossMark({ box, scale, mark }: { box: Box; scale: Scale; mark: Mark }) {
  const y = scale(mark.value);
  return (
    <g class={classes("mark", mark.tone)}>
      <line x1={box.left} x2={box.right} y1={y} y2={y} />
      <text x={box.right} y={y - 4} text-anchor="end">
        {mark.words}
      </text>
    </g>
  );
}
