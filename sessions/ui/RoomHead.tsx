/** The room's title with its card, its phase and its menu; as a drawer also the connection, the people and the way out. */
import { useState } from "preact/hooks";
import { Avatar } from "../../project/ui/avatar";
import { ConnectionBadge } from "../../project/ui/Connection";
import { Icon } from "../../project/ui/icons";
import { Menu, type MenuItem } from "../../project/ui/Menu";
import { useValue } from "../../project/ui/observable";
import { showToast } from "../../project/ui/toast";
import { copyText } from "../../project/ui/clipboard";
import { useConnected } from "./answering";
import { useCanTalk, useRoom, useRoomState } from "./context";
import { useAction } from "../../project/ui/use_action";

export function RoomHead() {
  const { embedded } = useRoom();
  const session = useRoomState((state) => state.session);
  const [renaming, setRenaming] = useState(false);
  return (
    <header class="room-head">
      {renaming ? <Rename title={session.title} onDone={() => setRenaming(false)} /> : <Title title={session.title} />}
      {session.status === "stopped" && (
        <span class="chip">
          <Icon name="stop" /> Closed
        </span>
      )}
      {session.status === "active" && session.phase === "refinement_ready" && (
        <span class="chip tone-ok">
          <Icon name="check" /> Ready to refine
        </span>
      )}
      <span class="grow" />
      {embedded && <DrawerTools />}
      <RoomMenu onRename={() => setRenaming(true)} />
      {embedded && <Close />}
    </header>
  );
}

function Title({ title }: { title: string }) {
  const { card, embedded } = useRoom();
  const board = useRoomState((state) => state.session.board);
  return (
    <div class="room-titles">
      <h1 class="room-title clip" title={title}>
        {title}
      </h1>
      {card && board && !embedded && (
        <a class="meta clip" href={`/boards/${board}/cards/${card.number}/`}>
          #{card.number} {card.title !== title && card.title}
        </a>
      )}
    </div>
  );
}

function DrawerTools() {
  const { model } = useRoom();
  const { users } = useValue(model.here.shown);
  return (
    <>
      <ConnectionBadge link={model.socket} />
      <span class="row drawer-people">
        {users.slice(0, 3).map((user) => (
          <Avatar key={user.id} user={user} small />
        ))}
        {users.length > 3 && <span class="meta num">+{users.length - 3}</span>}
      </span>
      <a class="icon-button" href={`/sessions/${model.id}/`} aria-label="Open the room on its own page" title="Open the room on its own page">
        <Icon name="room" />
      </a>
    </>
  );
}

function Close() {
  const { onClose } = useRoom();
  if (!onClose) return null;
  return (
    <button type="button" class="icon-button" aria-label="Close the room" title="Close the room" onClick={onClose}>
      <Icon name="close" />
    </button>
  );
}

function RoomMenu({ onRename }: { onRename(): void }) {
  const { model, ui } = useRoom();
  const canTalk = useCanTalk();
  const connected = useConnected();
  const close = useAction(() => model.closeSession(), { noun: "room" });
  const offline = connected ? undefined : "Needs a connection";
  const link = () => {
    void copyText(new URL(`/sessions/${model.id}/`, location.href).href).then((copied) => showToast({ text: copied ? "Link copied" : "Couldn't copy" }));
  };
  const own: MenuItem[] = [
    { label: "Rename", onSelect: onRename },
    { label: "Close this session", icon: "stop", danger: true, disabled: offline, onSelect: close.run },
  ];
  const all: MenuItem[] = [
    { label: "Copy link", icon: "link", onSelect: link },
    { label: "Check events", icon: "checklist", onSelect: () => location.assign(`/verify/?session=${model.id}`) },
    { label: "Keyboard shortcuts", icon: "key", onSelect: () => ui.helpOpen.set(true) },
  ];
  return (
    <>
      {close.error && <span class="field-error">{close.error}</span>}
      <Menu label="Room menu" groups={canTalk ? [{ items: all }, { items: own }] : [{ items: all }]} />
    </>
  );
}

function Rename({ title, onDone }: { title: string; onDone(): void }) {
  const { model } = useRoom();
  const [text, setText] = useState(title);
  const save = useAction(
    async () => {
      if (text.trim() !== "" && text.trim() !== title) await model.rename(text);
      onDone();
    },
    { noun: "room", text, limit: 300 },
  );
  return (
    <form
      class="row wrap rename"
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      <input
        class="input"
        aria-label="Title of this room"
        autofocus
        value={text}
        disabled={save.busy}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone();
        }}
      />
      <button type="submit" class="button small" disabled={save.busy || text.trim() === ""}>
        {save.busy ? "Saving…" : "Save"}
      </button>
      <button type="button" class="button small quiet" onClick={onDone}>
        Cancel
      </button>
      {save.error && <p class="field-error">{save.error}</p>}
    </form>
  );
}
