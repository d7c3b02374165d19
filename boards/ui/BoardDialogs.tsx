/** Name and description of the board, and its end. */
import { useState } from "preact/hooks";
import { api } from "../../project/ui/api";
import { Dialog } from "../../project/ui/Dialog";
import { CommandForm } from "./CommandForm";
import { useBoard, useView } from "./context";

export function BoardDialog({ onClose }: { onClose(): void }) {
  const { model } = useBoard();
  const board = useView((view) => view.state.board);
  const [name, setName] = useState(board.name);
  const [description, setDescription] = useState(board.description);
  const changed = {
    ...(name === board.name ? {} : { name }),
    ...(description === board.description ? {} : { description }),
  };
  const run = () => (Object.keys(changed).length ? model.edit("edit_board", changed) : Promise.resolve());
  return (
    <Dialog title="Name and description" onClose={onClose}>
      <CommandForm submit="Save" run={run} onDone={onClose} onCancel={onClose} subject={{ noun: "board" }} disabled={name.trim() === ""}>
        <label class="field">
          <span class="label">Name</span>
          <input class="input" autofocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span class="label">Description</span>
          <textarea class="input" rows={4} value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
        </label>
      </CommandForm>
    </Dialog>
  );
}

export function DeleteBoardDialog({ onClose }: { onClose(): void }) {
  const { model } = useBoard();
  const board = useView((view) => view.state.board);
  const [typed, setTyped] = useState("");
  return (
    <Dialog title="Delete board" onClose={onClose}>
      <CommandForm
        submit="Delete board"
        danger
        run={() => api.delete(`boards/${model.id}/`)}
        onDone={() => location.assign("/")}
        onCancel={onClose}
        disabled={typed !== board.name}
        subject={{ noun: "board" }}
      >
        <p>It disappears for everybody, with its cards and rooms. Nobody can bring it back from these pages.</p>
        <label class="field">
          <span class="label">Type {board.name} to go on</span>
          <input class="input" autofocus autocomplete="off" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      </CommandForm>
    </Dialog>
  );
}
