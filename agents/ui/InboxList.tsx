/** The rows of the inbox in their groups. A row opens its request; nothing is answered from a row. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import type { User } from "../../project/ui/wire";
import { PlainText } from "../../sessions/ui/PlainText";
import { expiryWords, isUrgent, kindWords, outcomeWords, titleWords } from "../../sessions/ui/request_words";
import type { Request } from "../../sessions/ui/types";
import { outcomeIcon } from "../../sessions/ui/RequestBox";
import { type Group, isOpen, isWaiting, placeWords } from "./store";
import type { InboxRow } from "./types";

const KINDS: Record<Request["kind"], IconName> = { approval: "wait", question: "comment", client_tool: "link", plan_review: "checklist" };

interface Props {
  groups: Group[];
  selected: string | null;
  now: number;
  me: User;
  /** A request opens under its row, and the row folds it again; else it stands beside the list. */
  folds: boolean;
  onOpen(id: string): void;
  /** The open request, where it stands in its place. */
  children: ComponentChildren;
}

export function InboxList({ groups, selected, now, me, folds, onOpen, children }: Props) {
  return (
    <>
      {groups.map((group) => (
        <section key={group.key} class="inbox-group" aria-label={group.title}>
          <h2 class="inbox-group-title">
            {group.title} <Count group={group} />
          </h2>
          <ul class="plain">
            {group.rows.map((row) => (
              <li key={row.request.id}>
                <Row row={row} isOpen={row.request.id === selected} now={now} me={me} folds={folds} onOpen={() => onOpen(row.request.id)} />
                {row.request.id === selected && children}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** A row that stays for a moment after it has ended waits no longer. */
function Count({ group }: { group: Group }) {
  const count = isWaiting(group) ? group.rows.filter(isOpen).length : group.rows.length;
  return count > 0 ? <span class="muted num">{count}</span> : null;
}

interface RowProps {
  row: InboxRow;
  isOpen: boolean;
  now: number;
  me: User;
  folds: boolean;
  onOpen(): void;
}

function Row({ row, isOpen: isChosen, now, me, folds, onOpen }: RowProps) {
  const { request } = row;
  const open = isOpen(row);
  return (
    <button type="button" class={classes("inbox-row", open && row.may_answer && "mine", isChosen && "chosen")} {...(folds ? { "aria-expanded": isChosen } : { "aria-current": isChosen })} onClick={onOpen}>
      <Icon name={open ? KINDS[request.kind] : outcomeIcon(request)} class="inbox-kind" />
      <span class="inbox-words">
        <span class="visually-hidden">{kindWords(request)}: </span>
        <span class="inbox-sentence">
          <PlainText text={titleWords(request)} />
        </span>
        {!open && (
          <span class="inbox-outcome">
            <PlainText text={outcomeWords(request, me, row.with_changes)} />
          </span>
        )}
        <span class="meta inbox-place">
          <PlainText text={placeWords(row)} />
        </span>
        <span class="meta num inbox-times">
          <Time at={row.ended ?? request.created} />
          {folds && <Icon name={isChosen ? "down" : "right"} />}
          {open && <span class={classes(isUrgent(request.expires, now) && "urgent")}>{expiryWords(request.expires, now)}</span>}
        </span>
      </span>
    </button>
  );
}
