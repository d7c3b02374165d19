/** The agents' five events as they arrive on the board's socket: the newest per card, and a short list for the strip. */
import { plainLines } from "../../project/ui/text";
import type { StreamEvent } from "../../project/ui/wire";
import type { AgentActivity } from "./types";

export interface ActivityLine {
  id: string;
  session: string;
  run: string;
  card: string | null;
  type: string;
  agent: string;
  text: string;
  failed: boolean;
  at: number;
}

export interface ActivityState {
  /** Newest last. */
  lines: ActivityLine[];
  byCard: Record<string, ActivityLine>;
  /** What running tool calls are called, for the line that says how they ended. */
  titles: Record<string, string>;
}

const KEPT = 40;
const STOPPED = new Set(["cancelled", "denied"]);

export const NO_ACTIVITY: ActivityState = { lines: [], byCard: {}, titles: {} };

type Data = Record<string, unknown>;

const str = (value: unknown) => (typeof value === "string" ? value : "");
const firstLine = (value: unknown) => plainLines(str(value))[0] ?? "";

function errorOf(data: Data): Data | null {
  return (data["error"] ?? null) as Data | null;
}

/** Whether something went wrong; what a person stopped or denied did not. */
function isFailure(data: Data): boolean {
  return data["success"] === false && !STOPPED.has(str(errorOf(data)?.["code"]));
}

function toolEnded(data: Data, title: string): string {
  const summary = firstLine(data["summary"]) || firstLine(errorOf(data)?.["message"]);
  if (isFailure(data)) return summary ? `${title} failed: ${summary}` : `${title} failed`;
  return `${title}: ${summary || "done"}`;
}

function agentEnded(data: Data): string {
  if (data["success"] !== false) return firstLine(data["result"]) || "Finished a step";
  const why = firstLine(errorOf(data)?.["message"]);
  return isFailure(data) && why ? `Failed: ${why}` : "Stopped";
}

/** One sentence per event. Everything in `data` is an agent's word: it is only ever shown as text. */
const SENTENCES: Record<string, (data: Data, title: string) => string> = {
  agent_started: (data) => firstLine(data["message"]) || "Started",
  agent_thinking: (data) => firstLine(data["thought"]) || "Thinking",
  tool_executing: (_, title) => `Uses ${title}`,
  tool_completed: toolEnded,
  agent_completed: agentEnded,
};

function titlesAfter(titles: Record<string, string>, { type, data }: StreamEvent): Record<string, string> {
  const call = str(data["call"]);
  if (type === "tool_executing" && call) return { ...titles, [call]: str(data["title"]) || str(data["tool_name"]) };
  if (type !== "tool_completed" || !(call in titles)) return titles;
  const { [call]: _, ...rest } = titles;
  return rest;
}

export function addActivity(state: ActivityState, { session, run, card, event }: AgentActivity): ActivityState {
  const { data, type } = event;
  const sentence = SENTENCES[type];
  if (!sentence || state.lines.some((line) => line.id === event.id)) return state;
  const agent = str(data["agent"]) || event.actor?.username || "Agent";
  const title = str(data["title"]) || state.titles[str(data["call"])] || str(data["tool_name"]);
  const failed = isFailure(data);
  const line = { id: event.id, session, run, card, type, agent, text: sentence(data, title), failed, at: event.timestamp };
  const byCard = card === null ? state.byCard : { ...state.byCard, [card]: line };
  return { lines: [...state.lines, line].slice(-KEPT), byCard, titles: titlesAfter(state.titles, event) };
}
