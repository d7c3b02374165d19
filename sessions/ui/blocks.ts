/** The room's one stream: messages, asides of the clarifier and run blocks, oldest first. Pure. */
import { compare, type RoomState, sorted } from "./store";
import type { Message, Run } from "./types";

export interface Block {
  kind: "message" | "aside" | "run";
  id: string;
  created: string;
}

/** Whether a message is part of its run's block instead of standing in the stream. */
export function isInsideRun(message: Message, runs: Record<string, Run>): boolean {
  return message.role === "assistant" && message.via === "agent" && message.run !== null && message.run in runs;
}

function kindOf(message: Message): Block["kind"] {
  return message.via === "clarifier" ? "aside" : "message";
}

/** A run follows the message that asked for it, also when both carry the same moment. */
const RANK: Record<Block["kind"], number> = { message: 0, run: 1, aside: 2 };

/** Whether a message speaks of a run under way: a question to the clarifier, or its answer. */
function isAboutRun(message: Message): boolean {
  return message.via === "clarifier" || message.handled_by === "clarifier";
}

/** What was asked and answered about runs before they had said their last word, by the run's id: it stands in their blocks, before that. */
export function asidesOf(messages: RoomState["messages"], runs: RoomState["runs"]): Record<string, Message[]> {
  const asides: Record<string, Message[]> = {};
  const said = sorted(messages);
  const last = Object.fromEntries(said.filter((message) => isInsideRun(message, runs)).map((message) => [message.run!, message]));
  const speaking = runsOf(runs).filter(({ id }) => id in last);
  for (const message of said.filter(isAboutRun)) {
    const run = speaking.find((each) => compare(each, message) < 0 && compare(message, last[each.id]!) < 0);
    if (run) (asides[run.id] ??= []).push(message);
  }
  return asides;
}

export function blocksOf(messages: RoomState["messages"], runs: RoomState["runs"]): Block[] {
  const asides = new Set(Object.values(asidesOf(messages, runs)).flat());
  const said = Object.values(messages)
    .filter((message) => !isInsideRun(message, runs) && !asides.has(message))
    .map((message): Block => ({ kind: kindOf(message), id: message.id, created: message.created }));
  const ran = Object.values(runs).map(({ id, created }): Block => ({ kind: "run", id, created }));
  return [...said, ...ran].sort((a, b) => (a.created === b.created ? RANK[a.kind] - RANK[b.kind] : compare(a, b)));
}

const UNFINISHED = new Set(["queued", "running", "waiting", "cancelling"]);

export function isUnfinished(run: Run): boolean {
  return UNFINISHED.has(run.status);
}

export function isActive(run: Run): boolean {
  return isUnfinished(run) && run.status !== "queued";
}

export function runsOf(runs: RoomState["runs"]): Run[] {
  return Object.values(runs).sort((a, b) => a.number - b.number);
}

/** The run that works or waits now; at most one. */
export function activeRun(runs: RoomState["runs"]): Run | null {
  return Object.values(runs).find(isActive) ?? null;
}

/** The newest run that has begun; a queued one only when there is no other. */
export function newestRun(runs: RoomState["runs"]): Run | null {
  const all = runsOf(runs);
  return all.findLast((run) => run.status !== "queued") ?? all.at(-1) ?? null;
}

/** The newest run where its report is there to be read; its id. */
export function finishedRun(runs: RoomState["runs"]): string | null {
  const newest = newestRun(runs);
  return newest?.status === "completed" ? newest.id : null;
}

/** The runs of the line, next first. */
export function queuedRuns(runs: RoomState["runs"]): Run[] {
  return runsOf(runs)
    .filter((run) => run.status === "queued")
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

/** `next`, or `before` when both name the same blocks in the same order. */
export function keepSame(before: Block[], next: Block[]): Block[] {
  const same = before.length === next.length && before.every((block, at) => block.id === next[at]!.id && block.kind === next[at]!.kind);
  return same ? before : next;
}
