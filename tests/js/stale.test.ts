import { describe, expect, test } from "vitest";
import type { BoardModel } from "../../boards/ui/model";
import { saveField } from "../../boards/ui/stale";
import type { FullCard } from "../../boards/ui/types";
import { CommandError } from "../../project/ui/errors";

const BOB = { id: "b", username: "bob", kind: "human" as const };
const CARD = { id: "c", version: 3, title: "Page", labels: ["web"], description: "", checklist: [], assignee: null, due: null, updated_by: BOB } as unknown as FullCard;

interface Sent {
  version: number;
  [field: string]: unknown;
}

/** A board that knows `known` and answers each edit with the next of `answers`: a refusal, or null for yes. */
function board(known: FullCard, answers: (CommandError | null)[]) {
  const sent: Sent[] = [];
  const edit = async (_type: string, data: unknown) => {
    sent.push(data as Sent);
    const answer = answers.shift();
    if (answer) throw answer;
    return { seq: 1 };
  };
  return { model: { state: { details: { c: known }, cards: {} }, edit } as unknown as BoardModel, sent };
}

const stale = (card: Partial<FullCard>) => new CommandError({ code: "stale_version", message: "", data: { card: { ...CARD, ...card } } });

describe("saving one field", () => {
  test("sends it with the version that is known", async () => {
    const { model, sent } = board(CARD, [null]);
    expect(await saveField(model, { card: "c", field: "title", base: "Page", next: () => "Landing page", merges: false })).toEqual({ kind: "saved" });
    expect(sent).toEqual([{ card: "c", version: 3, title: "Landing page" }]);
  });

  test("retries silently when another field was changed meanwhile", async () => {
    const { model, sent } = board(CARD, [stale({ version: 4, labels: [] }), null]);
    expect((await saveField(model, { card: "c", field: "title", base: "Page", next: () => "Mine", merges: false })).kind).toBe("saved");
    expect(sent.map((data) => data.version)).toEqual([3, 4]);
  });

  test("is a conflict when the same field was changed, told by the server", async () => {
    const { model } = board(CARD, [stale({ version: 4, title: "Theirs" })]);
    const outcome = await saveField(model, { card: "c", field: "title", base: "Page", next: () => "Mine", merges: false });
    expect(outcome).toEqual({ kind: "conflict", theirs: "Theirs", by: "bob" });
  });

  test("is a conflict when the change has already been seen, and nothing is sent", async () => {
    const { model, sent } = board({ ...CARD, version: 4, title: "Theirs" }, []);
    expect((await saveField(model, { card: "c", field: "title", base: "Page", next: () => "Mine", merges: false })).kind).toBe("conflict");
    expect(sent).toEqual([]);
  });

  test("re-applies a list change to the list that is current", async () => {
    const { model, sent } = board(CARD, [stale({ version: 4, labels: ["web", "theirs"] }), null]);
    await saveField(model, { card: "c", field: "labels", base: ["web"], next: (labels) => [...labels, "mine"], merges: true });
    expect(sent.at(-1)).toEqual({ card: "c", version: 4, labels: ["web", "theirs", "mine"] });
  });

  test("says why when it is refused", async () => {
    const { model } = board(CARD, [new CommandError({ code: "invalid", message: "Invalid", fields: { title: ["This must not be empty."] } })]);
    const outcome = await saveField(model, { card: "c", field: "title", base: "Page", next: () => "", merges: false });
    expect(outcome).toEqual({ kind: "refused", text: "This must not be empty." });
  });
});
