/** The performance reports of a run as its outputs summarise them. Pure. */
import type { Measuring } from "../../project/ui/measured";
import { type RoomState, sorted } from "./store";
import type { Output } from "./types";

export type Summary = Measuring & { report: string };

/** What was measured, in order; outputs whose data is something else are left out. */
export function measuringsOf(run: string, outputs: RoomState["outputs"]): Summary[] {
  return sorted(outputs).flatMap((output) => (output.run === run ? summaryOf(output) : []));
}

function summaryOf({ kind, data }: Output): Summary[] {
  const isSummary = kind === "performance" && typeof data?.["report"] === "string" && Array.isArray(data["verdicts"]);
  return isSummary ? [data as unknown as Summary] : [];
}
