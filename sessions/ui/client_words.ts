/**
 * Whether somebody is there to run a client tool, as far as the room can know: its owner declared the tool, and the list of who is
 * here counts connections, this page among them. A client that only asks now and then isn't in that list.
 */
import type { Presence, User } from "../../project/ui/wire";

export type Client = "none" | "maybe" | "unknown";

/** `me` looks at the room, so one connection of mine is this page. */
export function clientOf(owner: User, me: User, here: Presence): Client {
  const present = here.users.find((user) => user.id === owner.id);
  if (!present) return here.users.length > 0 && here.users.length === here.total ? "none" : "unknown";
  return present.connections > (owner.id === me.id ? 1 : 0) ? "maybe" : "none";
}

/** What is said in front of the tool's name, and behind it. */
export function clientWords(client: Client, owner: User | null): [string, string] {
  if (client === "none") return ["Waiting for a client that offers", "; none is connected"];
  return [client === "maybe" && owner ? `Waiting for a client of ${owner.username} that offers` : "Waiting for a client that offers", ""];
}
