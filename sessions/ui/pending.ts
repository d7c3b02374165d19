/** Messages that were sent here and are not in the log yet. Pure. */
import type { StreamEvent } from "../../project/ui/wire";
import type { Way } from "./types";

export interface PendingMessage {
  ref: string;
  content: string;
  way: Way | null;
  sentAt: number;
  /** Why it was refused; null while it is on its way. */
  refusal: string | null;
  /** The server has taken it; its event is still to come. */
  isAccepted: boolean;
}

export function addPending(list: PendingMessage[], message: Pick<PendingMessage, "ref" | "content" | "way" | "sentAt">): PendingMessage[] {
  return [...list, { ...message, refusal: null, isAccepted: false }];
}

export function patchPending(list: PendingMessage[], ref: string, patch: Partial<PendingMessage>): PendingMessage[] {
  return list.map((message) => (message.ref === ref ? { ...message, ...patch } : message));
}

export function dropPending(list: PendingMessage[], ref: string): PendingMessage[] {
  return list.filter((message) => message.ref !== ref);
}

/** What is left once these events have told of messages. */
export function settlePending(list: PendingMessage[], events: StreamEvent[]): PendingMessage[] {
  if (list.length === 0) return list;
  const told = new Set(events.flatMap((event) => (event.type === "message_added" && event.ref ? [event.ref] : [])));
  return told.size ? list.filter((message) => !told.has(message.ref)) : list;
}

/** After the picture was fetched anew: what the server had taken is in it. */
export function dropAccepted(list: PendingMessage[]): PendingMessage[] {
  return list.filter((message) => !message.isAccepted);
}
