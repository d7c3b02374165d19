/** A short tint on a value that somebody else has just changed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useBoard } from "../context";
import type { Card, FullCard } from "../types";

const TINT_MS = 1200;

/** "tinted" for a moment after `value` was changed by another person, else "". */
export function useTint(card: Card | FullCard, value: unknown): string {
  const { model } = useBoard();
  const before = useRef(value);
  const [tinted, setTinted] = useState(false);
  useEffect(() => {
    const changed = before.current !== value;
    before.current = value;
    if (!changed || card.updated_by.id === model.me.id) return;
    setTinted(true);
    const timer = setTimeout(() => setTinted(false), TINT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return tinted ? "tinted" : "";
}
