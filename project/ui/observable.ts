/** A value with listeners, and the hook that renders from it. */
import { useEffect, useReducer, useRef } from "preact/hooks";

export interface Readable<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

export class Observable<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The part `select` takes of `source`; renders again only when that part is another one. */
export function useSelected<T, S>(source: Readable<T>, select: (value: T) => S): S {
  const [, rerender] = useReducer((n: number) => n + 1, 0);
  const selected = select(source.get());
  const latest = useRef({ select, selected });
  latest.current = { select, selected };
  useEffect(() => {
    const check = () => {
      if (!Object.is(latest.current.select(source.get()), latest.current.selected)) rerender(undefined);
    };
    check();
    return source.subscribe(check);
  }, [source]);
  return selected;
}

export function useValue<T>(source: Readable<T>): T {
  return useSelected(source, identity);
}

function identity<T>(value: T): T {
  return value;
}
