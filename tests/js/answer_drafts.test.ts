import { beforeEach, expect, test, vi } from "vitest";
import { loadDraft, saveDraft } from "../../project/ui/drafts";
import { forgetAnswerDrafts } from "../../sessions/ui/answer_drafts";

beforeEach(() => {
  const kept = new Map<string, string>();
  const setItem = (key: string, value: string) => void kept.set(key, value);
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem, removeItem: (key: string) => void kept.delete(key) });
  vi.stubGlobal("document", { querySelector: () => ({ textContent: JSON.stringify({ user: { id: "alice" } }) }) });
});

test("once a request has ended, what was typed into its box is forgotten, and nothing else", () => {
  for (const field of ["answer", "note"]) saveDraft("request.h1", field, "Because");
  saveDraft("request.h2", "note", "Later");
  forgetAnswerDrafts({ hash: "h1" });
  expect([loadDraft("request.h1", "answer"), loadDraft("request.h1", "note"), loadDraft("request.h2", "note")]).toEqual([null, null, "Later"]);
});
