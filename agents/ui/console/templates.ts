/** Frames to begin from, filled with what the log has shown, and the check of what is about to be sent. Pure. */

/** The newest ids of the conversation, for templates. */
export interface Known {
  session: string | null;
  run: string | null;
  request: string | null;
  hash: string | null;
  requestKind: string | null;
  seq: number;
  epoch: string | null;
}

export const NOTHING_KNOWN: Known = { session: null, run: null, request: null, hash: null, requestKind: null, seq: 0, epoch: null };

type Data = Record<string, unknown>;

interface Template {
  type: string;
  isCommand: boolean;
  data(known: Known): Data;
}

const MOST_BYTES = 64 * 1024;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function command(type: string, data: (known: Known) => Data): Template {
  return { type, isCommand: true, data };
}

function control(type: string, data: (known: Known) => Data): Template {
  return { type, isCommand: false, data };
}

function answer({ request, hash, requestKind }: Known): Data {
  const bound = { request: request ?? "id of the request", hash: hash ?? "its hash" };
  return requestKind === "question" ? { ...bound, decision: "answer", result: "" } : { ...bound, decision: "approve" };
}

const run = (known: Known): Data => ({ run: known.run ?? "id of the run" });

export const START = command("start_session", () => ({ title: "Console", workflow: "chat" }));

export const TEMPLATES: readonly Template[] = [
  START,
  command("send_user_message", () => ({ content: "What can you do?" })),
  command("answer_request", answer),
  command("provide_tool_result", (known) => ({ request: known.request ?? "id of the request", result: "" })),
  command("cancel_run", run),
  command("retry_run", run),
  command("edit_session", () => ({ title: "Console" })),
  command("stop_session", () => ({})),
  control("ping", () => ({})),
  control("sync", (known) => ({ after: known.seq, epoch: known.epoch ?? "" })),
  control("typing", () => ({})),
];

/** The text of a template; a command gets a ref, so that sending the same text twice does it once. */
export function textOf(template: Template, known: Known, ref: string): string {
  const frame = template.isCommand ? { type: template.type, ref, data: template.data(known) } : { type: template.type, data: template.data(known) };
  return JSON.stringify(frame, null, 2);
}

/** What is wrong with a text as a frame, or null. What it means is for the server to judge. */
export function problemOf(text: string): string | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (cause) {
    return `This isn't JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  if (!isObject(frame)) return "A frame is a JSON object.";
  const { type, ref, data } = frame;
  if (typeof type !== "string" || type === "") return 'A frame has a "type", a text.';
  if (ref !== undefined && ref !== null && !(typeof ref === "string" && ID.test(ref))) return 'A "ref" is a lower-case UUID.';
  if (data !== undefined && !isObject(data)) return '"data" is a JSON object.';
  const extra = Object.keys(frame).find((key) => !["type", "ref", "data"].includes(key));
  if (extra) return `A frame has type, ref and data, and no “${extra}”.`;
  const bytes = new TextEncoder().encode(JSON.stringify(frame)).length;
  return bytes > MOST_BYTES ? `This frame is too large: ${bytes.toLocaleString("en")} of 65,536 bytes.` : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is known after one more frame or event from the server. */
export function learned(known: Known, frame: Record<string, unknown>): Known {
  const data = isObject(frame["data"]) ? frame["data"] : {};
  const session = isObject(data["session"]) ? data["session"]["id"] : undefined;
  const found = isObject(data["run"]) ? data["run"]["id"] : undefined;
  const request = isObject(data["request"]) ? data["request"] : undefined;
  return {
    session: typeof session === "string" ? session : known.session,
    run: typeof found === "string" ? found : known.run,
    ...requestOf(known, request),
    seq: typeof frame["seq"] === "number" ? frame["seq"] : known.seq,
    epoch: frame["type"] === "hello" && typeof data["epoch"] === "string" ? data["epoch"] : known.epoch,
  };
}

function requestOf(known: Known, request: Record<string, unknown> | undefined): Pick<Known, "request" | "hash" | "requestKind"> {
  if (request === undefined) return { request: known.request, hash: known.hash, requestKind: known.requestKind };
  return { request: String(request["id"]), hash: String(request["hash"]), requestKind: String(request["kind"]) };
}
