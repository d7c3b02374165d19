/** What a run waits for, why it ended, or that it is still at it: one box per state, in words. */
import type { ComponentChildren } from "preact";
import { Icon } from "../../project/ui/icons";
import { seconds } from "../../project/ui/text";
import { Time, useTicks } from "../../project/ui/time";
import { activeRun } from "./blocks";
import { useRoom, useRoomState } from "./context";
import { Fold } from "./Fold";
import { runNote } from "./notes";
import { PlainText } from "./PlainText";
import { RetryButton, StoppingNote, WithdrawButton } from "./RunControls";
import { cancelledWords, delayWords, failureWords, queueWords, resumedWords } from "./run_words";
import type { Tally } from "./run_view";
import type { Run } from "./types";

const SILENT_MS = 20_000;

export function RunStatusBox({ run, tally }: { run: Run; tally: Tally }) {
  const table: Record<Run["status"], () => ComponentChildren> = {
    queued: () => <Queued run={run} />,
    running: () => <Running run={run} />,
    waiting: () => null,
    cancelling: () => <StoppingNote />,
    completed: () => null,
    failed: () => <Failed run={run} />,
    cancelled: () => <Cancelled run={run} tally={tally} />,
  };
  return <>{table[run.status]()}</>;
}

/** "Picked up again after a restart", as a rule across the block. */
export function Resumptions({ run }: { run: Run }) {
  const resumed = useRoomState((state) => runNote(state.notes, run.id).resumed);
  const told = resumed.flatMap(({ reason, at }) => {
    const words = resumedWords(reason);
    return words ? [{ words, at }] : [];
  });
  return (
    <>
      {told.map(({ words, at }) => (
        <p key={at} class="run-rule">
          <span>{words}</span> <Time at={at / 1000} class="meta" />
        </p>
      ))}
    </>
  );
}

function Queued({ run }: { run: Run }) {
  const { agents } = useRoom();
  const active = useRoomState((state) => activeRun(state.runs));
  const agent = agents.find((each) => each.username === run.agent);
  return (
    <div class="row wrap run-queued">
      <span class="muted num">{agent?.available === false ? agent.reason : queueWords(run, active)}</span>
      <WithdrawButton run={run} />
    </div>
  );
}

function Running({ run }: { run: Run }) {
  const { model } = useRoom();
  useTicks(1);
  const delay = useRoomState((state) => runNote(state.notes, run.id).delay);
  const sign = useRoomState((state) => Math.floor((state.notes.signs[run.id] ?? 0) / 1000));
  if (delay) {
    return (
      <p class="note tone-warn">
        <Icon name="retry" />
        <span class="num">{delayWords(delay.reason, delay.try, delay.tries, seconds(delay.retryAt - model.now()))}</span>
      </p>
    );
  }
  const silence = model.now() - sign * 1000;
  if (sign === 0 || silence < SILENT_MS) return null;
  return <p class="meta num">Still working, last sign {seconds(silence)} s ago</p>;
}

function Failed({ run }: { run: Run }) {
  const { error } = run;
  const { sentence, said } = failureWords(run);
  return (
    <div class="note tone-danger run-failed" role="group" aria-label="This run failed">
      <Icon name="error" />
      <div class="stack grow">
        <p>
          <strong>
            <PlainText text={sentence} />
          </strong>
        </p>
        {error?.hint && <p>{error.hint}</p>}
        <div class="row wrap">
          <RetryButton run={run} />
          {error && <span class="mono muted">{error.code}</span>}
        </div>
        <Fold id={`failure:${run.id}`} head={<span class="muted">Details</span>}>
          {() => (
            <p class="meta">
              {said && (
                <>
                  <PlainText text={said} />
                  <br />
                </>
              )}
              Attempt {run.attempt}. Run <span class="mono">{run.id}</span>
            </p>
          )}
        </Fold>
      </div>
    </div>
  );
}

function Cancelled({ run, tally }: { run: Run; tally: Tally }) {
  const by = useRoomState((state) => runNote(state.notes, run.id).stoppedBy);
  return (
    <div class="row wrap run-cancelled">
      <span class="muted">{run.started ? cancelledWords(by, tally) : "Withdrawn before it started."}</span>
      <RetryButton run={run} />
    </div>
  );
}
