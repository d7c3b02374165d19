/** The place beside the board: 480 px non-modal on wide windows, over the board with the focus kept inside below that. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useBoard } from "./context";

const WIDE = "(min-width: 1100px)";

export function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const onChange = () => setWide(query.matches);
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  return wide;
}

export function Side({ children }: { children: ComponentChildren }) {
  const wide = useWide();
  return wide ? <aside class="side">{children}</aside> : <ModalSide>{children}</ModalSide>;
}

function ModalSide({ children }: { children: ComponentChildren }) {
  const { ui } = useBoard();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="side modal"
      aria-label="Card"
      onCancel={(event) => {
        event.preventDefault();
        ui.closeCard();
      }}
      onMouseDown={(event) => event.target === dialog.current && ui.closeCard()}
    >
      {children}
    </dialog>
  );
}
