/** A tool call in words: its title, its main argument, what came of it. Everything here is plain text. Pure. */
import { plural } from "../../project/ui/text";
import type { CallNote } from "./notes";
import type { Json, ToolCall } from "./types";

export interface Row {
  key: string;
  value: string;
}

/** "search_cards" as "Search cards", for calls whose title nobody told. */
export function humanise(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function toolTitle(call: ToolCall, note: CallNote | undefined): string {
  return note?.title || humanise(call.tool_name);
}

function isScalar(value: Json | undefined): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function saysSomething(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every((each) => typeof each === "string") : isScalar(value) && value !== null && value !== "";
}

/** The first argument that says something in one line; a flag only with its name. */
export function mainArgument(parameters: ToolCall["parameters"]): string {
  const entry = Object.entries(parameters).find(([, value]) => saysSomething(value));
  if (!entry) return "";
  const [key, value] = entry;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "string") return value.split("\n", 1)[0]!;
  return key === "number" || key === "card" ? `#${String(value)}` : `${humanise(key).toLowerCase()} ${String(value)}`;
}

const NESTED = "  ";

function indented(text: string): string {
  return text.replaceAll("\n", `\n${NESTED}`);
}

/** A value as text: lists and objects as lines, nested ones indented. */
export function valueText(value: Json): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.length ? value.map((each) => (isScalar(each) ? valueText(each) : `– ${indented(valueText(each))}`)).join("\n") : "none";
  if (typeof value !== "object") return String(value);
  const lines = Object.entries(value).map(([key, each]) => `${humanise(key)}: ${isScalar(each) ? valueText(each) : `\n${NESTED}${indented(valueText(each))}`}`);
  return lines.length ? lines.join("\n") : "none";
}

export function parametersOf(parameters: ToolCall["parameters"]): Row[] {
  return Object.entries(parameters).map(([key, value]) => ({ key, value: valueText(value) }));
}

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A result as rows: the keys of a JSON object, else the text as it is. */
export function resultOf(result: string | null): Row[] {
  if (result === null || result === "") return [];
  const parsed = parseJson(result);
  if (parsed !== null && typeof parsed === "object" && !Array.isArray(parsed)) return parametersOf(parsed);
  return [{ key: "", value: parsed === undefined ? result : valueText(parsed) }];
}

function countOf(parsed: Json): string | null {
  if (Array.isArray(parsed)) return plural(parsed.length, "item");
  if (parsed === null || typeof parsed !== "object") return null;
  const list = Object.entries(parsed).find(([, value]) => Array.isArray(value));
  return list ? `${(list[1] as Json[]).length.toLocaleString("en")} ${humanise(list[0]).toLowerCase()}` : null;
}

const LINE = 120;

/** One line on what came of the call. */
export function outcomeOf(call: ToolCall, note: CallNote | undefined): string {
  if (call.status === "executing") return "";
  if (call.status === "waiting") return "Waiting for an answer";
  if (call.status === "failed") return call.error?.message || note?.summary || "Failed";
  if (note?.summary) return note.summary;
  if (call.status === "denied") return call.error?.message || "Denied";
  const parsed = call.result === null ? undefined : parseJson(call.result);
  const counted = parsed === undefined ? null : countOf(parsed);
  if (counted) return counted;
  const line = (call.result ?? "").split("\n", 1)[0]!;
  return parsed !== undefined || line === "" ? "Done" : line.slice(0, LINE);
}

export function callDuration(call: ToolCall, note: CallNote | undefined): number | null {
  if (note?.duration_ms != null) return note.duration_ms;
  return call.finished ? Math.max(0, Date.parse(call.finished) - Date.parse(call.started)) : null;
}

/** "48 KB", for what is left out of sight. */
export function sizeWords(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024).toLocaleString("en")} KB`;
}

/** What Copy puts on the clipboard. */
export function callText(call: ToolCall): string {
  return JSON.stringify({ tool: call.tool_name, parameters: call.parameters, status: call.status, result: call.result, error: call.error?.message ?? null }, null, 2);
}
