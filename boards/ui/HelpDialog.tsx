/** The list of keys behind `?`. */
import { Dialog } from "../../project/ui/Dialog";
import { useValue } from "../../project/ui/observable";
import { setShortcuts, shortcutsOn } from "../../project/ui/prefs";

const KEYS: [string, string][] = [
  ["← ↑ → ↓", "Go to a card"],
  ["Home End", "First or last card of the column"],
  ["Enter", "Open the card"],
  ["Shift ↑ ↓", "Move the card one place"],
  ["Shift ← →", "Move the card to the next column, top"],
  ["m", "Move to…"],
  ["n", "New card here"],
  ["e", "Edit the title"],
  ["a", "Assignee"],
  ["l", "Labels"],
  ["d", "Due date"],
  ["c", "Comment"],
  ["r", "Hand to agents"],
  ["x", "Archive"],
  ["/", "Filter"],
  ["g b", "Boards"],
  ["Esc", "Close the top layer"],
  ["?", "This list"],
];

export function HelpDialog({ onClose }: { onClose(): void }) {
  const on = useValue(shortcutsOn);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} wide>
      <dl class="key-list">
        {KEYS.map(([keys, does]) => (
          <div key={keys} class="row">
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="row">
        <input type="checkbox" checked={on} onChange={(event) => setShortcuts(event.currentTarget.checked)} />
        Letter shortcuts are on
      </label>
    </Dialog>
  );
}
