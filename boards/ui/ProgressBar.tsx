/** A 2 px bar beside words that say the same. */
import { useLayoutEffect, useRef } from "preact/hooks";

export function ProgressBar({ value }: { value: number }) {
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => bar.current?.style.setProperty("--done", String(value)), [value]);
  return <div ref={bar} class="progress" aria-hidden="true" />;
}
