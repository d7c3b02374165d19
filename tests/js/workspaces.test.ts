import { describe, expect, it } from "vitest";
import { withWorkspace } from "../../boards/ui/measuring";

describe("What is asked of optimise", () => {
  it("names the workspace in a line of its own before the wish", () => {
    expect(withWorkspace("shop", "Only the broadcast.")).toBe("Workspace: shop\n\nOnly the broadcast.");
  });

  it("says only what there is to say", () => {
    expect(withWorkspace("shop", "")).toBe("Workspace: shop");
    expect(withWorkspace("", "Only the broadcast.")).toBe("Only the broadcast.");
    expect(withWorkspace("", "")).toBe("");
  });
});
