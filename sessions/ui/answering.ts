/** What the box of a request needs of the page it stands on: a room, or the inbox. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Link } from "../../project/ui/Connection";
import { isConnected } from "../../project/ui/connection_state";
import { type Observable, useSelected } from "../../project/ui/observable";
import type { Presence, User } from "../../project/ui/wire";
import type { Json, JsonObject, Request } from "./types";

export interface Answer {
  decision: "approve" | "deny" | "answer";
  arguments?: JsonObject;
  result?: Json;
  note?: string;
}

export interface Answers {
  readonly me: User;
  readonly link: Pick<Link, "state">;
  /** Who is here, and who declared the client tools; not known outside a room. */
  readonly clients?: { here: Observable<Presence>; owner(): User };
  /** Now by the server's clock, in epoch milliseconds. */
  now(): number;
  /** Answer a request as it was shown; `ref` makes a retry harmless. */
  answer(request: Request, answer: Answer, ref: string): Promise<unknown>;
  /** Take in a request that a refusal carried: it is newer than what is shown. */
  putRequest(request: Request): void;
}

export const AnswersContext = createContext<Answers | null>(null);

export function useAnswers(): Answers {
  const answers = useContext(AnswersContext);
  if (!answers) throw new Error("This view belongs where requests can be answered.");
  return answers;
}

/** Whether what must reach the server now can be offered. */
export function useConnected(): boolean {
  return useSelected(useAnswers().link.state, isConnected);
}
