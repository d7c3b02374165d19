/** Archived cards of this board, with the way back. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../project/ui/api";
import { Dialog } from "../../project/ui/Dialog";
import { Time } from "../../project/ui/time";
import { restoreCard } from "./card_actions";
import { Note } from "./CardView";
import { useBoard, useCanEdit } from "./context";
import type { Card } from "./types";

type Loaded = Card[] | "loading" | "failed";

function useArchived(): [Loaded, () => void] {
  const { model } = useBoard();
  const [cards, setCards] = useState<Loaded>("loading");
  const load = () => {
    listAll<Card>(`boards/${model.id}/cards/?archived=true`).then(setCards, () => setCards("failed"));
  };
  useEffect(() => {
    load();
    // Others archive and restore too: the list follows the log.
    const follow = ({ type }: { type: string }) => {
      if (type === "card_archived" || type === "card_restored" || type === "card_deleted") load();
    };
    model.listeners.add(follow);
    return () => void model.listeners.delete(follow);
  }, []);
  return [cards, load];
}

export function ArchivedDialog({ onClose }: { onClose(): void }) {
  const [cards, load] = useArchived();
  return (
    <Dialog title="Archived cards" onClose={onClose} wide>
      {cards === "loading" && <p class="muted">Loading…</p>}
      {cards === "failed" && (
        <p class="row">
          Archived cards couldn't be loaded.
          <button type="button" class="button small" onClick={load}>
            Retry
          </button>
        </p>
      )}
      {Array.isArray(cards) && cards.length === 0 && <p class="muted">No archived cards. Archive a card from its panel and it waits here.</p>}
      {Array.isArray(cards) && cards.length > 0 && <List cards={cards} onClose={onClose} />}
    </Dialog>
  );
}

function List({ cards, onClose }: { cards: Card[]; onClose(): void }) {
  const { model, ui } = useBoard();
  const canEdit = useCanEdit();
  return (
    <ul class="plain archived-list">
      {cards.map((card) => (
        <li key={card.id} class="row wrap">
          <span class="num muted">#{card.number}</span>
          <button
            type="button"
            class="button link clip"
            onClick={() => {
              onClose();
              ui.openCard(card.number);
            }}
          >
            {card.title}
          </button>
          <span class="grow" />
          <Time at={card.updated} class="meta" />
          {canEdit && (
            <button type="button" class="button small" onClick={() => restoreCard(model, card)}>
              Restore
            </button>
          )}
          <Note card={card.id} />
        </li>
      ))}
    </ul>
  );
}
