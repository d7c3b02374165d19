/** The row under the header: filters, what I may do here, and the board's menu. */
import { Icon } from "../../project/ui/icons";
import { Menu, type MenuItem } from "../../project/ui/Menu";
import { useBoard, useCanEdit, useConnected, useIsOwner, useUi } from "./context";
import { FilterFields } from "./FilterFields";
import { activeCount } from "./filters";
import type { BoardLists } from "./lists";

export function Toolbar({ lists }: { lists: BoardLists }) {
  const { ui } = useBoard();
  const canEdit = useCanEdit();
  const active = useUi((state) => activeCount(state.filters));
  return (
    <div class="toolbar" role="search" aria-label="Filter cards">
      <div class="toolbar-filters">
        <FilterFields lists={lists} />
      </div>
      <button type="button" class="button small toolbar-sheet" onClick={() => ui.patch({ dialog: { kind: "filters" } })}>
        <Icon name="filter" /> Filter{active > 0 && ` (${active})`}
      </button>
      <span class="grow" />
      {!canEdit && (
        <span class="chip" title="You are a viewer here. An owner can make you an editor.">
          <Icon name="eye" /> You can watch
        </span>
      )}
      <BoardMenu />
    </div>
  );
}

function BoardMenu() {
  const { ui } = useBoard();
  const owner = useIsOwner();
  const connected = useConnected();
  const open = (kind: "board" | "members" | "archived" | "rooms" | "help" | "delete_board") => () => ui.patch({ dialog: { kind } });
  const everyone: MenuItem[] = [
    { label: "Rooms", icon: "room", onSelect: open("rooms") },
    { label: "Archived cards", icon: "archive", onSelect: open("archived") },
    { label: "Keyboard shortcuts", icon: "key", onSelect: open("help") },
  ];
  const owners: MenuItem[] = [
    { label: "Members", icon: "people", onSelect: open("members") },
    { label: "Name and description", onSelect: open("board") },
    { label: "Delete board", icon: "trash", danger: true, onSelect: open("delete_board"), disabled: connected ? undefined : "Needs a connection" },
  ];
  return (
    <>
      {owner && (
        <button type="button" class="button small toolbar-wide" onClick={open("members")}>
          <Icon name="people" /> Members
        </button>
      )}
      <button type="button" class="button small toolbar-wide" onClick={open("rooms")}>
        <Icon name="room" /> Rooms
      </button>
      <button type="button" class="button small toolbar-wide" onClick={open("archived")}>
        <Icon name="archive" /> Archived
      </button>
      <Menu label="Board menu" groups={owner ? [{ items: everyone }, { items: owners }] : [{ items: everyone }]} />
    </>
  );
}
