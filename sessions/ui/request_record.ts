/** What an ended request asked for and what came of it, as rows to read. Pure. */
import { parametersOf, type Row, valueText } from "./tool_words";
import type { Json, Request } from "./types";

/** Longer values, and those of several lines, stand one below the other. */
const ONE_LINE = 80;

function changeOf(key: string, asked: Json | undefined, approved: Json | undefined): Row[] {
  const [was, now] = [asked, approved].map((value) => valueText(value ?? null)) as [string, string];
  if (was === now) return [{ key, value: now }];
  if (was.length + now.length <= ONE_LINE && !`${was}${now}`.includes("\n")) return [{ key, value: `${was} → ${now}` }];
  return [
    { key, value: now },
    { key: `${key} as asked`, value: was },
  ];
}

/** The arguments, as they were approved: "17 → 16" where another value was asked for. */
export function argumentsOf(request: Request): Row[] {
  const asked = request.parameters ?? {};
  const approved = request.answer?.arguments;
  if (!approved) return parametersOf(asked);
  const names = [...new Set([...Object.keys(asked), ...Object.keys(approved)])];
  return names.flatMap((name) => changeOf(name, asked[name], approved[name]));
}

/** What a question was answered with; null for other requests, and where no answer is told. */
export function answerOf(request: Request): string | null {
  return request.kind === "question" ? (request.answer?.result ?? null) : null;
}
