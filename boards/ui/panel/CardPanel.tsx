/** A card in full beside the board: finds it by its number, loads it, and says so when it is gone. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { useBoard, useView } from "../context";
import { CardBody } from "./CardBody";
import { GreyLines, LoadFailed, PanelFrame } from "./PanelFrame";

type Found = { kind: "finding" } | { kind: "missing" } | { kind: "failed" } | { kind: "found"; id: string };

function useFound(number: number): [Found, () => void] {
  const { model } = useBoard();
  const known = Object.values(model.state.cards).find((card) => card.number === number);
  const [found, setFound] = useState<Found>(known ? { kind: "found", id: known.id } : { kind: "finding" });
  const find = async () => {
    try {
      const id = await model.findCard(number);
      if (id) await model.openCard(id);
      setFound(id ? { kind: "found", id } : { kind: "missing" });
    } catch {
      setFound({ kind: "failed" });
    }
  };
  useEffect(() => void find(), [number]);
  return [found, find];
}

export function CardPanel({ number }: { number: number }) {
  const { model } = useBoard();
  const [found, find] = useFound(number);
  const id = found.kind === "found" ? found.id : null;
  useEffect(() => {
    if (!id) return;
    model.setViewing(id);
    return () => {
      model.setViewing(null);
      model.closeCard(id);
    };
  }, [id]);
  if (found.kind === "found") return <Loaded id={found.id} number={number} />;
  return (
    <PanelFrame number={number}>
      {found.kind === "finding" && <GreyLines />}
      {found.kind === "missing" && <p>Card #{number} isn't here. Someone may have deleted it.</p>}
      {found.kind === "failed" && <LoadFailed onRetry={find} />}
    </PanelFrame>
  );
}

function Loaded({ id, number }: { id: string; number: number }) {
  const summary = useView((view) => view.state.cards[id]);
  const full = useView((view) => view.state.details[id]);
  const [gone, setGone] = useState<string | null>(null);
  const { model } = useBoard();
  useEffect(() => {
    const onEvent = (event: { type: string; data: Record<string, unknown>; actor: { username: string } | null }) => {
      if (event.type === "card_deleted" && event.data["card"] === id) setGone(`${event.actor?.username ?? "Someone"} deleted this card.`);
    };
    model.listeners.add(onEvent);
    return () => void model.listeners.delete(onEvent);
  }, [id]);
  const card = full ?? summary;
  if (gone || !card) {
    return (
      <PanelFrame number={number}>
        <p class="note tone-warn">
          <Icon name="trash" /> {gone ?? "This card isn't here any more."}
        </p>
      </PanelFrame>
    );
  }
  return (
    <PanelFrame number={number} card={card}>
      <CardBody card={card} full={full} />
    </PanelFrame>
  );
}
