/** One line on a card about its newest run, leading to the room. */
import { Icon } from "../../project/ui/icons";
import { useValue } from "../../project/ui/observable";
import { classes } from "../../project/ui/text";
import { useTicks } from "../../project/ui/time";
import { useSelected } from "../../project/ui/observable";
import { useBoard } from "./context";
import { ProgressBar } from "./ProgressBar";
import { RoomLink } from "./RoomLink";
import { isActive, runWords } from "./runs";
import { seenRuns } from "../../sessions/ui/seen";
import type { CardRun } from "./types";

/** `name`: of the card, for those who go from link to link. */
export function AgentRow({ card, name, run }: { card: string; name: string; run: CardRun }) {
  const { model } = useBoard();
  useTicks(run.retry_at === null ? 30 : 1);
  const seen = useValue(seenRuns);
  const line = useSelected(model.activity, (activity) => activity.byCard[card]);
  const words = runWords(run, Date.now());
  if (!words || (run.status === "completed" && seen.has(run.id))) return null;
  const live = isActive(run) && line?.run === run.id ? line.text : null;
  return (
    <div class={classes("agent-row", words.tone)}>
      <RoomLink session={run.session} run={run} class="agent-row-link">
        <Icon name={words.icon} />
        <span class="num clip">{words.text}</span>
        {words.action && <span class="agent-row-action">{words.action}</span>}
        <span class="visually-hidden">, {name}</span>
      </RoomLink>
      {words.done !== null && <ProgressBar value={words.done} />}
      {live && (
        <div class="agent-row-live meta clip" title={live}>
          {live}
        </div>
      )}
    </div>
  );
}
