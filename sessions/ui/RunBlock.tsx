/** One run in the stream: header, state, plan, work, requests, report. Ended ones fold to a line. */
import { Icon } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { isUnfinished, newestRun } from "./blocks";
import { RunningClock } from "./Clock";
import { useCanTalk, useDerived, useRoom, useRoomState } from "./context";
import { useFold } from "./folds";
import { Aside, MessageItem } from "./MessageItem";
import { Plan } from "./Plan";
import { Report, ReportText } from "./Report";
import { RequestBox } from "./RequestBox";
import { StopButton } from "./RunControls";
import { useRun, useSaid, useWork, type Work } from "./run_hooks";
import { RunPerformance } from "./RunPerformance";
import { Resumptions, RunStatusBox } from "./RunStatus";
import { capital, elapsed, foldedLine, modelWords, relationOf, runTitle, statusOf, usageSoFar } from "./run_words";
import { tallyOf } from "./run_view";
import { Steps } from "./Steps";
import { sorted } from "./store";
import { clock } from "../../project/ui/text";
import type { Message, Run } from "./types";

export function RunBlock({ id }: { id: string }) {
  const run = useRun(id);
  return run ? <Block run={run} /> : null;
}

function Block({ run }: { run: Run }) {
  const isNewest = useRoomState((state) => newestRun(state.runs)?.id === run.id);
  const [open, toggle] = useFold(`run:${run.id}`, isNewest || isUnfinished(run));
  const work = useWork(run);
  const tally = tallyOf(run, work.plan);
  return (
    <article class={classes("run-block", run.status, open && "open")} data-block={`run:${run.id}`} data-run={run.id} tabIndex={-1} aria-label={runTitle(run)}>
      <Header run={run} open={open} toggle={toggle} line={foldedLine(run, tally)} />
      {open && <Body run={run} work={work} />}
      {!open && <Folded run={run} />}
    </article>
  );
}

interface HeaderProps {
  run: Run;
  open: boolean;
  line: string;
  toggle(): void;
}

function Header({ run, open, toggle, line }: HeaderProps) {
  const relation = useRoomState((state) => relationOf(run, state.runs));
  const status = statusOf(run);
  return (
    <header class="run-head">
      <button type="button" class="fold-head run-toggle" aria-expanded={open} onClick={toggle}>
        <Icon name="down" class="fold-mark" />
        <span class="run-title clip">
          {open ? runTitle(run) : line}
          {relation && <span class="muted"> · {relation}</span>}
        </span>
      </button>
      {open && (
        <>
          <span class={classes("chip run-chip", `tone-${status.tone}`)}>
            <Icon name={status.icon} /> {status.text}
          </span>
          <Elapsed run={run} />
          {isUnfinished(run) && run.status !== "queued" && <StopButton run={run} />}
        </>
      )}
    </header>
  );
}

function Elapsed({ run }: { run: Run }) {
  if (!run.started) return null;
  if (isUnfinished(run)) return <RunningClock since={Date.parse(run.started)} />;
  return <span class="num clock">{clock(elapsed(run, 0) ?? 0)}</span>;
}

function Facts({ run }: { run: Run }) {
  const facts = [run.attempt > 1 && `Attempt ${run.attempt}`, modelWords(run.model), usageSoFar(run)].filter(Boolean);
  return (
    <p class="meta num run-facts">
      {facts.join(" · ")}
      <Kept run={run} />
    </p>
  );
}

/** "Kept: plan, 3 results", for a refinement. */
function Kept({ run }: { run: Run }) {
  const kept = useDerived(
    (state) => [run.parent, run.relation, state.outputs],
    (parent, relation, outputs) => {
      if (relation !== "refinement") return "";
      const of = Object.values(outputs).filter((output) => output.run === parent);
      const results = of.filter((output) => output.kind === "subtask").length;
      const parts = [of.some((output) => output.kind === "plan") && "plan", results > 0 && `${results} ${results === 1 ? "result" : "results"}`];
      return parts.filter(Boolean).join(", ");
    },
  );
  return kept ? <> · Kept: {kept}</> : null;
}

function Body({ run, work }: { run: Run; work: Work }) {
  const tally = tallyOf(run, work.plan);
  return (
    <div class="run-body">
      {run.status !== "queued" && <Facts run={run} />}
      <Resumptions run={run} />
      <RunStatusBox run={run} tally={tally} />
      {run.status === "running" && work.steps.length === 0 && <p class="muted run-reading">{capital(run.agent)} is reading…</p>}
      {work.plan.length > 0 && <Plan plan={work.plan} />}
      <Steps steps={work.steps} />
      <RunPerformance run={run} />
      <Requests run={run.id} />
      <SaidList run={run} work={work} />
    </div>
  );
}

function Requests({ run }: { run: string }) {
  const { ui } = useRoom();
  const canTalk = useCanTalk();
  const notes = useRoomState((state) => state.notes.requests);
  const requests = useDerived(
    (state) => [run, state.requests],
    (id, all) => sorted(all).filter((request) => request.run === id),
  );
  return (
    <>
      {requests.map((request) => (
        <RequestBox key={request.id} request={request} canAnswer={canTalk} withChanges={notes[request.id]?.changed ?? false} onSight={(seen) => ui.see(request.id, seen)} />
      ))}
    </>
  );
}

/** What a folded run leaves to be read: what people asked about it and, of a conversation, its answers. */
function Folded({ run }: { run: Run }) {
  const left = useSaid(run).filter(({ aside }) => aside !== null || run.workflow === "chat");
  if (left.length === 0) return null;
  return (
    <div class="run-body">
      {left.map(({ report, aside }) =>
        report ? <ReportText key={report.message?.id ?? report.output?.id} report={report} class="answer" /> : <AsideItem key={aside!.id} message={aside!} />,
      )}
    </div>
  );
}

function SaidList({ run, work }: { run: Run; work: Work }) {
  const said = useSaid(run);
  const tally = tallyOf(run, work.plan);
  const last = said.findLast(({ report }) => report !== null);
  return (
    <>
      {said.map((each) =>
        each.report ? (
          <Report key={each.report.message?.id ?? each.report.output?.id} run={run} report={each.report} tally={tally} isLast={each === last} />
        ) : (
          <AsideItem key={each.aside!.id} message={each.aside!} />
        ),
      )}
    </>
  );
}

function AsideItem({ message }: { message: Message }) {
  return message.via === "clarifier" ? <Aside id={message.id} /> : <MessageItem id={message.id} />;
}
