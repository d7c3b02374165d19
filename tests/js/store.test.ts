import { describe, expect, test, vi } from "vitest";
import { apply, EVENT_TYPES, fromSnapshot, openCard, putComments, putDetail, toSnapshot } from "../../boards/ui/store";
import type { Comment, FullCard, Snapshot } from "../../boards/ui/types";
import type { StreamEvent } from "../../project/ui/wire";
import cases from "../fixtures/board_events.json";

interface Case {
  name: string;
  snapshot_state: Snapshot["state"];
  events: StreamEvent[];
  expected_state: Snapshot["state"];
}

const CASES = cases as unknown as Case[];

function byId(state: Snapshot["state"]): Snapshot["state"] {
  return { ...state, members: [...state.members].sort((a, b) => a.user.id.localeCompare(b.user.id)) };
}

function first(name: string): Case {
  const found = CASES.find((each) => each.name.startsWith(name));
  if (!found) throw new Error(`No case ${name}`);
  return found;
}

describe("fold(snapshot, events) = snapshot", () => {
  test.each(CASES)("$name", ({ snapshot_state, events, expected_state }) => {
    const folded = events.reduce(apply, fromSnapshot(snapshot_state));
    expect(toSnapshot(folded)).toEqual(byId(expected_state));
  });

  test("the cases cover every event type the store handles", () => {
    const covered = new Set(CASES.flatMap((each) => each.events.map((event) => event.type)));
    expect([...EVENT_TYPES].filter((type) => !covered.has(type))).toEqual([]);
  });

  test("the state before an event is left alone", () => {
    const { snapshot_state, events } = first("column_deleted appends");
    const before = fromSnapshot(snapshot_state);
    const copy = structuredClone(before);
    events.reduce(apply, before);
    expect(before).toEqual(copy);
  });

  test("an unknown type is logged and changes nothing", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const state = fromSnapshot(first("card_moved").snapshot_state);
    const event = { ...first("card_moved").events[0]!, type: "card_painted" };
    expect(apply(state, event)).toBe(state);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe("an opened card", () => {
  const { snapshot_state, events } = first("card_edited");
  const edited = events[0]!.data["card"] as FullCard;

  const opening = () => openCard(fromSnapshot(snapshot_state), edited.id);

  test("is kept in full by later events", () => {
    const opened = putDetail(opening(), { ...edited, version: 1, title: "Card 1" });
    expect(apply(opened, events[0]!).details[edited.id]?.title).toBe("Renamed");
  });

  test("is not overwritten by an older answer of the server, its first one neither", () => {
    const late = putDetail(apply(opening(), events[0]!), { ...edited, version: 1, title: "Old" });
    expect(late.details[edited.id]?.title).toBe("Renamed");
  });

  test("lies where events have moved it while it was fetched, under the version they gave it", () => {
    const moved = { card: edited.id, column: "elsewhere", rank: 7, version: edited.version + 1 };
    const state = apply(apply(opening(), events[0]!), { ...events[0]!, type: "card_moved", data: moved });
    const { details } = putDetail(openCard({ ...state, details: {} }, edited.id), edited);
    expect(details[edited.id]).toMatchObject({ column: "elsewhere", rank: 7, version: moved.version });
  });

  test("stays readable when it is archived", () => {
    const archived = { ...edited, archived: true, version: 3 };
    const state = apply(putDetail(opening(), edited), { ...events[0]!, type: "card_archived", data: { card: archived } });
    expect(state.cards[edited.id]).toBeUndefined();
    expect(state.details[edited.id]?.archived).toBe(true);
  });
});

describe("comments fetched while events arrive", () => {
  const { snapshot_state, events } = first("comment_added");
  const comment = events[0]!.data["comment"] as Comment;
  const loading = () => openCard(fromSnapshot(snapshot_state), comment.card);

  test("are merged once", () => {
    const state = putComments(apply(loading(), events[0]!), comment.card, [comment]);
    expect(state.comments[comment.card]?.items).toEqual([comment]);
  });

  test("don't bring back what was deleted meanwhile", () => {
    const gone = apply(loading(), { ...events[0]!, type: "comment_deleted" });
    expect(putComments(gone, comment.card, [comment]).comments[comment.card]?.items).toEqual([]);
  });
});
