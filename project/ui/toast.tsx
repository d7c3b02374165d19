/** One short line at the foot of the page with an optional action. Never the only place of an error. */
import { Observable, useValue } from "./observable";

interface Toast {
  text: string;
  action?: { label: string; run(): void };
}

const current = new Observable<Toast | null>(null);
let timer: ReturnType<typeof setTimeout> | null = null;

export function showToast(toast: Toast, forMs = 5000): void {
  if (timer) clearTimeout(timer);
  current.set(toast);
  timer = setTimeout(() => current.set(null), forMs);
}

export function hideToast(): void {
  current.set(null);
}

export function Toasts() {
  const toast = useValue(current);
  return (
    <div class="toasts" role="status">
      {toast && (
        <div class="toast">
          <span>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              class="button link"
              onClick={() => {
                current.set(null);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
