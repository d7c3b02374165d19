/** The rounds of one run: how each budget went from the first to the last. */
import { Trend } from "../../../project/ui/plots/Trend";
import { trendsOf } from "../../../project/ui/plots/trends";
import { headlineWords } from "../../../project/ui/measured";
import { ResultChip } from "../../../project/ui/ResultChip";
import type { ReportRow } from "./types";

export function Rounds({ rounds, current }: { rounds: ReportRow[]; current: string }) {
  if (rounds.length < 2) return null;
  return (
    <section class="panel-box" aria-label="Rounds of this run">
      <h2>Rounds of this run</h2>
      <div class="plots">
        {trendsOf(rounds).map(({ title, rounds: points }) => (
          <Trend key={title} title={title} rounds={points} />
        ))}
      </div>
      <ol class="plain round-list">
        {rounds.map((row) => (
          <li key={row.id} class="row wrap">
            <ResultChip passed={row.passed} />
            {row.id === current ? <strong>Round {row.round}, this one</strong> : <a href={`/performance/${row.id}/`}>Round {row.round}</a>}
            {row.headline && <span class="meta num">{headlineWords(row.headline, row.passed)}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
