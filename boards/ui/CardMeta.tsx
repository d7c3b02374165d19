/** The meta row of a card: number, due date, checklist, comments, assignee. */
import { Avatar } from "../../project/ui/avatar";
import { Icon } from "../../project/ui/icons";
import { classes, dateLabel, dueState, fullDateTime, join, plural } from "../../project/ui/text";
import { runWords } from "./runs";
import type { Card, CardRun } from "./types";

const DUE_WORDS = { overdue: "Overdue", today: "Today", later: "" } as const;
const DUE_TONES = { overdue: "tone-danger", today: "tone-warn", later: "" } as const;

/** In the last column a date is only a date: the card is finished, as the agents count it too. */
export function Due({ due, finished }: { due: string; finished?: boolean }) {
  const state = finished ? "later" : dueState(due);
  const text = state === "today" ? "Today" : join([DUE_WORDS[state], dateLabel(due)], " · ");
  return (
    <time class={classes("due", state !== "later" && `chip ${DUE_TONES[state]}`)} dateTime={due} title={`Due ${fullDateTime(Date.parse(`${due}T00:00:00`)).split(" at ")[0]}`}>
      <Icon name="calendar" />
      {text}
    </time>
  );
}

export function CardMeta({ card, finished }: { card: Card; finished: boolean }) {
  return (
    <div class="card-meta">
      <span class="num">#{card.number}</span>
      {card.due && <Due due={card.due} finished={finished} />}
      {card.checklist_total > 0 && (
        <span class="count num" title="Checklist">
          <Icon name="checklist" />
          {card.checklist_done}/{card.checklist_total}
        </span>
      )}
      {card.comment_count > 0 && (
        <span class="count num" title="Comments">
          <Icon name="comment" />
          {card.comment_count}
        </span>
      )}
      {card.assignee && (
        <span class="card-assignee">
          <Avatar user={card.assignee} small />
        </span>
      )}
    </div>
  );
}

/** "#12 Landing page, due today, Robo working, step 2 of 4": what the card's button is called. */
export function cardName(card: Card, finished: boolean, now = Date.now()): string {
  return join([
    `#${card.number} ${card.title}`,
    card.due && dueName(card.due, finished),
    card.assignee && `assigned to ${card.assignee.username}`,
    card.labels.length > 0 && `labels ${card.labels.join(" ")}`,
    card.checklist_total > 0 && `checklist ${card.checklist_done} of ${card.checklist_total}`,
    card.comment_count > 0 && plural(card.comment_count, "comment"),
    card.run && runName(card.run, now),
  ]);
}

function dueName(due: string, finished: boolean): string {
  const state = finished ? "later" : dueState(due);
  if (state === "today") return "due today";
  return state === "overdue" ? `due ${dateLabel(due)}, overdue` : `due ${dateLabel(due)}`;
}

function runName(run: CardRun, now: number): string | undefined {
  return runWords(run, now)?.text.replace(" · ", " working, ");
}
