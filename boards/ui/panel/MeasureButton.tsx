/** The button beside the hand-over that opens the choice of workspaces. */
import { useState } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { classes } from "../../../project/ui/text";
import type { Card, FullCard } from "../types";
import { MeasureDialog } from "./MeasureDialog";

export function MeasureButton({ card, small }: { card: Card | FullCard; small?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class={classes("button", small && "small")} onClick={() => setOpen(true)}>
        <Icon name="gauge" /> Measure this
      </button>
      {open && <MeasureDialog card={card} onClose={() => setOpen(false)} />}
    </>
  );
}
