/** What was typed into the box of a request and not sent: bound to what was shown, and forgotten once it has ended. */
import { saveDraft } from "../../project/ui/drafts";
import { useDraft } from "../../project/ui/kept";
import type { Request } from "./types";

const FIELDS = ["answer", "note"] as const;

function objectOf(request: Pick<Request, "hash">): string {
  return `request.${request.hash}`;
}

export function useAnswerDraft(request: Request, field: (typeof FIELDS)[number]): [string, (text: string) => void] {
  return useDraft(objectOf(request), field);
}

export function forgetAnswerDrafts(request: Pick<Request, "hash">): void {
  for (const field of FIELDS) saveDraft(objectOf(request), field, null);
}
