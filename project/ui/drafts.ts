/** Unsent text, kept in this browser per user, object and field, so that it survives a reload and a sign-in. */
import { pageData } from "./page";

function key(object: string, field: string): string {
  return `workroom.draft.${pageData().user?.id ?? "anonymous"}.${object}.${field}`;
}

export function loadDraft(object: string, field: string): string | null {
  try {
    return localStorage.getItem(key(object, field));
  } catch {
    return null;
  }
}

/** Store `text`, or forget the draft when it is empty or null. */
export function saveDraft(object: string, field: string, text: string | null): void {
  try {
    if (text) localStorage.setItem(key(object, field), text);
    else localStorage.removeItem(key(object, field));
  } catch {
    return; // A full or closed store costs the draft, never the page.
  }
}
