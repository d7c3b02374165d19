/** Work sessions in a list, each leading to its room. */
import { Time } from "../../project/ui/time";
import { RoomLink } from "./RoomLink";

export interface SessionRow {
  id: string;
  title: string;
  status: string;
  phase: string;
  updated: string;
}

const PHASES: Record<string, string> = { executing: "at work", waiting: "needs an answer", refinement_ready: "ready to refine" };

export function SessionList({ rows }: { rows: SessionRow[] }) {
  return (
    <ul class="plain activity-list">
      {rows.map((row) => (
        <li key={row.id} class="row">
          <span class="grow clip">
            <RoomLink session={row.id} run={null}>
              {row.title || "Untitled room"}
            </RoomLink>
          </span>
          <span class="chip">{row.status === "stopped" ? "closed" : (PHASES[row.phase] ?? row.phase)}</span>
          <Time at={row.updated} class="meta" />
        </li>
      ))}
    </ul>
  );
}
