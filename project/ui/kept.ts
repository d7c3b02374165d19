/** State that outlives its view: what was typed is there again when the view comes back on the same page. */
import { useState } from "preact/hooks";

const kept = new Map<string, unknown>();

export function useKept<T>(key: string, initial: () => T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (kept.has(key) ? (kept.get(key) as T) : initial()));
  const keep = (next: T) => {
    kept.set(key, next);
    setValue(next);
  };
  return [value, keep];
}
