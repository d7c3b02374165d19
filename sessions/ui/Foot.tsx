/** What stands below the stream: new activity, open requests out of sight, who is writing, and the composer or why there is none. */
import { useState } from "preact/hooks";
import { api, newRef } from "../../project/ui/api";
import { Icon } from "../../project/ui/icons";
import { useSelected, useValue } from "../../project/ui/observable";
import { Composer } from "./Composer";
import { useDerived, useRoom, useRoomState } from "./context";
import { showRequest } from "./keys";
import { PlainText } from "./PlainText";
import { titleWords } from "./request_words";
import { capital } from "./run_words";
import { sorted } from "./store";
import { useAction } from "../../project/ui/use_action";

export function Foot() {
  const { model } = useRoom();
  const role = useValue(model.role);
  const status = useRoomState((state) => state.session.status);
  return (
    <footer class="room-foot">
      <NewsPill />
      <NoAgents />
      <OpenRequests />
      <Writing />
      {status === "stopped" ? <Closed /> : role === "viewer" ? <p class="foot-note">You can watch. An owner can make you an editor.</p> : <Composer />}
    </footer>
  );
}

function NewsPill() {
  const { ui } = useRoom();
  const news = useValue(ui.follow.news);
  if (!news) return null;
  return (
    <button type="button" class="button news-pill" onClick={ui.follow.toEnd}>
      New activity <Icon name="down" />
    </button>
  );
}

/** Why nobody takes runs here, when that is so. */
function NoAgents() {
  const { agents } = useRoom();
  const open = useRoomState((state) => state.session.status === "active");
  if (!open || agents.length === 0 || agents.some((agent) => agent.available)) return null;
  return (
    <p class="note tone-warn no-agents">
      <Icon name="info" /> <span>No agent can work now. {agents[0]?.reason}</span>
    </p>
  );
}

/** Each open request that can't be seen now, with a way to it. */
function OpenRequests() {
  const { ui } = useRoom();
  const open = useDerived(
    (state) => [state.requests],
    (requests) => sorted(requests).filter((request) => request.status === "open"),
  );
  const seen = useValue(ui.onScreen);
  const hidden = open.filter((request) => !seen[request.id]);
  return (
    <>
      {hidden.map((request) => (
        <div key={request.id} class="row open-request">
          <Icon name="wait" />
          <span class="clip grow">
            <PlainText text={titleWords(request)} />
          </span>
          <button type="button" class="button link" onClick={() => showRequest(request.id)}>
            Show
          </button>
        </div>
      ))}
    </>
  );
}

function Writing() {
  const { model } = useRoom();
  const names = useSelected(model.typing.users, (users) => users.map((user) => capital(user.username)).join(" and "));
  const many = names.includes(" and ");
  return <p class="meta writing">{names && `${names} ${many ? "are" : "is"} writing…`}</p>;
}

function Closed() {
  const { model } = useRoom();
  const session = useRoomState((state) => state.session);
  const role = useValue(model.role);
  const [ref] = useState(newRef);
  const again = useAction(
    async () => {
      const body = { title: session.title, board: session.board, card: session.card, workflow: session.workflow };
      const made = await api.post<{ session: { id: string } }>("sessions/", body, ref);
      location.assign(`/sessions/${made.session.id}/`);
    },
    { noun: "room" },
  );
  return (
    <div class="row wrap foot-note">
      <span>This session is closed.</span>
      {role !== "viewer" && (
        <button type="button" class="button small" disabled={again.busy} onClick={again.run}>
          Start a new one
        </button>
      )}
      {again.error && <span class="field-error">{again.error}</span>}
    </div>
  );
}
