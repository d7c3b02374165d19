/** The room's objects of PROTOCOL §5, and the page data built from them. */
import type { BasePageData } from "../../project/ui/page";
import type { AgentInfo, Role, User } from "../../project/ui/wire";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Session {
  id: string;
  title: string;
  board: string | null;
  card: string | null;
  owner: User;
  workflow: string;
  status: "active" | "stopped";
  phase: "idle" | "executing" | "waiting" | "refinement_ready";
  instructions: string;
  review_plan: boolean;
  tools: { name: string; description: string; parameters: JsonObject }[];
  created: string;
  updated: string;
}

export type HandledBy = "run" | "clarifier" | "queue" | "interrupt";

export interface Message {
  id: string;
  session: string;
  role: "user" | "assistant" | "system";
  author: User | null;
  agent: string | null;
  via: "user" | "agent" | "clarifier";
  refines: string | null;
  handled_by: HandledBy | null;
  content: string;
  /** Null where an event would be too large with it. */
  html: string | null;
  complete: boolean;
  interrupted: boolean;
  run: string | null;
  created: string;
}

export type RunStatus = "queued" | "running" | "waiting" | "cancelling" | "completed" | "failed" | "cancelled";

export interface RunError {
  code: string;
  message: string;
  hint?: string;
}

export interface Usage {
  requests: number;
  input_tokens: number;
  output_tokens: number;
  /** Null: unknown. */
  cost_usd: number | null;
  tool_calls: number;
}

export interface Budget {
  tokens: number | null;
  cost_usd: number | null;
  steps: number | null;
  seconds: number | null;
}

export interface Attempt {
  number: number;
  started: string;
  ended: string | null;
  reason: string | null;
}

export interface Progress {
  done: number;
  total: number;
}

export interface Run {
  id: string;
  session: string;
  number: number;
  agent: string;
  started_by: User;
  position: number | null;
  parent: string | null;
  relation: "retry" | "refinement" | null;
  workflow: string;
  status: RunStatus;
  attempt: number;
  attempts: Attempt[];
  model: { adapter: string; name: string | null };
  progress: Progress;
  usage: Usage;
  budget: Budget;
  error: RunError | null;
  created: string;
  started: string | null;
  finished: string | null;
}

export type OutputKind = "plan" | "subtask" | "report" | "critique" | "performance" | "answer";

export interface Output {
  id: string;
  run: string;
  agent: string;
  step: string;
  kind: OutputKind;
  title: string;
  content: string;
  html: string | null;
  data: JsonObject | null;
  message: string | null;
  truncated: boolean;
  created: string;
}

export interface ToolCall {
  call: string;
  run: string;
  step: string;
  agent: string;
  tool_name: string;
  parameters: JsonObject;
  status: "executing" | "waiting" | "completed" | "failed" | "denied";
  result: string | null;
  success: boolean | null;
  error: RunError | null;
  truncated: boolean;
  started: string;
  finished: string | null;
}

export interface Thought {
  id: string;
  run: string;
  step: string;
  agent: string;
  thought: string;
  created: string;
}

export type RequestStatus = "open" | "approved" | "denied" | "answered" | "expired" | "cancelled";

export interface Request {
  id: string;
  run: string;
  session: string;
  board: string | null;
  card: string | null;
  agent: string;
  title: string;
  reason: string;
  class: string | null;
  schema: JsonObject | null;
  hash: string;
  kind: "approval" | "question" | "client_tool" | "plan_review";
  tool_name: string | null;
  parameters: JsonObject | null;
  choices: string[] | null;
  message: string;
  status: RequestStatus;
  answered_by: User | null;
  note: string;
  /** Arguments where others were approved than were asked for, the text of a question's answer; events of earlier versions don't tell. */
  answer?: { arguments: JsonObject | null; result: string | null } | null;
  expires: string;
  created: string;
}

export interface Subtask {
  id: string;
  title: string;
  role: string;
  needs: string[];
  status: string;
}

export interface SnapshotState {
  session: Session;
  messages: Message[];
  runs: Run[];
  outputs: Output[];
  tool_calls: ToolCall[];
  thoughts: Thought[];
  requests: Request[];
  has_older?: boolean;
}

export interface SessionSnapshot {
  stream: string;
  epoch: string;
  seq: number;
  me: { user: User; role: Role };
  state: SnapshotState;
  has_older?: boolean;
}

export interface CardRef {
  id: string;
  number: number;
  title: string;
}

export interface RoomPageData extends BasePageData {
  user: User;
  snapshot: SessionSnapshot;
  board_name: string | null;
  card: CardRef | null;
  agents: AgentInfo[];
}

/** How a message is meant: for the active run (`during_run`), or as a run of its own although there is a report to refine. */
export type Way = "ask" | "queue" | "interrupt" | "fresh";
