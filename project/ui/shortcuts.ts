/** Keys of a page: a table from key to action, silent inside fields, under dialogs, and when switched off. */
import { useEffect, useRef } from "preact/hooks";
import { shortcutsOn } from "./prefs";

/** "n", "Shift+ArrowUp", "g b" (one after the other), "?", "Escape". An action returning false lets the key pass. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => boolean | void>;

/** Keys that lead to another page. Part of every page's own table, where a sequence goes before its last key. */
export const GO: Shortcuts = {
  "g b": () => location.assign("/"),
  "g i": () => location.assign("/inbox/"),
  "g p": () => location.assign("/performance/"),
};

const SEQUENCE_MS = 1000;

export function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

/**
 * Whether a dialog or an open menu lies above the page and owns the keyboard. The library for dragging leaves a popover
 * of its own under the resting pointer, "manual" as nothing of ours: that one takes no keys.
 */
export function layerAbove(): boolean {
  return document.querySelector("dialog:modal, :popover-open:not([popover=manual])") !== null;
}

export function keyName(event: KeyboardEvent): string {
  const named = event.key.length > 1;
  return event.shiftKey && named ? `Shift+${event.key}` : event.key;
}

function isLetter(key: string): boolean {
  return key.length === 1;
}

export function useShortcuts(table: Shortcuts): void {
  const latest = useRef(table);
  latest.current = table;
  useEffect(() => {
    let prefix: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const key = keyName(event);
      if (isField(event.target) || layerAbove() || (isLetter(key) && !shortcutsOn.get())) return;
      const sequence = prefix && Date.now() - prefix.at < SEQUENCE_MS ? `${prefix.key} ${key}` : null;
      prefix = { key, at: Date.now() };
      const action = (sequence && latest.current[sequence]) || latest.current[key];
      if (action && action(event) !== false) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
