/** How often which latency was measured: bars, of one measuring or of two over each other. */
import { figure, amount } from "../measured";
import { classes } from "../text";
import { AcrossAxis, type Mark, roomForMarks, UprightAxis, UprightMarks } from "./Axes";
import { type Bin, countIn, edgesFor, MARKS } from "./bins";
import { Legend } from "./Legend";
import { type Box, Plot } from "./Plot";
import { isWide, largestOf, linear, logarithmic, roundTicks, powerTicks, type Scale } from "./scale";

export interface Series {
  name: string;
  samples: number[];
  p95: number;
}

interface Props {
  title: string;
  /** One, or the one before and the one after. */
  series: Series[];
  limits: Mark[];
}

const HEIGHT = 220;
const PERCENT = 100;

export function Distribution({ title, series, limits }: Props) {
  const all = [...series.flatMap(({ samples }) => samples), ...limits.map(({ value }) => value)];
  const edges = edgesFor(all);
  const bins = series.map(({ samples }) => countIn(edges, samples));
  const marks = [...series.map(p95Mark), ...limits];
  const highest = largestOf(bins.flat().map(({ share }) => share * PERCENT), 1);
  return (
    <Plot
      title={title}
      sentence={sentenceOf(series, limits)}
      height={HEIGHT + roomForMarks(marks.length)}
      top={roomForMarks(marks.length) + 8}
      left={46}
      legend={series.length > 1 && <Legend names={series.map(({ name }) => name)} shape="bar" />}
      table={tableOf(series, bins)}
    >
      {(box) => {
        const across = acrossScale(all, edges, box);
        const upright = linear(roundTicks(0, highest, 4), [box.bottom, box.top]);
        return (
          <>
            <UprightAxis box={box} scale={upright} unit="%" />
            {bins.map((each, at) => (
              <Bars key={at} bins={each} across={across} upright={upright} box={box} class={classes("bars", at < series.length - 1 && "before")} />
            ))}
            <AcrossAxis box={box} scale={across} unit="ms" />
            <UprightMarks box={box} scale={across} marks={marks} />
          </>
        );
      }}
    </Plot>
  );
}

function p95Mark({ name, p95 }: Series, _: number, all: readonly Series[]): Mark {
  return { value: p95, words: all.length > 1 ? `p95 ${name} ${amount(p95, "ms")}` : `p95 ${amount(p95, "ms")}`, tone: "figure" };
}

function acrossScale(all: readonly number[], edges: readonly number[], box: Box): Scale {
  const [low, high] = [edges[0]!, edges.at(-1)!];
  if (isWide(all)) return logarithmic(powerTicks(low, high, MARKS), [box.left, box.right]);
  return linear(roundTicks(low, high, MARKS), [box.left, box.right]);
}

interface BarsProps {
  bins: Bin[];
  across: Scale;
  upright: Scale;
  box: Box;
  class: string;
}

function Bars({ bins, across, upright, box, class: name }: BarsProps) {
  return (
    <g class={name}>
      {bins.map(
        ({ from, to, share }) =>
          share > 0 && (
            <rect
              key={from}
              x={across(from) + 0.5}
              width={Math.max(1, across(to) - across(from) - 1)}
              y={upright(share * PERCENT)}
              height={Math.max(1, box.bottom - upright(share * PERCENT))}
            />
          ),
      )}
    </g>
  );
}

function sentenceOf(series: Series[], limits: Mark[]): string {
  const measured = series.map(({ name, p95, samples }) => `${name}: ${samples.length.toLocaleString("en")} samples, p95 ${amount(p95, "ms")}`);
  return `Distribution of latency. ${[...measured, ...limits.map(({ words }) => words)].join("; ")}.`;
}

function tableOf(series: Series[], bins: Bin[][]) {
  const filled = bins[0]!.map((_, at) => at).filter((at) => bins.some((each) => each[at]!.count > 0));
  const range = ({ from, to }: Bin) => `${figure(from)} – ${figure(to)} ms`;
  return {
    head: ["Latency", ...series.map(({ name }) => (series.length > 1 ? `Samples ${name}` : "Samples"))],
    rows: filled.map((at) => [range(bins[0]![at]!), ...bins.map((each) => each[at]!.count)]),
  };
}
