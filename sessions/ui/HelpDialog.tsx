/** The list of the room's keys. */
import { Dialog } from "../../project/ui/Dialog";
import { useValue } from "../../project/ui/observable";
import { setShortcuts, shortcutsOn } from "../../project/ui/prefs";
import { useRoom } from "./context";
import { KEYS } from "./keys";

export function HelpDialog() {
  const { ui } = useRoom();
  const open = useValue(ui.helpOpen);
  const on = useValue(shortcutsOn);
  if (!open) return null;
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => ui.helpOpen.set(false)}>
      <dl class="room-keys">
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
