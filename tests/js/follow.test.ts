import { expect, test } from "vitest";
import { followTo } from "../../sessions/ui/follow";

test("without a request the end is followed", () => {
  expect(followTo(100, 700, [])).toBe(700);
});

test("a request that came in sight is followed to its headline", () => {
  expect(followTo(100, 700, [450])).toBe(450);
  expect(followTo(449.5, 760, [450])).toBe(450);
});

test("a request that fits is followed to the end", () => {
  expect(followTo(100, 700, [720])).toBe(700);
});

test("who has read past a headline isn't taken back to it", () => {
  expect(followTo(600, 700, [450])).toBe(700);
  expect(followTo(600, 900, [450, 800])).toBe(800);
});
