/** `<time>` with the full moment in it and a relative text that keeps itself true. */
import { useEffect, useReducer } from "preact/hooks";
import { fullDateTime, relative } from "./text";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

/** Render again every `seconds` while mounted; all components share one timer. */
export function useTicks(seconds = 15): void {
  const [, rerender] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let elapsed = 0;
    const listener = () => {
      elapsed += 1;
      if (elapsed % seconds === 0) rerender(undefined);
    };
    listeners.add(listener);
    timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && timer) {
        clearInterval(timer);
        timer = null;
      }
    };
  }, [seconds]);
}

interface Props {
  /** ISO 8601, or epoch seconds as events carry them. */
  at: string | number;
  class?: string;
}

export function Time({ at, class: name }: Props) {
  useTicks();
  const then = typeof at === "number" ? at * 1000 : Date.parse(at);
  if (Number.isNaN(then)) return null;
  return (
    <time class={name} dateTime={new Date(then).toISOString()} title={fullDateTime(then)}>
      {relative(then, Date.now())}
    </time>
  );
}
