/** Who a card is given to. A person is assigned; an agent gets the card handed over, for that is what giving it one means. */
import { useState } from "preact/hooks";
import { announce } from "../../../project/ui/announcer";
import { Avatar } from "../../../project/ui/avatar";
import { asCommandError, type CommandError } from "../../../project/ui/errors";
import type { AgentInfo } from "../../../project/ui/wire";
import { useBoard, useConnected, useView } from "../context";
import { peopleOf } from "../people";
import type { Card, FullCard } from "../types";
import { ChoiceNote, pick, ReadOnly } from "./Fields";
import { HandOverError } from "./HandOver";
import { useSave } from "./use_save";

interface Props {
  card: Card | FullCard;
  readOnly: boolean;
}

export function AssigneeField({ card, readOnly }: Props) {
  const { assignee } = card;
  if (!readOnly) return <Choice card={card} />;
  return (
    <ReadOnly label="Assignee">
      {assignee ? (
        <span class="row">
          <Avatar user={assignee} small decorative /> {assignee.username}
        </span>
      ) : (
        "Nobody"
      )}
    </ReadOnly>
  );
}

/** Handing the card over to whoever was picked. */
function useHandOver(card: string) {
  const { model } = useBoard();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CommandError | null>(null);
  const handOver = async (agent: AgentInfo) => {
    setBusy(true);
    setError(null);
    try {
      await model.now("hand_over_card", { card, agent: agent.id });
      announce(`Handed to ${agent.username}.`);
    } catch (cause) {
      setError(asCommandError(cause));
    }
    setBusy(false);
  };
  return { busy, error, handOver, forget: () => setError(null) };
}

function Choice({ card }: { card: Card | FullCard }) {
  const { model } = useBoard();
  const saver = useSave(card.id, "assignee");
  const { busy, error, handOver, forget } = useHandOver(card.id);
  const assignee = card.assignee?.id ?? null;
  const choose = (select: HTMLSelectElement) => {
    const chosen = select.value || null;
    const agent = model.agents.find(({ id }) => id === chosen);
    forget();
    if (!agent) {
      void saver.save(assignee, pick(chosen));
      return;
    }
    // Shown once the log tells of it: a card whose agent is at work isn't handed over again.
    select.value = assignee ?? "";
    void handOver(agent);
  };
  return (
    <div class="field">
      <label class="field">
        <span class="label">Assignee</span>
        <select class="input" data-field="assignee" value={assignee ?? ""} disabled={busy} onChange={(event) => choose(event.currentTarget)}>
          <Options card={card} />
        </select>
      </label>
      {busy && <span class="meta">Handing over…</span>}
      {error && <HandOverError error={error} text="" />}
      <ChoiceNote state={saver.state} what="assignee" />
    </div>
  );
}

function Options({ card: { assignee } }: { card: Card | FullCard }) {
  const { model } = useBoard();
  const connected = useConnected();
  const members = useView((view) => view.state.members);
  const { people, agents } = peopleOf(members, model.agents);
  const known = [...people, ...agents].some((user) => user.id === assignee?.id);
  const why = (id: string) => {
    const agent = model.agents.find((each) => each.id === id);
    if (!agent || id === assignee?.id) return null;
    if (!agent.available) return agent.reason ?? "not available";
    return connected ? null : "needs a connection";
  };
  return (
    <>
      <option value="">Nobody</option>
      {assignee && !known && <option value={assignee.id}>{assignee.username}</option>}
      <optgroup label="People">
        {people.map((user) => (
          <option key={user.id} value={user.id}>
            {user.username}
          </option>
        ))}
      </optgroup>
      <optgroup label="Agents: handed over at once">
        {agents.map((user) => (
          <option key={user.id} value={user.id} disabled={why(user.id) !== null}>
            {user.username}
            {why(user.id) && `: ${why(user.id)}`}
          </option>
        ))}
      </optgroup>
    </>
  );
}
