/** What the page says aloud of the room's events. Pure. */
import type { StreamEvent } from "../../project/ui/wire";
import { plural } from "../../project/ui/text";
import { capital } from "./run_words";
import type { Message, Progress, Request, Run, Subtask } from "./types";

type Data = Record<string, unknown>;
type Sentence = (data: Data, event: StreamEvent) => string | null;

const run = (data: Data) => data["run"] as Run;

function stepDone(data: Data): string | null {
  const progress = data["progress"] as Progress | undefined;
  if (!data["subtask"] || !progress || progress.total === 0) return null;
  return data["success"] === false ? "A step failed." : `Step ${progress.done} of ${progress.total} done.`;
}

function asks(data: Data): string {
  const request = data["request"] as Request;
  const what = request.kind === "approval" ? "asks for approval" : "asks";
  return `${capital(request.agent)} ${what}: ${request.title}`;
}

function failed(data: Data): string {
  return `Run failed: ${run(data).error?.message ?? "no reason was given."}`;
}

function said(data: Data): string | null {
  const message = data["message"] as Message;
  return message.role === "user" && message.author ? `${message.author.username} wrote a message.` : null;
}

const SENTENCES: Record<string, Sentence> = {
  run_started: (data) => (run(data).attempt <= 1 ? `${capital(run(data).agent)} started.` : null),
  run_resumed: (data) => (data["reason"] === "answered" ? null : "The run was picked up again."),
  plan_made: (data) => `Plan, ${plural((data["subtasks"] as Subtask[]).length, "step")}.`,
  agent_completed: stepDone,
  request_opened: asks,
  request_expired: () => "A request has ended without an answer.",
  run_completed: () => "Report ready.",
  run_failed: failed,
  run_cancelled: () => "The run was stopped.",
  clarifier_replied: () => "Answered alongside the run.",
  session_stopped: () => "This session was closed.",
  message_added: said,
};

/** A sentence for `event`, or null when it isn't worth one; my own messages never are. */
export function sentenceOf(event: StreamEvent, me: string): string | null {
  if (event.type === "message_added" && event.actor?.id === me) return null;
  return SENTENCES[event.type]?.(event.data, event) ?? null;
}
