/** What runs have used, with a bar per budget. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { classes, plural } from "../../project/ui/text";
import { useTicks } from "../../project/ui/time";
import { isUnfinished } from "./blocks";
import { useDerived, useRoom } from "./context";
import { Fold } from "./Fold";
import { costWords, isNearlyUsed, type Meter, metersOf, tokens, usageSoFar } from "./run_words";
import type { Run } from "./types";

export function UsageOf({ run }: { run: Run }) {
  return (
    <Fold id={`usage:${run.id}`} head={<span class="num">{usageSoFar(run)}</span>}>
      {() => <Details run={run} />}
    </Fold>
  );
}

function Details({ run }: { run: Run }) {
  const { model } = useRoom();
  useTicks(isUnfinished(run) ? 1 : 60);
  const { usage } = run;
  return (
    <div class="stack">
      <p class="meta num">
        {plural(usage.requests, "model request")} · {plural(usage.input_tokens, "token")} in · {plural(usage.output_tokens, "token")} out ·{" "}
        {plural(usage.tool_calls, "tool call")}
      </p>
      {metersOf(run, usage, run.budget, model.now()).map((meter) => (
        <Bar key={meter.name} meter={meter} />
      ))}
    </div>
  );
}

function Bar({ meter }: { meter: Meter }) {
  const bar = useRef<HTMLDivElement>(null);
  const share = Math.min(1, meter.used / meter.allowed);
  useLayoutEffect(() => bar.current?.style.setProperty("--done", String(share)), [share]);
  return (
    <div class={classes("meter", isNearlyUsed(meter) && "nearly")}>
      <p class="meta num">
        {meter.name}: {meter.text}
        {isNearlyUsed(meter) && " · nearly used up"}
      </p>
      <div ref={bar} class="meter-bar" aria-hidden="true" />
    </div>
  );
}

/** All runs of the session together. */
export function SessionUsage() {
  const words = useDerived(
    (state) => [state.runs],
    (runs) => {
      const all = Object.values(runs);
      if (all.every((run) => run.model.adapter === "rules")) return `Session: ${plural(all.length, "run")}, no model cost`;
      const cost = all.some((run) => run.usage.cost_usd === null) ? null : all.reduce((sum, run) => sum + (run.usage.cost_usd ?? 0), 0);
      const used = all.reduce((sum, run) => sum + tokens(run.usage), 0);
      return `Session: ${plural(used, "token")} · ${costWords(cost)}`;
    },
  );
  return <p class="meta num">{words}</p>;
}
