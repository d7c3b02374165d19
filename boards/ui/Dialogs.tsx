/** Whichever dialog is open. */
import type { ComponentChildren } from "preact";
import { Dialog } from "../../project/ui/Dialog";
import { KeysDialog } from "../../project/ui/KeysDialog";
import { ArchivedDialog } from "./ArchivedDialog";
import { BoardDialog, DeleteBoardDialog } from "./BoardDialogs";
import { ColumnDialog, DeleteColumnDialog } from "./ColumnDialogs";
import { useBoard, useUi } from "./context";
import { FilterFields } from "./FilterFields";
import { KEYS } from "./keys";
import type { BoardLists } from "./lists";
import { MembersDialog } from "./MembersDialog";
import { MoveDialog } from "./MoveDialog";
import { RoomsDialog } from "./RoomsDialog";
import type { OpenDialog } from "./ui_state";

type Views = { [K in OpenDialog["kind"]]: (dialog: Extract<OpenDialog, { kind: K }>, close: () => void, lists: BoardLists) => ComponentChildren };

const VIEWS: Views = {
  move: ({ card }, close, lists) => <MoveDialog key={card} card={card} lists={lists} onClose={close} />,
  help: (_, close) => <KeysDialog keys={KEYS} onClose={close} />,
  members: (_, close) => <MembersDialog onClose={close} />,
  archived: (_, close) => <ArchivedDialog onClose={close} />,
  rooms: (_, close) => <RoomsDialog onClose={close} />,
  board: (_, close) => <BoardDialog onClose={close} />,
  delete_board: (_, close) => <DeleteBoardDialog onClose={close} />,
  column: ({ column, field }, close) => <ColumnDialog column={column} field={field} onClose={close} />,
  delete_column: ({ column }, close, lists) => <DeleteColumnDialog column={column} lists={lists} onClose={close} />,
  filters: (_, close, lists) => (
    <Dialog title="Filter cards" onClose={close}>
      <div class="stack">
        <FilterFields lists={lists} />
      </div>
      <div class="dialog-actions">
        <button type="button" class="button primary" onClick={close}>
          Show cards
        </button>
      </div>
    </Dialog>
  ),
};

export function Dialogs({ lists }: { lists: BoardLists }) {
  const { ui } = useBoard();
  const dialog = useUi((state) => state.dialog);
  if (!dialog) return null;
  const view = VIEWS[dialog.kind] as (dialog: OpenDialog, close: () => void, lists: BoardLists) => ComponentChildren;
  return <>{view(dialog, () => ui.patch({ dialog: null }), lists)}</>;
}
