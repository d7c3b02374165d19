/** The room's keys. None of them approves anything. */
import type { KeyList } from "../../project/ui/KeysDialog";
import { GO, type Shortcuts, useShortcuts } from "../../project/ui/shortcuts";
import { activeRun, blocksOf } from "./blocks";
import { useRoom } from "./context";

function room(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-room]");
}

function blocks(): HTMLElement[] {
  return [...(room()?.querySelectorAll<HTMLElement>("[data-block]") ?? [])];
}

/** Bring a request into sight and put the focus on it. */
export function showRequest(id: string): void {
  const box = room()?.querySelector<HTMLElement>(`[data-request="${CSS.escape(id)}"]`);
  if (!box) return;
  box.tabIndex = -1;
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "center" });
}

/** Focus the block `step` places from the focused one; the first or last without one. */
function go(step: 1 | -1): void {
  const all = blocks();
  const at = all.findLastIndex((block) => block.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  all[next]?.focus();
}

/** After folds have moved things: the block the keys are on stays in sight. */
function keepInSight(): void {
  const block = (document.activeElement as HTMLElement | null)?.closest("[data-block]");
  requestAnimationFrame(() => block?.scrollIntoView({ block: "nearest" }));
}

function nextOpenRequest(): void {
  const open = [...(room()?.querySelectorAll<HTMLElement>("[data-request][data-status=open]") ?? [])];
  const at = open.findIndex((box) => box.contains(document.activeElement));
  const next = open[(at + 1) % Math.max(1, open.length)];
  if (next) showRequest(next.dataset["request"]!);
}

export const KEYS: KeyList = [
  ["j k", "Next and previous block"],
  ["o", "Fold or unfold the block"],
  ["Shift o", "Fold or unfold all runs"],
  ["w", "Next open request"],
  ["i", "Write a message"],
  ["Shift s", "Stop the active run"],
  ["Esc", "Leave the message box"],
];

export function useRoomKeys(): void {
  const { model, ui, embedded, onClose } = useRoom();
  const runFold = (): string | null => {
    const block = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>("[data-block^='run:']");
    return block?.dataset["block"] ?? null;
  };
  const isOpen = (id: string) => room()?.querySelector(`[data-block="${CSS.escape(id)}"]`)?.classList.contains("open") ?? false;
  const table: Shortcuts = {
    ...GO,
    j: () => go(1),
    k: () => go(-1),
    o: () => {
      const id = runFold();
      if (id) ui.fold(id, !isOpen(id));
      keepInSight();
    },
    O: () => {
      const { messages, runs } = model.state.get();
      const ids = blocksOf(messages, runs).flatMap((block) => (block.kind === "run" ? [`run:${block.id}`] : []));
      ui.foldAll(ids, !ids.every(isOpen));
      keepInSight();
    },
    w: nextOpenRequest,
    i: () => ui.compose(),
    S: () => {
      const run = activeRun(model.state.get().runs);
      if (run && run.status !== "cancelling") void model.cancelRun(run.id).catch(() => undefined);
    },
    "?": () => ui.helpOpen.set(true),
    Escape: () => (onClose ? onClose() : false),
  };
  // Beside a board the keys belong to the room only while the focus is in it.
  const guarded = Object.entries(table).map(([key, action]) => {
    const guard = (event: KeyboardEvent) => (embedded && !room()?.contains(document.activeElement) ? false : action(event));
    return [key, guard] as const;
  });
  useShortcuts(Object.fromEntries(guarded));
}
