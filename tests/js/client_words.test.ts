/** Client tools: what the room says of the client that it waits for. */
import { expect, test } from "vitest";
import type { Presence, User } from "../../project/ui/wire";
import { clientOf, clientWords } from "../../sessions/ui/client_words";
import { ALICE, BOB } from "./room_events";

function here(...connections: [User, number][]): Presence {
  return { users: connections.map(([user, count]) => ({ ...user, connections: count, viewing: null })), total: connections.length };
}

test("the owner's own page is no client", () => {
  expect(clientOf(ALICE, ALICE, here([ALICE, 1]))).toBe("none");
  expect(clientOf(ALICE, ALICE, here([ALICE, 1], [BOB, 3]))).toBe("none");
  expect(clientOf(ALICE, ALICE, here([ALICE, 2]))).toBe("maybe");
});

test("to others the owner's connections may be the client", () => {
  expect(clientOf(ALICE, BOB, here([BOB, 1], [ALICE, 1]))).toBe("maybe");
  expect(clientOf(ALICE, BOB, here([BOB, 2]))).toBe("none");
});

test("a list that isn't there yet, or is cut, says nothing", () => {
  expect(clientOf(ALICE, BOB, { users: [], total: 0 })).toBe("unknown");
  expect(clientOf(ALICE, BOB, { ...here([BOB, 1]), total: 51 })).toBe("unknown");
});

test("the words say what is known and no more", () => {
  const said = (client: Parameters<typeof clientWords>[0]) => clientWords(client, ALICE).join(" open_file");
  expect(said("none")).toBe("Waiting for a client that offers open_file; none is connected");
  expect(said("maybe")).toBe("Waiting for a client of alice that offers open_file");
  expect(said("unknown")).toBe("Waiting for a client that offers open_file");
  expect(clientWords("unknown", null)).toEqual(["Waiting for a client that offers", ""]);
});
