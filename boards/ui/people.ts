/** Who a card can be given to: the board's people, and agents. Pure. */
import type { AgentInfo, User } from "../../project/ui/wire";
import type { Member } from "./types";

export interface Assignable {
  people: User[];
  agents: User[];
}

const byName = (a: User, b: User) => a.username.localeCompare(b.username);

export function peopleOf(members: Record<string, Member>, agents: AgentInfo[]): Assignable {
  const users = Object.values(members).map((member) => member.user);
  const robots = agents.map(({ id, username }): User => ({ id, username, kind: "agent" }));
  const known = new Set(robots.map((robot) => robot.id));
  const more = users.filter((user) => user.kind === "agent" && !known.has(user.id));
  return { people: users.filter((user) => user.kind === "human").sort(byName), agents: [...robots, ...more].sort(byName) };
}
