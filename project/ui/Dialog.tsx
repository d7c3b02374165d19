/** A modal dialog on the browser's own <dialog>: focus stays inside, Esc closes, focus goes back afterwards. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icons";
import { classes } from "./text";

interface Props {
  title: string;
  onClose(): void;
  children: ComponentChildren;
  wide?: boolean;
  /** A dialog that has to be answered has no close button and ignores Esc. */
  locked?: boolean;
}

export function Dialog({ title, onClose, children, wide, locked }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    firstField(dialog)?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={classes("dialog", wide && "wide")}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!locked) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current && !locked) onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          {!locked && (
            <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        <div class="dialog-content">{children}</div>
      </div>
    </dialog>
  );
}

/** Where typing should begin: not on the close button, which the browser would choose. */
function firstField(dialog: HTMLElement | null): HTMLElement | null {
  const fields = ".dialog-content :is(input:not([tabindex='-1']), select, textarea, button, a[href])";
  return dialog?.querySelector<HTMLElement>(".dialog-content [autofocus]") ?? dialog?.querySelector<HTMLElement>(fields) ?? null;
}
