/** Work that answers at once shouldn't flicker: "Saving…" only after 400 ms. */
import { useEffect, useState } from "preact/hooks";

const SLOW_MS = 400;

export function useSlow(busy: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) {
      setSlow(false);
      return;
    }
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  return busy && slow;
}
