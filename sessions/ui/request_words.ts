/** What a request asks and how it ended, in words. Pure. */
import type { User } from "../../project/ui/wire";
import { capital } from "./run_words";
import type { JsonObject, Request } from "./types";

const KINDS: Record<Request["kind"], string> = {
  approval: "Approval needed",
  question: "Question",
  client_tool: "Waiting for the connected client",
  plan_review: "Plan review",
};

export function kindWords(request: Request): string {
  return KINDS[request.kind];
}

/** Who asks for what; the name only where the title doesn't begin with it. */
export function titleWords(request: Request): string {
  const names = request.title.toLowerCase().startsWith(request.agent.toLowerCase());
  return names ? request.title : `${capital(request.agent)}: ${request.title}`;
}

/** The host that a tool is to ask, as the network would name it. */
function hostOf(request: Request): string | null {
  const url = request.parameters?.["url"];
  if (request.tool_name !== "fetch_url" || typeof url !== "string" || !URL.canParse(url)) return null;
  return new URL(url).host;
}

/** How an act reaches beyond this room's board: its starter's rights are at stake then, and only the starter's approval counts. */
function reachOf(request: Request): string | null {
  const { board, everywhere } = request.parameters ?? {};
  if (request.class !== "unsafe") return null;
  if (everywhere === true) return "Searches all sessions of whoever started the run, who alone can allow it";
  if (typeof board !== "string" || board === "") return null;
  return `Works on the board “${board.slice(0, 60)}”. If it isn't this room's own, only whoever started the run can allow it`;
}

/** What the act touches, by the tool's class; where it leads if it leaves this server or this room's board. */
export function classWords(request: Request): string | null {
  const host = hostOf(request);
  if (host) return `Leaves this server: ${host}`;
  const reach = reachOf(request);
  if (reach) return reach;
  const table: Record<string, string> = {
    unsafe: "Changes the board and can't be undone",
    idempotent: "Changes the board",
    read: "Only reads",
  };
  if (request.class === null) return null;
  return table[request.class] ?? `Class: ${request.class}`;
}

const ALLOWANCES: Record<string, string> = { tokens: "tokens", steps: "steps", seconds: "seconds", cost_usd: "USD" };

/** What approving and denying are called: a run over budget is allowed more, or ends. */
export function decisionWords(request: Request, values: JsonObject, isChanged: boolean): { approve: string; deny: string } {
  const [[what, more] = [], ...others] = Object.entries(values);
  const unit = request.kind === "approval" && request.tool_name === null && others.length === 0 ? ALLOWANCES[what ?? ""] : undefined;
  if (unit) return { approve: `Allow ${Number(more).toLocaleString("en")} more ${unit}`, deny: "Finish with what it has" };
  return { approve: isChanged ? "Approve with changes" : "Approve", deny: "Deny" };
}

function who(user: User | null, me: User): string {
  if (!user) return "Somebody";
  return user.id === me.id ? "You" : capital(user.username);
}

const VERBS: Partial<Record<Request["status"], string>> = { approved: "approved", denied: "denied", answered: "answered" };

/** "You approved with changes", "Bob denied: 'not before Friday'", "Expired, nothing was done." */
export function outcomeWords(request: Request, me: User, withChanges: boolean): string {
  if (request.status === "expired") return "Expired, nothing was done.";
  if (request.status === "cancelled") return "Withdrawn: the run ended before this was answered. Nothing was done.";
  const verb = VERBS[request.status];
  if (!verb) return "Open";
  const changed = request.status === "approved" && (withChanges || request.answer?.arguments) ? " with changes" : "";
  const quote = request.note ? `: “${request.note}”` : "";
  return `${who(request.answered_by, me)} ${verb}${changed}${quote}`;
}

/** After losing the race: "Bob approved this first. Your answer wasn't used." */
export function lostWords(winner: Request | null, me: User): string {
  const verb = winner ? VERBS[winner.status] : undefined;
  if (!winner || !verb) return "This was answered already. Your answer wasn't used.";
  return `${who(winner.answered_by, me)} ${verb} this first. Your answer wasn't used.`;
}

const DAY_S = 86_400;

/** Less than a day is left to answer. */
export function isUrgent(expires: string, now: number): boolean {
  return Date.parse(expires) - now < DAY_S * 1000;
}

/** "Expires in 6 days". */
export function expiryWords(expires: string, now: number): string {
  const left = (Date.parse(expires) - now) / 1000;
  if (left <= 0) return "Expires now";
  const [count, unit] = left >= DAY_S ? [Math.floor(left / DAY_S), "day"] : left >= 3600 ? [Math.floor(left / 3600), "hour"] : [Math.ceil(left / 60), "minute"];
  return `Expires in ${count} ${unit}${count === 1 ? "" : "s"}`;
}
