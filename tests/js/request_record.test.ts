import { describe, expect, test } from "vitest";
import { answerOf, argumentsOf } from "../../sessions/ui/request_record";
import { outcomeWords } from "../../sessions/ui/request_words";
import { ALICE, request } from "./room_events";

describe("the record of an ended request", () => {
  const asked = { number: 17, title: "Old" };
  const approved = (answer: object | null) => request("q1", { status: "approved", answered_by: ALICE, parameters: asked, answer: answer as never });

  test("shows what was approved beside what was asked for", () => {
    const changed = approved({ arguments: { number: 16, title: "Old" }, result: null });
    expect(argumentsOf(changed)).toEqual([
      { key: "number", value: "17 → 16" },
      { key: "title", value: "Old" },
    ]);
    expect(outcomeWords(changed, ALICE, false)).toBe("You approved with changes");
  });

  test("puts long texts one below the other", () => {
    const long = "a".repeat(90);
    expect(argumentsOf(approved({ arguments: { number: 17, title: long }, result: null })).slice(1)).toEqual([
      { key: "title", value: long },
      { key: "title as asked", value: "Old" },
    ]);
  });

  test("shows what was asked for when nothing was changed, or nothing is told", () => {
    expect([approved({ arguments: null, result: null }), approved(null)].map(argumentsOf)).toEqual([argumentsOf(approved(null)), [{ key: "number", value: "17" }, { key: "title", value: "Old" }]]);
  });

  test("shows the answer of a question", () => {
    const question = request("q1", { kind: "question", status: "answered", parameters: null, answer: { arguments: null, result: "Ship it" } });
    expect(answerOf(question)).toBe("Ship it");
    expect(answerOf({ ...question, answer: null })).toBeNull();
  });
});
