/** The console's log: what went over the socket, newest last, bounded. Pure. */

export type Direction = "in" | "out" | "note";

export interface Entry {
  id: number;
  direction: Direction;
  at: number;
  /** The frame's or event's type; for notes what happened. */
  type: string;
  /** The number of an event in its stream. */
  seq: number | null;
  /** The JSON text, or a note in words. */
  text: string;
}

export interface Filter {
  /** Part of a type; empty takes all. */
  type: string;
  /** Leave out what keeps the connection going: acknowledgements, heartbeats, presence. */
  hidesUpkeep: boolean;
}

export const MOST_ENTRIES = 1000;

const UPKEEP = new Set(["ack", "heartbeat", "ping", "pong", "presence", "typing", "viewing"]);

type Frame = Record<string, unknown>;

/** The entries of a text that came: an `events` frame gives one per event. A text that is no frame is kept as it is. */
export function entriesOf(direction: Direction, text: string, at: number, firstId: number): Entry[] {
  let frame: Frame;
  try {
    frame = JSON.parse(text) as Frame;
  } catch {
    return [{ id: firstId, direction, at, type: "not JSON", seq: null, text }];
  }
  const frames = frame["type"] === "events" && Array.isArray(frame["events"]) ? (frame["events"] as Frame[]) : [frame];
  return frames.map((each, index) => ({
    id: firstId + index,
    direction,
    at,
    type: typeof each["type"] === "string" ? each["type"] : "no type",
    seq: typeof each["seq"] === "number" ? each["seq"] : null,
    text: frames.length === 1 && frame === each ? text : JSON.stringify(each),
  }));
}

/** The log with these entries behind it; the oldest go. */
export function appended(log: readonly Entry[], entries: readonly Entry[]): Entry[] {
  return [...log, ...entries].slice(-MOST_ENTRIES);
}

export function filtered(log: readonly Entry[], filter: Filter): Entry[] {
  const wanted = filter.type.trim().toLowerCase();
  return log.filter((entry) => {
    if (entry.direction === "note") return wanted === "";
    return entry.type.toLowerCase().includes(wanted) && !(filter.hidesUpkeep && UPKEEP.has(entry.type));
  });
}

/** What Copy gives: the frames as JSON lines. */
export function asLines(log: readonly Entry[]): string {
  return log
    .filter((entry) => entry.direction !== "note")
    .map((entry) => entry.text)
    .join("\n");
}

/** Indented for reading; texts that aren't JSON stay. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
