import { describe, expect, test } from "vitest";
import { addStep, editStep, isSamePlan, problemsOf, removeStep, type Step, stepsOf, toArguments, toggleNeed } from "../../sessions/ui/plan_edit";

const step = (id: string, needs: string[] = []): Step => ({ id, title: `Do ${id}`, role: "executor", needs });
const PLAN = [step("s1"), step("s2", ["s1"]), step("s3", ["s1", "s2"])];

test("the steps of a review are read without what isn't theirs to change", () => {
  expect(stepsOf({ subtasks: PLAN.map((each) => ({ ...each, status: "pending" })) as never })).toEqual(PLAN);
  expect([stepsOf(null), stepsOf({ subtasks: "none" })]).toEqual([[], []]);
});

describe("an edit", () => {
  test("that takes a step away takes everybody's need of it along", () => {
    expect(removeStep(PLAN, "s1")).toEqual([step("s2"), step("s3", ["s2"])]);
  });

  test("that adds a step gives it an id of its own, after the last one", () => {
    const steps = addStep([step("s1"), step("s3")]);
    expect(steps.at(-1)).toEqual({ id: "s4", title: "", role: "executor", needs: ["s3"] });
    expect(addStep([step("s2")]).at(-1)?.id).toBe("s3");
    expect(addStep([])).toEqual([{ id: "s1", title: "", role: "executor", needs: [] }]);
  });

  test("of needs keeps them in the plan's order", () => {
    const without = toggleNeed(PLAN, "s3", "s1");
    expect(without[2]?.needs).toEqual(["s2"]);
    expect(toggleNeed(without, "s3", "s1")).toEqual(PLAN);
  });

  test("that comes to the same is no edit", () => {
    expect(isSamePlan(PLAN, editStep(PLAN, "s1", { title: " Do s1 " }))).toBe(true);
    expect(isSamePlan(PLAN, editStep(PLAN, "s1", { title: "Do more" }))).toBe(false);
  });

  test("leaves the plan it began with as it was", () => {
    const before = structuredClone(PLAN);
    removeStep(toggleNeed(addStep(PLAN), "s3", "s2"), "s1");
    expect(PLAN).toEqual(before);
  });
});

test.each<[Step[], Record<string, string>]>([
  [PLAN, {}],
  [[], { subtasks: "A plan needs a step. Deny it to do nothing." }],
  [[{ ...step("s1"), title: "  " }], { "subtasks.0.title": "Say what is to be done." }],
  [[step("s1"), { ...step("s2"), title: "x".repeat(301) }], { "subtasks.1.title": "That's too long: 301 of 300 characters." }],
  [[{ ...step("s1"), role: "" }], { "subtasks.0.role": "A role has 1 to 60 characters." }],
])("problems stand where the server would name them", (steps, problems) => expect(problemsOf(steps)).toEqual(problems));

test("what is sent is trimmed", () => {
  expect(toArguments([{ ...step("s1"), title: " Look ", role: " analyst " }])).toEqual({ subtasks: [{ id: "s1", title: "Look", role: "analyst", needs: [] }] });
});
