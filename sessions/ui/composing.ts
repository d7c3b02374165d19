/** Rules of the composer: what a key means, what the box invites to, what a message's fate is called. Pure. */
import { length, ordinal } from "../../project/ui/text";
import type { Message, Run, Session, Way } from "./types";

export const TEXT_CHARS = 16_000;
const SHOW_COUNT_FROM = 14_000;

export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  /** 229 while an input method has the key; some browsers say so only here. */
  keyCode: number;
}

/** Enter sends, Shift+Enter breaks the line, Ctrl or Cmd+Enter always sends; on coarse pointers Enter breaks the line. */
export function keyMeaning(key: Key, isCoarse: boolean): "send" | "leave" | null {
  if (key.isComposing || key.keyCode === 229) return null;
  if (key.key === "Escape") return "leave";
  if (key.key !== "Enter" || key.altKey) return null;
  if (key.ctrlKey || key.metaKey) return "send";
  return key.shiftKey || isCoarse ? null : "send";
}

export function placeholder(session: Session, active: Run | null): string {
  if (active?.status === "waiting") return "Ask about the run; the open request is answered above";
  if (active) return "Ask about the run, or say what comes next";
  if (session.phase === "refinement_ready") return "Refine it, for example: only the overdue cards";
  return "Ask the agents, or tell them what to do";
}

/** How much a model is to think; null leaves it to the model. */
export type Effort = "low" | "medium" | "high" | null;

export const EFFORTS: [Effort, string][] = [
  [null, "As the model likes"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
];

/** The data of `send_user_message`. Naming a workflow makes a run of its own; without one the newest report is refined. */
export function messageData(content: string, way: Way | null, session: Session, effort: Effort = null): Record<string, string> {
  const said: Record<string, string> = effort ? { content, reasoning_effort: effort } : { content };
  if (way === null) return said;
  return way === "fresh" ? { ...said, workflow: session.workflow } : { ...said, during_run: way };
}

/** "14,210 of 16,000", once it matters. */
export function countWords(text: string): string | null {
  const count = length(text);
  if (count < SHOW_COUNT_FROM) return null;
  const words = `${count.toLocaleString("en")} of ${TEXT_CHARS.toLocaleString("en")} characters`;
  return count > TEXT_CHARS ? `That's too long: ${words}.` : words;
}

export function isTooLong(text: string): boolean {
  return length(text) > TEXT_CHARS;
}

/** What became of a message that was sent while a run was active; null when there is nothing to say. */
export function fateOf(message: Message, runs: Record<string, Run>, messages: Record<string, Message>): string | null {
  const run = message.run ? runs[message.run] : undefined;
  if (message.handled_by === "clarifier") return isReplied(message, messages) ? "Answered alongside the run" : "Being answered alongside the run…";
  if (message.handled_by === "queue") return run ? queueWords(run) : "Was queued";
  if (message.handled_by === "interrupt") return interruptWords(run, runs);
  return null;
}

function queueWords(run: Run): string {
  if (run.status !== "queued") return `Was queued, became Run ${run.number}`;
  return run.position === null || run.position <= 1 ? "Queued, next" : `Queued, ${ordinal(run.position)} in line`;
}

function interruptWords(run: Run | undefined, runs: Record<string, Run>): string {
  const before = Object.values(runs).filter((other) => run && other.number < run.number && other.status !== "queued");
  const last = before.sort((a, b) => b.number - a.number)[0];
  return last ? `Interrupted Run ${last.number}` : "Interrupted the run";
}

/** The clarifier's answer to a message: the first aside after it. */
function isReplied(message: Message, messages: Record<string, Message>): boolean {
  return Object.values(messages).some((other) => other.via === "clarifier" && other.created >= message.created && other.id !== message.id);
}
