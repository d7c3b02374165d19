/** The agents at work on this board, live: the newest line, and the last forty on demand. */
import { Avatar } from "../../project/ui/avatar";
import { Icon, type IconName } from "../../project/ui/icons";
import { useValue } from "../../project/ui/observable";
import { classes } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import type { ActivityLine } from "./activity";
import { useBoard, useView } from "./context";
import { RoomLink } from "./RoomLink";

const ICONS: Record<string, IconName> = {
  agent_started: "agent",
  agent_thinking: "comment",
  tool_executing: "right",
  tool_completed: "check",
  agent_completed: "check",
};

export function ActivityStrip() {
  const { model } = useBoard();
  const { lines } = useValue(model.activity);
  const newest = lines.at(-1);
  if (!newest) return null;
  return (
    <details class="activity-strip">
      <summary>
        <span class="activity-title">Agents</span>
        <Line line={newest} />
      </summary>
      <ol class="plain activity-lines" aria-label="What agents did, newest first">
        {[...lines].reverse().map((line) => (
          <li key={line.id} class="row">
            <Line line={line} link />
            <Time at={line.at} class="meta" />
          </li>
        ))}
      </ol>
    </details>
  );
}

function Line({ line, link }: { line: ActivityLine; link?: boolean }) {
  const number = useView((view) => (line.card ? view.state.cards[line.card]?.number : undefined));
  const name = number === undefined ? "Room" : `#${number}`;
  return (
    <span class={classes("activity-line row", line.failed ? "failed" : line.type)} title={line.text}>
      <Avatar user={{ id: "", username: line.agent, kind: "agent" }} small decorative />
      <span class="activity-agent">{line.agent}</span>
      {link ? (
        <RoomLink session={line.session} run={null}>
          {name}
        </RoomLink>
      ) : (
        <span class="muted num">{name}</span>
      )}
      <Icon name={line.failed ? "error" : (ICONS[line.type] ?? "info")} />
      <span class="clip">{line.text}</span>
    </span>
  );
}
