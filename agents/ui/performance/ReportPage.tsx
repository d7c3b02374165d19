/** One report: what was held against its budgets, what was measured, what makes it slow, and how the rounds of its run went. */
import { useState } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { usePageKeys } from "../../../project/ui/KeysDialog";
import { amount, headlineWords, reportName, resultOf } from "../../../project/ui/measured";
import { Shell } from "../../../project/ui/Shell";
import { Time } from "../../../project/ui/time";
import { PlainText } from "../../../sessions/ui/PlainText";
import { Budgets } from "./Budgets";
import { comparisonOf } from "./filter";
import { Findings } from "./Findings";
import { Measurement } from "./Measurement";
import { ResultChip } from "../../../project/ui/ResultChip";
import { Rounds } from "./Rounds";
import type { ReportData, ReportRow, WholeReport } from "./types";

export function ReportPage({ data }: { data: ReportData }) {
  const { showKeys, keysDialog } = usePageKeys();
  const { report } = data;
  return (
    <Shell
      user={data.user}
      crumbs={[{ label: "Boards", href: "/" }, { label: "Performance", href: "/performance/" }, { label: reportName(report) }]}
      onShortcuts={showKeys}
    >
      <div class="performance">
        <Head report={report} />
        <Notes notes={report.report.notes ?? []} />
        <Budgets verdicts={report.report.verdicts} />
        <Rounds rounds={data.rounds} current={report.id} />
        <Findings findings={report.report.findings} />
        {report.report.measured.map((measured) => (
          <Measurement key={measured.name} measured={measured} verdicts={report.report.verdicts} />
        ))}
        {report.report.measured.length === 0 && <p class="muted">Nothing was measured.</p>}
        <CompareWith report={report} others={data.others} />
      </div>
      {keysDialog}
    </Shell>
  );
}

function Head({ report }: { report: WholeReport }) {
  return (
    <header class="report-head">
      <div class="row wrap">
        <h1 class="page-title">
          <PlainText text={report.target} />
          {report.round !== null && <span class="muted"> · round {report.round}</span>}
        </h1>
        <ResultChip passed={report.passed} />
      </div>
      <p class="meta report-facts">
        <Time at={report.created} />
        <span>took {amount(report.report.duration_s, "s")}</span>
        <span>
          <PlainText text={report.report.machine} />
        </span>
        <Place row={report} />
      </p>
    </header>
  );
}

function Place({ row: { board, card, session, run, owner } }: { row: ReportRow }) {
  if (!session || !run) return <span>made by hand by {owner.username}</span>;
  return (
    <>
      {board && card && (
        <a href={`/boards/${board.id}/cards/${card.number}/`}>
          #{card.number} <PlainText text={card.title} />
        </a>
      )}
      <a href={`/sessions/${session.id}/`}>
        <Icon name="room" /> Run {run.number} in its room
      </a>
    </>
  );
}

function Notes({ notes }: { notes: string[] }) {
  if (notes.length === 0) return null;
  return (
    <div class="note tone-warn">
      <Icon name="info" />
      <ul class="plain">
        {notes.map((note) => (
          <li key={note}>
            <PlainText text={note} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function CompareWith({ report, others }: { report: ReportRow; others: ReportRow[] }) {
  const [id, setId] = useState(others[0]?.id ?? "");
  const other = others.find((each) => each.id === id);
  if (!other) return <p class="meta">Measure {report.target} again, and the two reports can be compared here.</p>;
  return (
    <form class="row wrap compare-with" onSubmit={(event) => event.preventDefault()}>
      <label class="label" for="other">
        Compare with
      </label>
      <select id="other" class="input" value={id} onChange={(event) => setId(event.currentTarget.value)}>
        {others.map((each) => (
          <option key={each.id} value={each.id}>
            {optionWords(each)}
          </option>
        ))}
      </select>
      <a class="button" href={comparisonOf(report, other)}>
        Compare
      </a>
    </form>
  );
}

function optionWords(row: ReportRow): string {
  const { headline } = row;
  const measured = headline ? headlineWords(headline, row.passed) : "nothing measured";
  return [new Date(row.created).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }), row.round !== null && `round ${row.round}`, measured, resultOf(row.passed).text.toLowerCase()]
    .filter(Boolean)
    .join(" · ");
}

