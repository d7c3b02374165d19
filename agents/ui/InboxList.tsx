/** The rows of the inbox in their groups. A row opens its request; nothing is answered from a row. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../../project/ui/icons";
import { classes } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import type { User } from "../../project/ui/wire";
import { PlainText } from "../../sessions/ui/PlainText";
import { expiryWords, isUrgent, kindWords, outcomeWords, titleWords } from "../../sessions/ui/request_words";
import type { Request } from "../../sessions/ui/types";
import { type Group, isOpen, placeWords } from "./store";
import type { InboxRow } from "./types";

const KINDS: Record<Request["kind"], IconName> = { approval: "wait", question: "comment", client_tool: "link", plan_review: "checklist" };

interface Props {
  groups: Group[];
  selected: string | null;
  now: number;
  me: User;
  onOpen(id: string): void;
  /** The open request, where it stands in its place. */
  children: ComponentChildren;
}

export function InboxList({ groups, selected, now, me, onOpen, children }: Props) {
  return (
    <>
      {groups.map(({ title, rows }) => (
        <section key={title} class="inbox-group" aria-label={title}>
          <h2 class="inbox-group-title">
            {title} <Count title={title} rows={rows} />
          </h2>
          <ul class="plain">
            {rows.map((row) => (
              <li key={row.request.id}>
                <Row row={row} isOpen={row.request.id === selected} now={now} me={me} onOpen={() => onOpen(row.request.id)} />
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
function Count({ title, rows }: Group) {
  const count = title === "Answered today" ? rows.length : rows.filter(isOpen).length;
  return <span class="muted num">{count}</span>;
}

interface RowProps {
  row: InboxRow;
  isOpen: boolean;
  now: number;
  me: User;
  onOpen(): void;
}

function Row({ row, isOpen: isChosen, now, me, onOpen }: RowProps) {
  const { request } = row;
  const open = isOpen(row);
  return (
    <button type="button" class={classes("inbox-row", open && row.may_answer && "mine", isChosen && "chosen")} aria-expanded={isChosen} onClick={onOpen}>
      <Icon name={open ? KINDS[request.kind] : "check"} class="inbox-kind" />
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
          {open && <span class={classes(isUrgent(request.expires, now) && "urgent")}>{expiryWords(request.expires, now)}</span>}
        </span>
      </span>
    </button>
  );
}
