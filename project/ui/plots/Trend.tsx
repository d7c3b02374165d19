/** One budget over the rounds of a run: what was measured each time, against its limit. */
import { amount, figure, isMeasured, type Verdict, measuredWords } from "../measured";
import { AcrossMark, UprightAxis } from "./Axes";
import { type Box, Plot } from "./Plot";
import { linear, scaleFor } from "./scale";
import type { Round } from "./trends";

const HEIGHT = 190;

export function Trend({ title, rounds }: { title: string; rounds: Round[] }) {
  const known = rounds.filter(({ verdict }) => isMeasured(verdict));
  const { limit, unit } = rounds[0]!.verdict;
  const last = rounds.length - 1;
  return (
    <Plot title={title} sentence={sentenceOf(title, rounds)} height={HEIGHT} table={{ head: ["Round", "Measured", "Result"], rows: rounds.map(rowOf) }}>
      {(box) => {
        const across = linear([0, Math.max(1, last)], [box.left + 28, box.right - 36]);
        const upright = scaleFor([...known.map(({ verdict }) => verdict.measured), limit], [box.bottom, box.top]);
        const place = (at: number) => (last === 0 ? (box.left + box.right) / 2 : across(at));
        const points = known.map((round) => ({ round, x: place(rounds.indexOf(round)), y: upright(round.verdict.measured) }));
        return (
          <>
            <UprightAxis box={box} scale={upright} unit={unit} />
            <AcrossMark box={box} scale={upright} mark={{ value: limit, words: `limit ${amount(limit, unit)}`, tone: "limit" }} />
            <polyline class="trend-line" points={points.map(({ x, y }) => `${x},${y}`).join(" ")} />
            {points.map(({ round, x, y }) => (
              <Point key={round.name} x={x} y={y} verdict={round.verdict} box={box} />
            ))}
            <Names rounds={rounds} place={place} box={box} />
          </>
        );
      }}
    </Plot>
  );
}

function rowOf({ name, verdict }: Round): string[] {
  return [name, measuredWords(verdict), verdict.passed ? "passed" : "failed"];
}

function sentenceOf(title: string, rounds: Round[]): string {
  return `${title}. ${rounds.map((round) => rowOf(round).join(": ").replace(/: (passed|failed)$/, ", $1")).join("; ")}.`;
}

/** A round dot has passed, a cornered one has failed. */
function Point({ x, y, verdict, box }: { x: number; y: number; verdict: Verdict; box: Box }) {
  const above = y - 10 > box.top - 8;
  return (
    <g class={verdict.passed ? "point passed" : "point failed"}>
      {verdict.passed ? <circle cx={x} cy={y} r="5" /> : <rect x={x - 5} y={y - 5} width="10" height="10" />}
      <text x={x} y={above ? y - 10 : y + 20} text-anchor="middle">
        {figure(verdict.measured)}
      </text>
    </g>
  );
}

function Names({ rounds, place, box }: { rounds: Round[]; place: (at: number) => number; box: Box }) {
  const every = Math.ceil(rounds.length / Math.max(1, Math.floor((box.right - box.left) / 64)));
  return (
    <g class="axis">
      {rounds.map(({ name }, at) =>
        at % every === 0 ? (
          <text key={name} x={place(at)} y={box.bottom + 18} text-anchor="middle">
            {name}
          </text>
        ) : null,
      )}
    </g>
  );
}

