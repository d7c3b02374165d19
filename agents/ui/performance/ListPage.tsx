/** The Performance page: every report I may see, narrowed and compared. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { usePageKeys } from "../../../project/ui/KeysDialog";
import { amount, headlineWords } from "../../../project/ui/measured";
import { useValue } from "../../../project/ui/observable";
import { Shell } from "../../../project/ui/Shell";
import { plural } from "../../../project/ui/text";
import { Time } from "../../../project/ui/time";
import { PlainText } from "../../../sessions/ui/PlainText";
import { choose, comparisonOf, isFiltered, NO_FILTER } from "./filter";
import { Filters } from "./Filters";
import { ListModel, type ListState } from "./list_model";
import { ResultChip } from "../../../project/ui/ResultChip";
import type { ListData, ReportRow } from "./types";
import { placeWords } from "./words";

export function ListPage({ data }: { data: ListData }) {
  const model = useMemo(() => new ListModel(data, location.search), []);
  const { showKeys, keysDialog } = usePageKeys();
  useEffect(() => {
    model.poller.start();
    return () => model.poller.stop();
  }, []);
  return (
    <Shell user={data.user} crumbs={[{ label: "Boards", href: "/" }, { label: "Performance" }]} link={model.poller} onShortcuts={showKeys}>
      <Reports model={model} data={data} />
      {keysDialog}
    </Shell>
  );
}

function Reports({ model, data }: { model: ListModel; data: ListData }) {
  const state = useValue(model.state);
  const [chosen, setChosen] = useState<string[]>([]);
  const isEmpty = state.rows.length === 0 && !state.loading;
  const isNew = isEmpty && !isFiltered(state.filter) && !state.error;
  return (
    <div class="performance">
      <div class="performance-head">
        <h1 class="page-title">Performance</h1>
        <Compare rows={state.rows} chosen={chosen} />
      </div>
      {!isNew && <Filters filter={state.filter} targets={data.targets} cards={data.cards} onChange={(change) => void model.narrow(change)} />}
      {state.error && <Trouble text={state.error} onRetry={() => void model.narrow({})} />}
      {isNew && <FirstReport />}
      {isEmpty && !isNew && !state.error && (
        <p class="muted">
          No report fits.{" "}
          <button type="button" class="button link" onClick={() => void model.narrow(NO_FILTER)}>
            Clear filters
          </button>
        </p>
      )}
      <ul class="plain report-rows" aria-busy={state.loading}>
        {state.rows.map((row) => (
          <Row key={row.id} row={row} isChosen={chosen.includes(row.id)} onChoose={() => setChosen(choose(chosen, row.id))} />
        ))}
      </ul>
      <More state={state} onMore={() => void model.more()} />
    </div>
  );
}

function Compare({ rows, chosen }: { rows: ReportRow[]; chosen: string[] }) {
  const [one, other] = chosen.map((id) => rows.find((row) => row.id === id));
  if (rows.length < 2) return null;
  if (!one || !other) return <span class="meta">{one ? "Choose one more to compare it with." : "Choose two to compare them."}</span>;
  return (
    <a class="button primary" href={comparisonOf(one, other)}>
      Compare these two
    </a>
  );
}

interface RowProps {
  row: ReportRow;
  isChosen: boolean;
  onChoose(): void;
}

function Row({ row, isChosen, onChoose }: RowProps) {
  const { headline } = row;
  const named = `${row.target}${row.round === null ? "" : `, round ${row.round}`}`;
  return (
    <li class="report-row">
      <label class="report-choice" title="Compare">
        <input type="checkbox" checked={isChosen} onChange={onChoose} aria-label={`Compare ${named}`} />
      </label>
      <a class="report-link" href={`/performance/${row.id}/`}>
        <span class="report-result">
          <ResultChip passed={row.passed} />
        </span>
        <span class="report-name">
          <span class="clip report-target">
            <PlainText text={row.target} />
            {row.round !== null && <span class="muted"> · round {row.round}</span>}
          </span>
          <span class="meta clip">
            <PlainText text={placeWords(row)} />
          </span>
        </span>
        <span class="report-figure num">
          {headline ? <PlainText text={headlineWords(headline, row.passed)} /> : "Nothing measured"}
          <span class="meta">{headline?.limit != null ? `limit ${amount(headline.limit, headline.unit)}` : "no limit"}</span>
        </span>
        <Time at={row.created} class="meta report-time" />
      </a>
    </li>
  );
}

function More({ state, onMore }: { state: ListState; onMore(): void }) {
  if (state.next === null) return state.rows.length > 10 ? <p class="meta">{plural(state.rows.length, "report")}, no older ones.</p> : null;
  return (
    <button type="button" class="button" disabled={state.loading} onClick={onMore}>
      {state.loading ? "Loading…" : "Show older reports"}
    </button>
  );
}

function Trouble({ text, onRetry }: { text: string; onRetry(): void }) {
  return (
    <div class="note tone-danger" role="alert">
      <Icon name="error" />
      <span class="grow">Reports couldn't be loaded. {text}</span>
      <button type="button" class="button small" onClick={onRetry}>
        Retry
      </button>
    </div>
  );
}

function FirstReport() {
  return (
    <div class="performance-empty stack">
      <p>No reports yet. A report says how fast a service answers, whether that is within its budgets, and what makes it slow.</p>
      <p>
        To get the first one, open a card on a <a href="/">board</a> and choose <strong>Measure this</strong>: agents measure a workspace and change nothing. Whoever runs this server can
        also keep what <code>manage.py perf</code> measures with <code>--keep</code>.
      </p>
    </div>
  );
}
