/** A line that opens to more. Opening one stops the stream from following. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { useFold } from "./folds";
import "./fold.css";

interface Props {
  id: string;
  /** Open until the reader decides otherwise. */
  byRule?: boolean;
  head: ComponentChildren;
  class?: string;
  /** Drawn only while open. */
  children: () => ComponentChildren;
}

export function Fold({ id, byRule = false, head, class: extra, children }: Props) {
  const [open, toggle] = useFold(id, byRule);
  const body = useId();
  return (
    <div class={classes("fold", open && "open", extra)}>
      <button type="button" class="fold-head" aria-expanded={open} aria-controls={body} onClick={toggle}>
        <Icon name="down" class="fold-mark" />
        {head}
      </button>
      <div id={body} class="fold-body" hidden={!open}>
        {open && children()}
      </div>
    </div>
  );
}

/** `active`, and for `ms` after it ended. */
export function useLinger(active: boolean, ms = 1000): boolean {
  const [lingers, setLingers] = useState(active);
  useEffect(() => {
    if (active) {
      setLingers(true);
      return;
    }
    const timer = setTimeout(() => setLingers(false), ms);
    return () => clearTimeout(timer);
  }, [active, ms]);
  return active || lingers;
}
