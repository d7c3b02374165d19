/** What a run has measured so far: each round's result with the way to its report, and how the budgets went over the rounds. */
import { headlineWords, type Measuring } from "../../project/ui/measured";
import { Trend } from "../../project/ui/plots/Trend";
import { trendsOf } from "../../project/ui/plots/trends";
import { ResultChip } from "../../project/ui/ResultChip";
import { useDerived } from "./context";
import { PlainText } from "./PlainText";
import { measuringsOf } from "./measurings";
import type { Run } from "./types";

export function RunPerformance({ run }: { run: Run }) {
  const measurings = useDerived(
    (state) => [run.id, state.outputs],
    (id, outputs) => measuringsOf(id, outputs),
  );
  if (measurings.length === 0) return null;
  return (
    <section class="run-performance" aria-label="Performance">
      <div class="run-trends">
        {trendsOf(measurings).map(({ title, rounds }) => (
          <Trend key={title} title={title} rounds={rounds} />
        ))}
      </div>
      <ol class="plain run-measurings">
        {measurings.map((each) => (
          <Line key={each.report} measuring={each} />
        ))}
      </ol>
    </section>
  );
}

function Line({ measuring }: { measuring: Measuring & { report: string } }) {
  const { report, target, round, passed, headline } = measuring;
  return (
    <li class="row wrap">
      <ResultChip passed={passed} />
      <a href={`/performance/${report}/`}>{round === null ? <PlainText text={target} /> : `Round ${round}`}</a>
      {headline && (
        <span class="meta num">
          <PlainText text={headlineWords(headline, passed)} />
        </span>
      )}
    </li>
  );
}
