/** The card's work sessions, newest first. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../../project/ui/api";
import { SessionList, type SessionRow } from "../SessionList";
import type { Card, FullCard } from "../types";
import { GreyLines, LoadFailed } from "./PanelFrame";

export function Sessions({ card }: { card: Card | FullCard }) {
  const [rows, setRows] = useState<SessionRow[] | "loading" | "failed">("loading");
  const load = () => {
    listAll<SessionRow>(`sessions/?card=${card.id}`).then(setRows, () => setRows("failed"));
  };
  useEffect(load, [card.id, card.session_count]);
  if (rows === "loading") return <GreyLines />;
  if (rows === "failed") return <LoadFailed what="Sessions" onRetry={load} />;
  if (rows.length === 0) return <p class="muted">No work sessions. Hand the card to agents and one opens.</p>;
  return <SessionList rows={rows} />;
}
