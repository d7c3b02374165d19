/** The place beside the board for a card or a room: non-modal on wide windows, over the board with the focus kept inside below that. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Announcer } from "../../project/ui/announcer";
import { useMedia } from "../../project/ui/media";
import { classes } from "../../project/ui/text";
import { Toasts } from "../../project/ui/toast";

/** Where there is room for a card beside the board. */
const WIDE = "(min-width: 1100px)";

interface Props {
  label: string;
  onClose(): void;
  /** A room needs more width than a card. */
  wide?: boolean;
  children: ComponentChildren;
}

export function Side(props: Props) {
  if (!useMedia(WIDE)) return <ModalSide {...props} />;
  return (
    <aside class={classes("side", props.wide && "side-wide")} aria-label={props.label}>
      {props.children}
    </aside>
  );
}

function ModalSide({ label, onClose, wide, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={classes("side modal", wide && "side-wide")}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      {children}
      {/* The page's own are inert below a modal layer. */}
      <Toasts />
      <Announcer />
    </dialog>
  );
}
