import { describe, expect, test } from "vitest";
import { overlay, type PendingMove, stillThere, targetAt } from "../../boards/ui/moves";
import { byRank, groupCards, indexOf, survivingPlace } from "../../boards/ui/order";
import type { Card } from "../../boards/ui/types";

function card(id: string, column: string, rank: number): Card {
  return { id, column, rank, version: 1, archived: false, number: rank, title: id } as Card;
}

function record(...cards: Card[]): Record<string, Card> {
  return Object.fromEntries(cards.map((each) => [each.id, each]));
}

function pending(id: string, column: string, place: PendingMove["place"], more: Partial<PendingMove> = {}): PendingMove {
  const base = { column: "x", rank: 1, version: 1 };
  return { card: id, ref: "r", column, place, above: [], base, since: 0, retried: false, next: null, settledAt: null, ...more };
}

const ids = (cards: Card[] | undefined) => cards?.map((each) => each.id);

describe("order", () => {
  test("is rank, then id", () => {
    const list = [card("b", "x", 2), card("c", "x", 1), card("a", "x", 2)];
    expect(ids(list.sort(byRank))).toEqual(["c", "a", "b"]);
  });

  test("lists that did not change keep their identity", () => {
    const cards = record(card("a", "x", 1), card("b", "y", 1));
    const before = groupCards(cards, ["x", "y"]);
    const after = groupCards({ ...cards, b: card("b", "y", 9) }, ["x", "y"], before);
    expect(after["x"]).toBe(before["x"]);
    expect(after["y"]).not.toBe(before["y"]);
  });

  test.each([
    [{ after: null }, 0],
    [{ after: "a" }, 1],
    [{ before: "a" }, 0],
    [{ before: null }, 2],
    [{}, 2],
    [{ after: "gone" }, 2],
    [{ before: "gone" }, 2],
  ])("place %j is index %i", (place, index) => {
    expect(indexOf([card("a", "x", 1), card("b", "x", 2)], place)).toBe(index);
  });

  test("a place whose neighbours are all gone is the top", () => {
    expect(survivingPlace([card("a", "x", 1)], ["gone"])).toEqual({ after: null });
  });
});

describe("the target of a drop", () => {
  const present = new Set(["a", "b", "c"]);

  test("names the card above", () => expect(targetAt("x", ["a", "b", "c"], 2, present).place).toEqual({ after: "b" }));
  test("or the card below at the top", () => expect(targetAt("x", ["a", "b"], 0, present).place).toEqual({ before: "a" }));
  test("or nothing in an empty column", () => expect(targetAt("x", [], 0, present).place).toEqual({}));

  test("takes the nearest survivor when the neighbour left meanwhile", () => {
    expect(targetAt("x", ["a", "gone", "c"], 2, present).place).toEqual({ after: "a" });
    expect(targetAt("x", ["gone", "c"], 1, present).place).toEqual({ before: "c" });
  });
});

describe("pending moves over the confirmed board", () => {
  const groups = groupCards(record(card("a", "x", 1), card("b", "x", 2), card("c", "y", 1)), ["x", "y"]);

  test("show the card at its target", () => {
    const shown = overlay(groups, [pending("a", "y", { after: "c" })]);
    expect(ids(shown["x"])).toEqual(["b"]);
    expect(ids(shown["y"])).toEqual(["c", "a"]);
    expect(shown["y"]?.[1]?.column).toBe("y");
  });

  test("show the last place asked for", () => {
    const next = { column: "x", place: { after: "b" }, above: ["b"] };
    expect(ids(overlay(groups, [pending("a", "y", {}, { next })])["x"])).toEqual(["b", "a"]);
  });

  test("fall back to the nearest survivor", () => {
    const shown = overlay(groups, [pending("c", "x", { after: "gone" }, { above: ["gone", "a"] })]);
    expect(ids(shown["x"])).toEqual(["a", "c", "b"]);
  });

  test("are left out when card or column are gone", () => {
    expect(overlay(groups, [pending("gone", "y", {})])).toEqual(groups);
    expect(overlay(groups, [pending("a", "z", {})])).toEqual(groups);
  });
});

describe("a stale answer", () => {
  const base = { column: "x", rank: 1, version: 1 };
  const there = { column: "x", rank: 1, archived: false };

  test("is retried once while the card lies where it was seen", () => {
    expect(stillThere(pending("a", "y", {}, { base }), there)).toBe(true);
    expect(stillThere(pending("a", "y", {}, { base, retried: true }), there)).toBe(false);
  });

  test("stands when the card was moved or archived", () => {
    expect(stillThere(pending("a", "y", {}, { base }), { ...there, rank: 2 })).toBe(false);
    expect(stillThere(pending("a", "y", {}, { base }), { ...there, archived: true })).toBe(false);
    expect(stillThere(pending("a", "y", {}, { base }), undefined)).toBe(false);
  });
});
