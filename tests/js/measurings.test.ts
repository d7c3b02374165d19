import { describe, expect, test } from "vitest";
import { whoMeasures } from "../../boards/ui/measuring";
import type { AgentInfo } from "../../project/ui/wire";
import { measuringsOf } from "../../sessions/ui/measurings";
import type { JsonObject, Output } from "../../sessions/ui/types";
import { verdict } from "./verdicts";

function output(id: string, more: Partial<Output> = {}): Output {
  const data = { report: `report of ${id}`, target: "shop", round: 1, passed: false, headline: null, verdicts: [verdict(140)] } as unknown as JsonObject;
  return { id, run: "run", agent: "robo", step: "s", kind: "performance", title: "", content: "", html: "", data, message: null, truncated: false, created: `2026-11-21T12:00:0${id}Z`, ...more };
}

const outputs = (...all: Output[]) => Object.fromEntries(all.map((each) => [each.id, each]));

describe("what a run has measured", () => {
  test("are its own reports in order", () => {
    const found = measuringsOf("run", outputs(output("2"), output("1"), output("3", { run: "another" })));
    expect(found.map(({ report }) => report)).toEqual(["report of 1", "report of 2"]);
  });

  test("other outputs, and data that is something else, are left out", () => {
    const odd = [output("1", { kind: "critique" }), output("2", { data: null }), output("3", { data: { report: "x" } }), output("4", { data: { report: 3, verdicts: [] } })];
    expect(measuringsOf("run", outputs(...odd))).toEqual([]);
  });
});

describe("who measures", () => {
  const agent = (username: string, available: boolean, ...workflows: string[]): AgentInfo => ({ id: username, username, workflows, model: null, available, reason: null });

  test("is the first agent that is there and optimises", () => {
    expect(whoMeasures([agent("chatty", true, "chat"), agent("away", false, "optimise"), agent("robo", true, "chat", "optimise")])?.username).toBe("robo");
    expect(whoMeasures([agent("chatty", true, "chat")])).toBeUndefined();
  });
});
