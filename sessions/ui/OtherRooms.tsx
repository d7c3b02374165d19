/** The other sessions of this card or board, fetched when asked for. */
import { useState } from "preact/hooks";
import { api } from "../../project/ui/api";
import { Time } from "../../project/ui/time";
import type { Page } from "../../project/ui/wire";
import { useRoom, useRoomState } from "./context";
import type { Session } from "./types";
import { useAction } from "../../project/ui/use_action";

export function OtherRooms() {
  const { model } = useRoom();
  const board = useRoomState((state) => state.session.board);
  const card = useRoomState((state) => state.session.card);
  const [rooms, setRooms] = useState<Session[] | null>(null);
  const load = useAction(
    async () => {
      const query = card ? `card=${card}` : `board=${board}`;
      const page = await api.get<Page<Session>>(`sessions/?${query}`);
      setRooms(page.results.filter((session) => session.id !== model.id));
    },
    { noun: "room" },
  );
  if (!board && !card) return null;
  return (
    <section>
      <h2 class="rail-title">{card ? "Rooms of this card" : "Rooms of this board"}</h2>
      {rooms === null ? (
        <button type="button" class="button link" disabled={load.busy} onClick={load.run}>
          {load.busy ? "Loading…" : "Show"}
        </button>
      ) : (
        <ul class="plain rooms">
          {rooms.map((room) => (
            <li key={room.id}>
              <a class="clip" href={`/sessions/${room.id}/`} title={room.title}>
                {room.title}
              </a>
              <Time at={room.updated} class="meta" />
            </li>
          ))}
        </ul>
      )}
      {rooms?.length === 0 && <p class="meta">There are no others.</p>}
      {load.error && <p class="field-error">{load.error}</p>}
    </section>
  );
}
