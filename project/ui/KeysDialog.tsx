/** The list of a page's keys behind `?`. */
import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./Dialog";
import { useValue } from "./observable";
import { setShortcuts, shortcutsOn } from "./prefs";
import { GO, type Shortcuts, useShortcuts } from "./shortcuts";

/** Keys, separated by spaces, and what they do. */
export type KeyList = [keys: string, does: string][];

/** What the keys of GO do. */
const GO_KEYS: KeyList = [
  ["g b", "Boards"],
  ["g i", "Inbox"],
  ["g p", "Performance"],
];

export function KeysDialog({ keys, onClose }: { keys: KeyList; onClose(): void }) {
  const on = useValue(shortcutsOn);
  const all: KeyList = [...keys, ...GO_KEYS, ["?", "This list"]];
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} wide={all.length > 12}>
      <dl class="key-list">
        {all.map(([names, does]) => (
          <div key={names} class="row">
            <dt>
              {names.split(" ").map((name) => (
                <kbd key={name}>{name}</kbd>
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

/** The keys of a page with few of its own: these, the ways to other pages, and the list of them all. */
export function usePageKeys(keys: KeyList = [], table: Shortcuts = {}): { showKeys(): void; keysDialog: ComponentChild } {
  const [open, setOpen] = useState(false);
  const showKeys = () => setOpen(true);
  useShortcuts({ ...GO, ...table, "?": showKeys });
  return { showKeys, keysDialog: open && <KeysDialog keys={keys} onClose={() => setOpen(false)} /> };
}
