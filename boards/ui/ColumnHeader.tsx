/** A column's name, its count against its limit, quick add and menu. */
import { Icon } from "../../project/ui/icons";
import { Menu, type MenuItem } from "../../project/ui/Menu";
import { classes } from "../../project/ui/text";
import { moveColumn } from "./columns";
import { useBoard, useCanEdit, useConnected } from "./context";
import { countText, wipState } from "./limits";
import type { Column } from "./types";

interface Props {
  column: Column;
  count: number;
  /** How many the filters leave; null without filters. */
  shown: number | null;
  isFirst: boolean;
  isLast: boolean;
}

const WORDS = { open: "", full: "Full", over: "Over limit" } as const;
const TONES = { open: "", full: "tone-warn", over: "tone-danger" } as const;

export function ColumnHeader({ column, count, shown, isFirst, isLast }: Props) {
  const { ui } = useBoard();
  const canEdit = useCanEdit();
  const state = wipState(count, column.wip_limit);
  return (
    <header class="column-head">
      <h2 class="clip" title={column.name}>
        {column.name}
      </h2>
      <span class={classes("num", state === "open" ? "muted" : `chip ${TONES[state]}`)}>
        {shown === null ? countText(count, column.wip_limit) : `${shown} of ${count}`}
        {WORDS[state] && ` · ${WORDS[state]}`}
      </span>
      <span class="grow" />
      {canEdit && (
        <>
          <button type="button" class="icon-button" aria-label={`Add a card to ${column.name}`} title="Add a card (n)" onClick={() => ui.addCard(column.id)}>
            <Icon name="add" />
          </button>
          <ColumnMenu column={column} isFirst={isFirst} isLast={isLast} />
        </>
      )}
    </header>
  );
}

function ColumnMenu({ column, isFirst, isLast }: Pick<Props, "column" | "isFirst" | "isLast">) {
  const { model, ui } = useBoard();
  const connected = useConnected();
  const items: MenuItem[] = [
    { label: "Rename", onSelect: () => ui.patch({ dialog: { kind: "column", column: column.id, field: "name" } }) },
    { label: column.wip_limit === null ? "Set a limit" : "Change the limit", onSelect: () => ui.patch({ dialog: { kind: "column", column: column.id, field: "limit" } }) },
  ];
  const moves: MenuItem[] = [
    { label: "Move left", icon: "left", onSelect: () => moveColumn(model, column.id, -1), disabled: isFirst ? "It is the first column" : undefined },
    { label: "Move right", icon: "right", onSelect: () => moveColumn(model, column.id, 1), disabled: isLast ? "It is the last column" : undefined },
  ];
  const remove: MenuItem[] = [
    {
      label: "Delete column",
      icon: "trash",
      danger: true,
      onSelect: () => ui.patch({ dialog: { kind: "delete_column", column: column.id } }),
      disabled: connected ? undefined : "Needs a connection",
    },
  ];
  return <Menu label={`Menu of column ${column.name}`} groups={[{ items }, { items: moves }, { items: remove }]} />;
}
