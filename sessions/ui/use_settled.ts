/** Whether a box has stood still for half a second, so that nobody presses what just slid under their pointer. */
import { useEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

const STILL_MS = 500;

/** False for half a second after the element appears or moves within what flows around it. */
export function useStoodStill(ref: RefObject<HTMLElement | null>): boolean {
  const [still, setStill] = useState(false);
  useEffect(() => {
    const element = ref.current;
    const content = element?.closest<HTMLElement>("[data-flow]");
    let top = element?.offsetTop ?? 0;
    let timer = setTimeout(() => setStill(true), STILL_MS);
    const sizes = new ResizeObserver(() => {
      if (!element || element.offsetTop === top) return;
      top = element.offsetTop;
      clearTimeout(timer);
      setStill(false);
      timer = setTimeout(() => setStill(true), STILL_MS);
    });
    if (content) sizes.observe(content);
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
    };
  }, []);
  return still;
}
