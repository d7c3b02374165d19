/** Each latency at the moment it was measured: whether it drifts, and when it was slow. */
import { amount, figure } from "../measured";
import { classes } from "../text";
import { AcrossAxis, AcrossMark, type Mark, UprightAxis } from "./Axes";
import { overTime } from "./bins";
import { Legend } from "./Legend";
import { Plot } from "./Plot";
import { largestOf, linear, roundTicks, type Scale, scaleFor } from "./scale";

export interface Timed {
  name: string;
  samples: number[];
  /** Seconds since the measuring began, one for each sample. */
  at: number[];
}

const HEIGHT = 220;

export function OverTime({ title, series, limits }: { title: string; series: Timed[]; limits: Mark[] }) {
  const all = [...series.flatMap(({ samples }) => samples), ...limits.map(({ value }) => value)];
  const end = largestOf(series.flatMap(({ at }) => at), 1);
  return (
    <Plot
      title={title}
      sentence={sentenceOf(series, end)}
      height={HEIGHT}
      legend={<Legend names={series.length > 1 ? series.map(({ name }) => name) : []} shape="dot" limits={limits.map(({ words }) => words)} />}
      table={tableOf(series)}
    >
      {(box) => {
        const across = linear(roundTicks(0, end, 6), [box.left, box.right]);
        const upright = scaleFor(all, [box.bottom, box.top]);
        return (
          <>
            <UprightAxis box={box} scale={upright} unit="ms" />
            {series.map((each, at) => (
              <path key={each.name} class={classes("dots", at < series.length - 1 && "before")} d={dots(each, across, upright)} />
            ))}
            <AcrossAxis box={box} scale={across} unit="s" />
            {limits.map((mark) => (
              // Its words would be lost among the dots: they are in the legend.
              <AcrossMark key={mark.words} box={box} scale={upright} mark={{ ...mark, words: "" }} />
            ))}
          </>
        );
      }}
    </Plot>
  );
}

/** One path for all dots: thousands of elements would make the page slow. */
function dots({ samples, at }: Timed, across: Scale, upright: Scale): string {
  return samples.map((sample, index) => `M${across(at[index] ?? 0).toFixed(1)} ${upright(sample).toFixed(1)}h0`).join("");
}

function sentenceOf(series: Timed[], end: number): string {
  const spans = series.map((each) => {
    const stretches = overTime(each.at, each.samples);
    const [first, last] = [stretches[0], stretches.at(-1)];
    return first && last ? `${each.name}: median ${amount(first.median, "ms")} at first, ${amount(last.median, "ms")} at the end` : `${each.name}: nothing measured`;
  });
  return `Latency over ${amount(end, "s")}. ${spans.join("; ")}.`;
}

function tableOf(series: Timed[]) {
  const isSeveral = series.length > 1;
  const rows = series.flatMap(({ name, at, samples }) =>
    overTime(at, samples).map(({ from, to, count, median, largest }) => [
      ...(isSeveral ? [name] : []),
      `${figure(from)} – ${figure(to)} s`,
      count,
      amount(median, "ms"),
      amount(largest, "ms"),
    ]),
  );
  return { head: [...(isSeveral ? ["Report"] : []), "Time", "Samples", "Median", "Slowest"], rows };
}
