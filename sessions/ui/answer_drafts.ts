/** What was typed into the box of a request and not sent: bound to what was shown, and forgotten once it has ended or changed. */
import { useState } from "preact/hooks";
import { loadDraft, saveDraft } from "../../project/ui/drafts";
import { useDraft } from "../../project/ui/kept";
import { parseJson } from "./tool_words";
import type { Json, Request } from "./types";

const TEXTS = ["answer", "note", "result"] as const;
const FORMS = ["arguments", "plan", "result"] as const;

type Hashed = Pick<Request, "hash">;
type Form = (typeof FORMS)[number];

function objectOf(request: Hashed): string {
  return `request.${request.hash}`;
}

export function useAnswerDraft(request: Hashed, field: (typeof TEXTS)[number]): [string, (text: string) => void] {
  return useDraft(objectOf(request), field);
}

/** What a form was changed to; null where nothing was kept, or nothing that `read` can make a state of. */
export function loadForm<T>(request: Hashed, form: Form, read: (kept: Json) => T | null): T | null {
  const kept = parseJson(loadDraft(objectOf(request), form) ?? "");
  return kept === undefined ? null : read(kept);
}

/** Keep a form's state, unless it is again what it began with. */
export function saveForm(request: Hashed, form: Form, state: unknown, began: unknown): void {
  const text = JSON.stringify(state);
  saveDraft(objectOf(request), form, text === JSON.stringify(began) ? null : text);
}

/** A form's state that outlives its view and the page. */
export function useFormDraft<T>(request: Hashed, form: Form, began: T, read: (kept: Json) => T | null): [T, (state: T) => void] {
  const [state, setState] = useState<T>(() => loadForm(request, form, read) ?? began);
  const write = (next: T) => {
    saveForm(request, form, next, began);
    setState(next);
  };
  return [state, write];
}

/** Texts by the names of their fields. */
export function readTexts(kept: Json): Record<string, string> | null {
  if (kept === null || typeof kept !== "object" || Array.isArray(kept)) return null;
  return Object.values(kept).every((each) => typeof each === "string") ? (kept as Record<string, string>) : null;
}

export function forgetAnswerDrafts(request: Hashed): void {
  for (const field of new Set([...TEXTS, ...FORMS])) saveDraft(objectOf(request), field, null);
}
