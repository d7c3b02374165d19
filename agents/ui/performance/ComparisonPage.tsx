/** Two reports: the figures of both with their ratios, and their plots over each other. */
import { Icon } from "../../../project/ui/icons";
import { usePageKeys } from "../../../project/ui/KeysDialog";
import { amount, measuredWords, ratioWords, reportName, type Verdict } from "../../../project/ui/measured";
import type { Mark } from "../../../project/ui/plots/Axes";
import { Distribution } from "../../../project/ui/plots/Distribution";
import { OverTime } from "../../../project/ui/plots/OverTime";
import { FigureTable } from "../../../project/ui/plots/Plot";
import { Shell } from "../../../project/ui/Shell";
import { Time } from "../../../project/ui/time";
import { PlainText } from "../../../sessions/ui/PlainText";
import { ResultChip } from "../../../project/ui/ResultChip";
import type { ComparisonData, Measured, WholeReport } from "./types";
import { comparedRows, limitMarks, mayBeChance, type Pair, pairMeasured, pairVerdicts } from "./words";

export function ComparisonPage({ data }: { data: ComparisonData }) {
  const { before, after } = data;
  const { showKeys, keysDialog } = usePageKeys();
  const { both, gone, added } = pairMeasured(before.report, after.report);
  return (
    <Shell user={data.user} crumbs={[{ label: "Boards", href: "/" }, { label: "Performance", href: "/performance/" }, { label: "Comparison" }]} onShortcuts={showKeys}>
      <div class="performance">
        <h1 class="page-title">Before and after</h1>
        <div class="sides">
          <Side name="Before" report={before} />
          <Side name="After" report={after} />
        </div>
        <Warnings before={before} after={after} />
        <BudgetPairs pairs={pairVerdicts(before.report.verdicts, after.report.verdicts)} />
        {both.map(([earlier, later]) => (
          <MeasurementPair key={later.name} before={earlier} after={later} limits={limitMarks(after.report.verdicts, later.name)} />
        ))}
        {both.length === 0 && <p class="muted">These two have no measurement in common, so there is nothing to compare.</p>}
        {gone.length > 0 && <p class="meta">Only measured before: {gone.join(", ")}.</p>}
        {added.length > 0 && <p class="meta">Only measured after: {added.join(", ")}.</p>}
      </div>
      {keysDialog}
    </Shell>
  );
}

function Side({ name, report }: { name: string; report: WholeReport }) {
  return (
    <section class="panel-box side" aria-label={name}>
      <h2>{name}</h2>
      <div class="row wrap">
        <a href={`/performance/${report.id}/`}>
          <PlainText text={reportName(report)} />
        </a>
        <ResultChip passed={report.passed} />
      </div>
      <Time at={report.created} class="meta" />
    </section>
  );
}

/** What makes a comparison worth less. */
function Warnings({ before, after }: { before: WholeReport; after: WholeReport }) {
  const warnings = [
    before.target !== after.target && `These are different targets: ${before.target} and ${after.target}.`,
    before.report.machine !== after.report.machine && `They were measured on different machines: ${before.report.machine} and ${after.report.machine}.`,
  ].filter((each) => typeof each === "string");
  if (warnings.length === 0) return null;
  return (
    <div class="note tone-warn">
      <Icon name="info" />
      <span>
        <PlainText text={warnings.join(" ")} />
      </span>
    </div>
  );
}

function BudgetPairs({ pairs }: { pairs: Pair[] }) {
  if (pairs.length === 0) return null;
  return (
    <section class="panel-box" aria-label="Budgets">
      <h2>Budgets</h2>
      <div class="figures-scroll" role="region" aria-label="Budgets before and after" tabIndex={0}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Budget</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map(({ budget, measurement, before, after }) => (
              <tr key={`${measurement} ${budget}`}>
                <td>
                  <PlainText text={budget} />
                </td>
                <td class="num">
                  <Judged verdict={before} />
                </td>
                <td class="num">
                  <Judged verdict={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Judged({ verdict }: { verdict: Verdict | null }) {
  if (!verdict) return <span class="muted">no such budget</span>;
  return (
    <span class="row wrap">
      <ResultChip passed={verdict.passed} /> {measuredWords(verdict)}
    </span>
  );
}

function MeasurementPair({ before, after, limits }: { before: Measured; after: Measured; limits: Mark[] }) {
  const series = [before, after].map(({ figures }, at) => ({ name: at === 0 ? "before" : "after", samples: figures.samples_ms, at: figures.at_s, p95: figures.p95_ms }));
  const hasSamples = series.every(({ samples }) => samples.length > 0);
  return (
    <section class="panel-box" aria-label={`Measurement ${after.name}`}>
      <h2>
        <PlainText text={after.name} />
      </h2>
      <Ratio before={before} after={after} />
      <FigureTable head={["Figure", "Before", "After", "Change"]} rows={comparedRows(before, after)} name={`Figures of ${after.name}`} />
      {hasSamples && (
        <div class="plots">
          <Distribution title="Distribution of latency" series={series} limits={limits} />
          <OverTime title="Latency over time" series={series} limits={limits} />
        </div>
      )}
    </section>
  );
}

function Ratio({ before: { figures: a }, after: { figures: b } }: { before: Measured; after: Measured }) {
  const words = ratioWords(a.p95_ms, b.p95_ms);
  return (
    <p>
      p95 went from {amount(a.p95_ms, "ms")} to {amount(b.p95_ms, "ms")}
      {words && (
        <>
          : <strong>{words}</strong>
        </>
      )}
      {mayBeChance(a, b) && words !== "the same" && <span class="muted">. The two overlap within their confidence, so this may be chance</span>}.
    </p>
  );
}
