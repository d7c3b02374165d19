/** The panel's head with number, way back and menu, and what stands in its body while there is no card. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../../../project/ui/clipboard";
import { Dialog } from "../../../project/ui/Dialog";
import { Icon } from "../../../project/ui/icons";
import { Menu, type MenuItem } from "../../../project/ui/Menu";
import { isField } from "../../../project/ui/shortcuts";
import { showToast } from "../../../project/ui/toast";
import { archiveCard, restoreCard } from "../card_actions";
import { CommandForm } from "../CommandForm";
import { useBoard, useCanEdit, useConnected } from "../context";
import type { Card, FullCard } from "../types";
import { Viewers } from "../Viewers";

type AnyCard = Card | FullCard;

interface Props {
  number: number;
  card?: AnyCard;
  children: ComponentChildren;
}

export function PanelFrame({ number, card, children }: Props) {
  const { ui } = useBoard();
  const panel = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (ui.state.get().field === null && !panel.current?.contains(document.activeElement)) panel.current?.focus();
  }, []);
  return (
    <article
      ref={panel}
      class="panel"
      tabIndex={-1}
      onKeyDown={(event) => {
        // The first Esc leaves the field, the next one closes the panel.
        if (event.key !== "Escape" || event.defaultPrevented || !isField(event.target)) return;
        event.preventDefault();
        event.stopPropagation();
        panel.current?.focus();
      }}
      aria-label={card ? `Card #${number} ${card.title}` : `Card #${number}`}
    >
      <header class="panel-head">
        <button type="button" class="icon-button panel-back" aria-label="Back to the board" onClick={() => ui.closeCard()}>
          <Icon name="back" />
        </button>
        <span class="num muted">#{number}</span>
        <span class="grow" />
        {card && <Viewers card={card.id} />}
        {card && <CardMenu card={card} />}
        <button type="button" class="icon-button panel-close" aria-label="Close card" title="Close (Esc)" onClick={() => ui.closeCard()}>
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body">{children}</div>
    </article>
  );
}

function CardMenu({ card }: { card: AnyCard }) {
  const { model, ui } = useBoard();
  const canEdit = useCanEdit();
  const connected = useConnected();
  const [deleting, setDeleting] = useState(false);
  const copyLink = async () => {
    const address = new URL(ui.cardAddress(card.number), location.href).href;
    showToast({ text: (await copyText(address)) ? "Link copied" : address });
  };
  const everyone: MenuItem[] = [{ label: "Copy link", icon: "link", onSelect: () => void copyLink() }];
  const editors: MenuItem[] = [
    { label: "Move to…", icon: "move", onSelect: () => ui.patch({ dialog: { kind: "move", card: card.id } }), disabled: card.archived ? "It is archived" : undefined },
    card.archived
      ? { label: "Restore", icon: "undo", onSelect: () => restoreCard(model, card) }
      : { label: "Archive", icon: "archive", onSelect: () => archiveCard(model, card) },
    { label: "Delete", icon: "trash", danger: true, onSelect: () => setDeleting(true), disabled: connected ? undefined : "Needs a connection" },
  ];
  return (
    <>
      <Menu label="Card menu" groups={canEdit ? [{ items: everyone }, { items: editors }] : [{ items: everyone }]} />
      {deleting && <DeleteDialog card={card} onClose={() => setDeleting(false)} />}
    </>
  );
}

function DeleteDialog({ card, onClose }: { card: AnyCard; onClose(): void }) {
  const { model, ui } = useBoard();
  const done = () => {
    onClose();
    ui.closeCard();
  };
  return (
    <Dialog title={`Delete #${card.number}`} onClose={onClose}>
      <CommandForm submit="Delete card" danger run={() => model.now("delete_card", { card: card.id })} onDone={done} onCancel={onClose}>
        <p>{card.title} goes for good, with its comments. Archive it instead if it may be wanted again.</p>
      </CommandForm>
    </Dialog>
  );
}

export function GreyLines() {
  return (
    <div class="grey-lines" role="status" aria-label="Loading">
      <span />
      <span />
    </div>
  );
}

export function LoadFailed({ what = "This card", onRetry }: { what?: string; onRetry(): void }) {
  return (
    <p class="row">
      {what} couldn't be loaded.
      <button type="button" class="button small" onClick={onRetry}>
        Retry
      </button>
    </p>
  );
}
