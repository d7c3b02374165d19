/** The card's work sessions, newest first, each leading to its room. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../../project/ui/api";
import { Time } from "../../../project/ui/time";
import { RoomLink } from "../RoomLink";
import type { Card, FullCard } from "../types";
import { GreyLines, LoadFailed } from "./PanelFrame";

interface SessionRow {
  id: string;
  title: string;
  status: string;
  phase: string;
  created: string;
}

export function Sessions({ card }: { card: Card | FullCard }) {
  const [rows, setRows] = useState<SessionRow[] | "loading" | "failed">("loading");
  const load = () => {
    listAll<SessionRow>(`sessions/?card=${card.id}`).then(setRows, () => setRows("failed"));
  };
  useEffect(load, [card.id, card.session_count]);
  if (rows === "loading") return <GreyLines />;
  if (rows === "failed") return <LoadFailed what="Sessions" onRetry={load} />;
  if (rows.length === 0) return <p class="muted">No work sessions. Hand the card to agents and one opens.</p>;
  return (
    <ul class="plain activity-list">
      {rows.map((row) => (
        <li key={row.id} class="row">
          <span class="grow clip">
            <RoomLink session={row.id} run={null}>
              {row.title || "Untitled session"}
            </RoomLink>
          </span>
          <span class="chip">{row.status === "stopped" ? "closed" : row.phase.replace("_", " ")}</span>
          <Time at={row.created} class="meta" />
        </li>
      ))}
    </ul>
  );
}
