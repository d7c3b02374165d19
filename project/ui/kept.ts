/** State that outlives its view: what was typed is there again when the view comes back. */
import { useState } from "preact/hooks";
import { loadDraft, saveDraft } from "./drafts";

/** Text that is kept in this browser as a draft, until it is sent or emptied. */
export function useDraft(object: string, field: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => loadDraft(object, field) ?? "");
  const write = (next: string) => {
    saveDraft(object, field, next);
    setText(next);
  };
  return [text, write];
}
