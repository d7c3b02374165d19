/** One measurement of a report: every figure, how the latencies are distributed, and how they went over time. */
import { amount, type Verdict } from "../../../project/ui/measured";
import { Distribution } from "../../../project/ui/plots/Distribution";
import { OverTime } from "../../../project/ui/plots/OverTime";
import { PlainText } from "../../../sessions/ui/PlainText";
import type { Measured } from "./types";
import { figureRows, KINDS, limitMarks } from "./words";

export function Measurement({ measured, verdicts }: { measured: Measured; verdicts: Verdict[] }) {
  const { figures, name } = measured;
  const limits = limitMarks(verdicts, name);
  return (
    <section class="panel-box" aria-label={`Measurement ${name}`}>
      <div class="section-head">
        <h2>
          <PlainText text={name} />
        </h2>
        <span class="meta">
          {KINDS[measured.kind]}: <PlainText text={measured.about} />
        </span>
      </div>
      <dl class="figure-list">
        {figureRows(measured).map(([label, words]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class="num">
              <PlainText text={words} />
            </dd>
          </div>
        ))}
        {measured.ratio_to_baseline !== null && (
          <div>
            <dt>p95 against the baseline</dt>
            <dd class="num">{amount(measured.ratio_to_baseline, "times")} of it</dd>
          </div>
        )}
      </dl>
      {figures.samples_ms.length > 0 && (
        <div class="plots">
          <Distribution title="Distribution of latency" series={[{ name, samples: figures.samples_ms, p95: figures.p95_ms }]} limits={limits} />
          <OverTime title="Latency over time" series={[{ name, samples: figures.samples_ms, at: figures.at_s }]} limits={limits} />
        </div>
      )}
      <Sampled measured={measured} />
    </section>
  );
}

function Sampled({ measured: { figures } }: { measured: Measured }) {
  const shown = figures.samples_ms.length;
  if (shown === 0 || shown >= figures.count) return null;
  return (
    <p class="meta">
      The plots show {shown.toLocaleString("en")} of {figures.count.toLocaleString("en")} samples; the figures are of all.
    </p>
  );
}
