/** The newest performance reports of a card: result, p95 and the way to the whole. */
import { useEffect, useState } from "preact/hooks";
import { api } from "../../../project/ui/api";
import { headlineWords, type Measuring, reportName } from "../../../project/ui/measured";
import { ResultChip } from "../../../project/ui/ResultChip";
import { Time } from "../../../project/ui/time";
import type { Page } from "../../../project/ui/wire";
import type { Card, FullCard } from "../types";

interface Row extends Measuring {
  id: string;
  created: string;
}

const SHOWN = 3;

export function CardReports({ card }: { card: Card | FullCard }) {
  const [page, setPage] = useState<Page<Row>>({ results: [], next: null });
  const { run } = card;
  useEffect(() => {
    const leaving = new AbortController();
    api.get<Page<Row>>(`performance/?card=${card.id}&limit=${SHOWN}`, leaving.signal).then(setPage, () => {
      // The Performance page tells of trouble; this is only a glance, and what it showed before stays.
    });
    return () => leaving.abort();
  }, [card.id, run?.id, run?.status, run?.progress?.done]);
  if (page.results.length === 0) return null;
  return (
    <section class="panel-section" aria-label="Performance">
      <div class="section-head">
        <h3>Performance</h3>
        {page.next !== null && <a href={`/performance/?card=${card.id}`}>All reports</a>}
      </div>
      <ul class="plain card-reports">
        {page.results.map((row) => (
          <li key={row.id}>
            <ResultChip passed={row.passed} />
            <a class="clip grow" href={`/performance/${row.id}/`}>
              {reportName(row)}
            </a>
            <Time at={row.created} class="meta" />
            {row.headline && <span class="meta num card-report-figure">{headlineWords(row.headline, row.passed)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
