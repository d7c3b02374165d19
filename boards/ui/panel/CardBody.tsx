/** What a card's panel shows, in the order people need it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../../../project/ui/icons";
import { restoreCard } from "../card_actions";
import { Note } from "../CardView";
import { useBoard, useCanEdit, useUi } from "../context";
import type { Card, FullCard } from "../types";
import { AgentBox } from "./AgentBox";
import { AssigneeField } from "./AssigneeField";
import { CardReports } from "./CardReports";
import { CardTabs } from "./CardTabs";
import { Checklist } from "./Checklist";
import { DescriptionField } from "./DescriptionField";
import { ColumnField, DueField } from "./Fields";
import { LabelsField } from "./LabelsField";
import { GreyLines } from "./PanelFrame";
import { TitleField } from "./TitleField";

interface Props {
  card: Card | FullCard;
  /** Missing while it loads. */
  full: FullCard | undefined;
}

/** The keys e, a, l, d, c and r put the focus into one field of the panel. */
function useFieldFocus(ready: boolean, runStatus: string | undefined): void {
  const { ui } = useBoard();
  const field = useUi((state) => state.field);
  const hasWaited = useRef(false);
  useLayoutEffect(() => {
    if (!field || !ready) return;
    const panel = document.querySelector<HTMLElement>(".panel");
    const target = panel?.querySelector<HTMLElement>(`[data-field="${field}"]`);
    if (!target) {
      // A run that is under way, or was when the card was last read, leaves nothing to hand over: the panel itself, until it has ended.
      panel?.focus();
      hasWaited.current = true;
      return;
    }
    const hasMovedOn = hasWaited.current && panel?.contains(document.activeElement) && document.activeElement !== panel;
    if (!hasMovedOn) {
      target.focus();
      if (target instanceof HTMLButtonElement && field === "title") target.click();
    }
    hasWaited.current = false;
    ui.patch({ field: null });
  }, [field, ready, runStatus]);
}

export function CardBody({ card, full }: Props) {
  const canEdit = useCanEdit();
  const readOnly = !canEdit || card.archived || !full;
  useFieldFocus(full !== undefined, card.run?.status);
  return (
    <>
      {card.archived && <ArchivedBanner card={card} />}
      <TitleField card={card} readOnly={readOnly} />
      <div class="panel-fields">
        <ColumnField card={card} readOnly={readOnly} />
        <AssigneeField card={card} readOnly={readOnly} />
        <DueField card={card} readOnly={readOnly} />
        <LabelsField card={card} readOnly={readOnly} />
      </div>
      <AgentBox card={card} readOnly={readOnly} />
      <CardReports card={card} />
      {full ? (
        <>
          <DescriptionField card={full} readOnly={readOnly} />
          <Checklist card={full} readOnly={readOnly} />
        </>
      ) : (
        <GreyLines />
      )}
      <CardTabs card={card} />
    </>
  );
}

function ArchivedBanner({ card }: { card: Card | FullCard }) {
  const { model } = useBoard();
  const canEdit = useCanEdit();
  return (
    <>
      <div class="note tone-warn" role="status">
        <Icon name="archive" />
        <span class="grow">This card is archived.</span>
        {canEdit && (
          <button type="button" class="button small" onClick={() => restoreCard(model, card)}>
            Restore
          </button>
        )}
      </div>
      <Note card={card.id} />
    </>
  );
}
