/** A fold that lies over the page closes like a menu: by Esc, which gives the focus back, and by a press outside. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

export function useLightDismiss(fold: RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const onPress = (event: Event) => {
      if (fold.current?.open && !fold.current.contains(event.target as Node)) fold.current.open = false;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || !fold.current?.open) return;
      event.preventDefault();
      fold.current.open = false;
      fold.current.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", onPress);
    // Before the page's own keys, which would close what lies below.
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("keydown", onKey, true);
    };
  }, []);
}
