import { beforeEach, expect, test, vi } from "vitest";
import { loadDraft, saveDraft } from "../../project/ui/drafts";
import { forgetAnswerDrafts, loadForm, readTexts, saveForm } from "../../sessions/ui/answer_drafts";
import { readSteps } from "../../sessions/ui/plan_edit";

const ASKED = { number: "17", title: "Old banner" };

beforeEach(() => {
  const kept = new Map<string, string>();
  const setItem = (key: string, value: string) => void kept.set(key, value);
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem, removeItem: (key: string) => void kept.delete(key) });
  vi.stubGlobal("document", { querySelector: () => ({ textContent: JSON.stringify({ user: { id: "alice" } }) }) });
});

test("once a request has ended, what was typed into its box is forgotten, and nothing else", () => {
  const fields = ["answer", "note", "arguments", "plan", "result"];
  for (const field of fields) saveDraft("request.h1", field, "Because");
  saveDraft("request.h2", "note", "Later");
  forgetAnswerDrafts({ hash: "h1" });
  expect(fields.map((field) => loadDraft("request.h1", field))).toEqual(fields.map(() => null));
  expect(loadDraft("request.h2", "note")).toBe("Later");
});

test("a form that was edited is there again, for the request as it was shown alone", () => {
  saveForm({ hash: "h1" }, "arguments", { ...ASKED, number: "16" }, ASKED);
  expect(loadForm({ hash: "h1" }, "arguments", readTexts)).toEqual({ ...ASKED, number: "16" });
  expect(loadForm({ hash: "h2" }, "arguments", readTexts)).toBeNull();
});

test("a form that is again as it began leaves no draft", () => {
  saveForm({ hash: "h1" }, "arguments", { ...ASKED, number: "16" }, ASKED);
  saveForm({ hash: "h1" }, "arguments", ASKED, ASKED);
  expect(loadDraft("request.h1", "arguments")).toBeNull();
});

test.each(["nonsense", "7", "null", "[]", '{"number": 16}'])("%s was kept by no form", (kept) => {
  saveDraft("request.h1", "arguments", kept);
  expect(loadForm({ hash: "h1" }, "arguments", readTexts)).toBeNull();
});

test("an edited plan is read back, and what is none isn't", () => {
  const steps = [{ id: "a", title: "Look", role: "scout", needs: [] }];
  saveForm({ hash: "h1" }, "plan", steps, []);
  expect(loadForm({ hash: "h1" }, "plan", readSteps)).toEqual(steps);
  expect([{}, [7], [{ id: "a" }], [{ ...steps[0], needs: [7] }]].map((kept) => readSteps(kept as never))).toEqual([null, null, null, null]);
});
