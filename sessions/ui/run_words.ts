/** How a room words the states of runs, what they used and why they ended. Pure. */
import type { IconName } from "../../project/ui/icons";
import { clock, ordinal, plural } from "../../project/ui/text";
import type { Attempt, Budget, Run, Usage } from "./types";
import type { Tally } from "./run_view";

export type Tone = "agent" | "ok" | "warn" | "danger" | "plain";

export interface Status {
  text: string;
  icon: IconName;
  tone: Tone;
}

const STATUS: Record<Run["status"], Status> = {
  queued: { text: "Queued", icon: "clock", tone: "plain" },
  running: { text: "Running", icon: "agent", tone: "agent" },
  waiting: { text: "Waiting for an answer", icon: "wait", tone: "warn" },
  cancelling: { text: "Stopping…", icon: "stop", tone: "plain" },
  completed: { text: "Completed", icon: "check", tone: "ok" },
  failed: { text: "Failed", icon: "error", tone: "danger" },
  cancelled: { text: "Stopped", icon: "stop", tone: "plain" },
};

export function statusOf(run: Run): Status {
  return STATUS[run.status];
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Run 2 · Resolve · Robo". */
export function runTitle(run: Run): string {
  return [`Run ${run.number}`, capital(run.workflow), capital(run.agent)].join(" · ");
}

/** "Retry of Run 2", "refines Run 2", or nothing for a run of its own. */
export function relationOf(run: Run, runs: Record<string, Run>): string | null {
  if (!run.relation) return null;
  const parent = run.parent ? runs[run.parent] : undefined;
  const name = parent ? `Run ${parent.number}` : "an earlier run";
  return run.relation === "retry" ? `Retry of ${name}` : `refines ${name}`;
}

/** "Waiting for Run 2 · 1st in line"; with nobody before it, its agent is about to begin. */
export function queueWords(run: Run, active: Run | null): string {
  const place = run.position ? ` · ${ordinal(run.position)} in line` : "";
  if (active) return `Waiting for Run ${active.number}${place}`;
  return (run.position ?? 1) <= 1 ? `${capital(run.agent)} is reading…` : `Waiting to start${place}`;
}

/** How long a run has worked, in ms; up to `now` while it goes on. */
export function elapsed(run: Run, now: number): number | null {
  if (!run.started) return null;
  return Math.max(0, (run.finished ? Date.parse(run.finished) : now) - Date.parse(run.started));
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms);
}

/** "Run 1 · completed · 4 steps · 0:48". */
export function foldedLine(run: Run, tally: Tally): string {
  const time = elapsed(run, 0);
  const parts = [`Run ${run.number}`, statusOf(run).text.toLowerCase(), tally.total ? plural(tally.total, "step") : null, time === null ? null : clock(time)];
  return parts.filter(Boolean).join(" · ");
}

/** "Step 2 of 4" while the plan is worked on. */
export function stepWords({ done, total }: Tally): string | null {
  if (total === 0) return null;
  return done < total ? `Step ${done + 1} of ${total}` : "Writing the report";
}

export function tokens(usage: Usage): number {
  return usage.input_tokens + usage.output_tokens;
}

export function costWords(cost: number | null): string {
  if (cost === null) return "price unknown";
  return `$${cost.toFixed(cost < 0.1 ? 3 : 2)}`;
}

/** "3,410 tokens · $0.012"; rules cost nothing. */
export function usageWords(usage: Usage, model: Run["model"]): string {
  if (model.adapter === "rules") return "no model cost";
  return `${plural(tokens(usage), "token")} · ${costWords(usage.cost_usd)}`;
}

/** What a run has used so far. It is counted whenever a step ends, so before that nothing is known. */
export function usageSoFar(run: Run): string {
  const isUncounted = run.usage.requests === 0 && !run.finished && run.model.adapter !== "rules";
  return isUncounted ? "usage is counted as steps end" : usageWords(run.usage, run.model);
}

export function modelWords(model: Run["model"]): string {
  return model.adapter === "rules" ? "Rules, no language model" : (model.name ?? model.adapter);
}

export interface Meter {
  name: string;
  used: number;
  allowed: number;
  text: string;
}

const WARN_AT = 0.8;

export function isNearlyUsed({ used, allowed }: Meter): boolean {
  return allowed > 0 && used / allowed >= WARN_AT;
}

/** A bar per budget that is set. */
export function metersOf(run: Run, usage: Usage, budget: Budget, now: number): Meter[] {
  const seconds = Math.floor((elapsed(run, now) ?? 0) / 1000);
  const rows: [string, number | null, number | null, (n: number) => string][] = [
    ["Tokens", tokens(usage), budget.tokens, (n) => n.toLocaleString("en")],
    ["Cost", usage.cost_usd, budget.cost_usd, (n) => costWords(n)],
    ["Model requests", usage.requests, budget.steps, (n) => n.toLocaleString("en")],
    ["Time", seconds, budget.seconds, (n) => clock(n * 1000)],
  ];
  return rows.flatMap(([name, used, allowed, words]) =>
    used === null || !allowed ? [] : [{ name, used, allowed, text: `${words(used)} of ${words(allowed)}` }],
  );
}

const FAILURES: Record<string, (model: string) => string> = {
  model_unreachable: () => "The model provider can't be reached.",
  model_timeout: () => "The model provider took too long to answer.",
  model_busy: () => "The model provider is busy.",
  model_failing: () => "The model provider fails to answer.",
  model_key_refused: () => "The model provider refused the key.",
  model_unknown: (model) => `The provider has no model called ${model}.`,
  model_quota: () => "The account at the model provider has no credit left.",
  model_context_full: (model) => `The request is longer than what ${model} can read.`,
  model_filtered: () => "The model provider's filter withheld the answer.",
  model_cut: () => "The model's answer broke off.",
  model_endless: () => "The model's answer didn't come to an end.",
  model_empty: () => "The model answered nothing.",
  model_refused: () => "The model provider refused the request.",
};

/** Why a run failed, in a sentence; `said` is what the provider said of it. */
export function failureWords({ error, model }: Run): { sentence: string; said: string | null } {
  if (!error) return { sentence: "This run failed.", said: null };
  const sentence = FAILURES[error.code]?.(model.name ?? "that");
  return sentence ? { sentence, said: error.message } : { sentence: error.message, said: null };
}

const ENDINGS: Record<string, string> = {
  worker_lost: "worker stopped answering",
  lease_expired: "worker stopped answering",
  crash: "worker stopped answering",
  restart: "server restarted",
  drain: "server restarted",
  shutdown: "server restarted",
  waiting: "waited for an answer",
  answered: "went on after an answer",
  completed: "completed",
  failed: "failed",
  cancelled: "stopped",
};

/** Why an attempt ended, in words. */
export function attemptWords(attempt: Attempt): string {
  if (attempt.ended === null) return "under way";
  return ENDINGS[attempt.reason ?? ""] ?? (attempt.reason ?? "ended").replaceAll("_", " ");
}

const RESUMED: Record<string, string> = {
  restart: "Picked up again after a restart. Finished steps were kept.",
  lease_expired: "Picked up again after its worker stopped answering. Finished steps were kept.",
};

/** The rule across a block for a resumption; an answer speaks for itself. */
export function resumedWords(reason: string): string | null {
  return RESUMED[reason] ?? null;
}

/** "Alice stopped this run. 2 of 4 steps were done." */
export function cancelledWords(by: string | null, { done, total }: Tally): string {
  const who = by ? `${capital(by)} stopped this run.` : "This run was stopped.";
  return total ? `${who} ${done} of ${plural(total, "step")} ${done === 1 && total === 1 ? "was" : "were"} done.` : who;
}

/** "The model is busy (429). Try 2 of 5 in 8 s". */
export function delayWords(reason: string, attempt: number, tries: number, wait: number): string {
  const told = reason ? ` (${reason})` : "";
  return `The model is busy${told}. Try ${attempt} of ${tries}${wait > 0 ? ` in ${wait} s` : ""}`;
}
