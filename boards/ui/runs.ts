/** How a card words its newest run. Pure. */
import type { IconName } from "../../project/ui/icons";
import { ordinal, seconds } from "../../project/ui/text";
import type { CardRun } from "./types";

export interface RunWords {
  text: string;
  /** What a link to the room is called, when there is one to offer. */
  action: string | null;
  icon: IconName;
  tone: "agent" | "warn" | "danger" | "ok" | "plain";
  /** Share of the steps that are done, while running. */
  done: number | null;
}

const REPORT_SHOWN_MS = 24 * 3600 * 1000;

export function agentName(run: CardRun): string {
  const name = typeof run.agent === "string" ? run.agent : run.agent.username;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function isActive(run: CardRun | null): run is CardRun {
  return run !== null && ["queued", "running", "waiting", "cancelling"].includes(run.status);
}

function epochMs(value: string | number): number {
  return typeof value === "number" ? value * 1000 : Date.parse(value);
}

function running(run: CardRun, now: number): RunWords {
  if (run.retry_at !== null) {
    const wait = seconds(epochMs(run.retry_at) - now);
    return { text: wait > 0 ? `Model busy, next try in ${wait} s` : "Model busy, trying again", action: null, icon: "retry", tone: "warn", done: null };
  }
  const { done, total } = run.progress ?? { done: 0, total: 0 };
  if (total === 0) return { text: `${agentName(run)} · starting`, action: null, icon: "agent", tone: "agent", done: 0 };
  return { text: `${agentName(run)} · step ${Math.min(done + 1, total)} of ${total}`, action: null, icon: "agent", tone: "agent", done: done / total };
}

function queued(run: CardRun): RunWords {
  const place = run.position ? `, ${ordinal(run.position)} in line` : "";
  return { text: `Queued${place}`, action: null, icon: "clock", tone: "plain", done: null };
}

function completed(run: CardRun, now: number): RunWords | null {
  if (run.finished !== null && now - epochMs(run.finished) > REPORT_SHOWN_MS) return null;
  return { text: "Report ready", action: "Read it", icon: "check", tone: "ok", done: null };
}

/** The words of a run, or null when there is nothing to say about it any more. */
export function runWords(run: CardRun, now: number): RunWords | null {
  const table: Record<CardRun["status"], () => RunWords | null> = {
    queued: () => queued(run),
    running: () => running(run, now),
    waiting: () => ({ text: "Needs an answer", action: "Answer", icon: "wait", tone: "warn", done: null }),
    cancelling: () => ({ text: "Stopping…", action: null, icon: "stop", tone: "plain", done: null }),
    failed: () => ({ text: "Failed", action: "See why", icon: "error", tone: "danger", done: null }),
    completed: () => completed(run, now),
    cancelled: () => null,
  };
  return table[run.status]();
}
