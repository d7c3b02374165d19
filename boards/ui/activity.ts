/** The agents' five events as they arrive on the board's socket: the newest per card, and a short list for the strip. */
import type { AgentActivity } from "./types";

export interface ActivityLine {
  id: string;
  session: string;
  run: string;
  card: string | null;
  type: string;
  agent: string;
  text: string;
  at: number;
}

export interface ActivityState {
  /** Newest last. */
  lines: ActivityLine[];
  byCard: Record<string, ActivityLine>;
}

const KEPT = 40;

export const NO_ACTIVITY: ActivityState = { lines: [], byCard: {} };

const str = (value: unknown) => (typeof value === "string" ? value : "");
const firstLine = (value: unknown) => str(value).split("\n", 1)[0]!.trim();

/** One sentence per event. Everything in `data` is an agent's word: it is only ever shown as text. */
const SENTENCES: Record<string, (data: Record<string, unknown>) => string> = {
  agent_started: (data) => firstLine(data["message"]) || "Started",
  agent_thinking: (data) => firstLine(data["thought"]) || "Thinking",
  tool_executing: (data) => `Uses ${str(data["title"]) || str(data["tool_name"])}`,
  tool_completed: (data) => {
    const name = str(data["title"]) || str(data["tool_name"]);
    if (data["success"] === false) return `${name} failed${data["error"] ? `: ${firstLine(data["error"])}` : ""}`;
    return `${name}: ${str(data["summary"]) || "done"}`;
  },
  agent_completed: (data) => (data["success"] === false ? `Stopped: ${firstLine(data["error"])}` : "Finished a step"),
};

export function addActivity(state: ActivityState, { session, run, card, event }: AgentActivity): ActivityState {
  const sentence = SENTENCES[event.type];
  if (!sentence || state.lines.some((line) => line.id === event.id)) return state;
  const agent = str(event.data["agent"]) || event.actor?.username || "Agent";
  const line = { id: event.id, session, run, card, type: event.type, agent, text: sentence(event.data), at: event.timestamp };
  const byCard = card === null ? state.byCard : { ...state.byCard, [card]: line };
  return { lines: [...state.lines, line].slice(-KEPT), byCard };
}
