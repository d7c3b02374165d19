/** Stop, withdraw and retry: one click each, their outcome where they stand. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { useConnected } from "./answering";
import { useCanTalk, useRoom } from "./context";
import type { Run } from "./types";
import { useAction } from "../../project/ui/use_action";

const OFFLINE = "Needs a connection";

export function StopButton({ run, small }: { run: Run; small?: boolean }) {
  const { model } = useRoom();
  const connected = useConnected();
  const canTalk = useCanTalk();
  const stop = useAction(() => model.cancelRun(run.id));
  const stopping = stop.busy || run.status === "cancelling";
  if (!canTalk) return null;
  return (
    <>
      <button
        type="button"
        class={small ? "button link" : "button small"}
        disabled={stopping || !connected}
        title={connected ? "Stop this run (Shift+S)" : OFFLINE}
        onClick={stop.run}
      >
        {!small && <Icon name="stop" />} {stopping ? "Stopping…" : "Stop"}
      </button>
      {stop.error && <span class="field-error">{stop.error}</span>}
    </>
  );
}

export function WithdrawButton({ run, small }: { run: Run; small?: boolean }) {
  const { model } = useRoom();
  const connected = useConnected();
  const withdraw = useAction(() => model.cancelRun(run.id));
  if (!useCanTalk()) return null;
  return (
    <>
      <button type="button" class={small ? "button link" : "button small"} disabled={withdraw.busy || !connected} title={connected ? undefined : OFFLINE} onClick={withdraw.run}>
        Withdraw
      </button>
      {withdraw.error && <span class="field-error">{withdraw.error}</span>}
    </>
  );
}

export function RetryButton({ run }: { run: Run }) {
  const { model } = useRoom();
  const connected = useConnected();
  const retry = useAction(() => model.retryRun(run.id));
  if (!useCanTalk()) return null;
  return (
    <>
      <button type="button" class="button small" disabled={retry.busy || !connected} title={connected ? undefined : OFFLINE} onClick={retry.run}>
        <Icon name="retry" /> Retry
      </button>
      {retry.error && <span class="field-error">{retry.error}</span>}
    </>
  );
}

const SLOW_MS = 5000;

/** Under a stopping run, once it takes its time. */
export function StoppingNote() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return slow ? <p class="meta">Waiting for the current tool to finish</p> : null;
}
