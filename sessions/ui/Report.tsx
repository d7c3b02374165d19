/** What a run said: streaming, then the server's HTML in the reading column with what can be done with it. */
import { useState } from "preact/hooks";
import { newRef } from "../../project/ui/api";
import { Icon } from "../../project/ui/icons";
import { Markdown } from "../../project/ui/Markdown";
import { clock, plural } from "../../project/ui/text";
import { newestRun } from "./blocks";
import { copyRich, copyText } from "../../project/ui/clipboard";
import { useConnected } from "./answering";
import { useCanTalk, useRoom, useRoomState } from "./context";
import { CopyButton } from "../../project/ui/CopyButton";
import { Fold } from "./Fold";
import { elapsed, modelWords, usageWords } from "./run_words";
import type { ReportView, Tally } from "./run_view";
import { StreamText } from "./StreamText";
import type { Output, Run } from "./types";
import { useAction } from "../../project/ui/use_action";

interface Props {
  run: Run;
  report: ReportView;
  tally: Tally;
  isLast: boolean;
}

const FOLDED = new Set(["critique", "performance"]);

/** Content and HTML of what was said: the output's, unless it is cut and the message has more. */
function textOf({ message, output }: ReportView): { content: string; html: string | null } {
  const whole = output && !output.truncated ? output : (message ?? output);
  return { content: whole?.content ?? "", html: whole?.html ?? null };
}

/** The words alone: streaming, or complete. */
export function ReportText({ report, class: extra }: { report: ReportView; class?: string }) {
  const { message, output } = report;
  return <div class={extra}>{message && !output ? <StreamText message={message} /> : <StreamText message={{ ...textOf(report), complete: true }} />}</div>;
}

export function Report({ run, report, tally, isLast }: Props) {
  const { message, output } = report;
  if (output && FOLDED.has(output.kind)) return <FoldedResult output={output} />;
  const isReport = output?.kind === "report" || run.workflow !== "chat";
  const complete = message?.complete ?? true;
  const { content, html } = textOf(report);
  const empty = complete && content.trim() === "";
  return (
    <section class={isReport ? "report" : "answer"} aria-label={isReport ? "Report" : "Answer"}>
      {isReport && <h3 class="visually-hidden">Report of Run {run.number}</h3>}
      <ReportText report={report} />
      {message?.interrupted && <p class="meta report-cut">{empty ? "Stopped before anything was written." : "Broken off here."}</p>}
      {output?.truncated && <ShowWhole output={output} />}
      {complete && !empty && (isReport || isLast) && <Actions run={run} content={content} html={html} />}
      {complete && isLast && <Footer run={run} tally={tally} />}
    </section>
  );
}

function ShowWhole({ output }: { output: Output }) {
  const { model } = useRoom();
  const whole = useAction(() => model.loadOutput(output.id), { noun: "report" });
  return (
    <p class="row wrap">
      <button type="button" class="button small" disabled={whole.busy} onClick={whole.run}>
        {whole.busy ? "Loading…" : "Show all"}
      </button>
      {whole.error && <span class="field-error">{whole.error}</span>}
    </p>
  );
}

function FoldedResult({ output }: { output: Output }) {
  return (
    <Fold id={`output:${output.id}`} class="side-result" head={<span>{output.title}</span>}>
      {() => <Markdown html={output.html} text={output.content} />}
    </Fold>
  );
}

interface ActionsProps {
  run: Run;
  content: string;
  html: string | null;
}

function Actions({ run, content, html }: ActionsProps) {
  const { ui } = useRoom();
  const canTalk = useCanTalk();
  const canRefine = useRoomState((state) => state.session.phase === "refinement_ready" && newestRun(state.runs)?.id === run.id);
  return (
    <div class="row wrap report-actions">
      <CopyButton copy={() => (html === null ? copyText(content) : copyRich(html, content))} />
      <CopyButton label="Copy as Markdown" copy={() => copyText(content)} />
      {canTalk && <PostAsComment content={content} />}
      {canTalk && canRefine && (
        <button type="button" class="button small" onClick={() => ui.compose()}>
          <Icon name="retry" /> Refine
        </button>
      )}
    </div>
  );
}

function PostAsComment({ content }: { content: string }) {
  const { model } = useRoom();
  const connected = useConnected();
  const card = useRoomState((state) => state.session.card);
  const [ref] = useState(newRef);
  const [posted, setPosted] = useState(false);
  const post = useAction(() => model.postComment(card!, content, ref).then(() => setPosted(true)), { noun: "card", text: content });
  if (card === null) return null;
  return (
    <>
      <button type="button" class="button small" disabled={post.busy || posted || !connected} title={connected ? undefined : "Needs a connection"} onClick={post.run}>
        <Icon name={posted ? "check" : "comment"} /> {posted ? "Posted on the card" : "Post as comment"}
      </button>
      {post.error && <span class="field-error">{post.error}</span>}
    </>
  );
}

function Footer({ run, tally }: { run: Run; tally: Tally }) {
  const time = elapsed(run, 0);
  if (!run.finished) return null;
  const facts = [
    tally.total > 0 && plural(tally.total, "step"),
    time !== null && clock(time),
    plural(run.usage.tool_calls, "tool call"),
    modelWords(run.model),
    usageWords(run.usage, run.model),
  ].filter(Boolean);
  return <p class="meta num report-footer">{facts.join(" · ")}</p>;
}
