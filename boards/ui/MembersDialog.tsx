/** Who may do what on this board, for its owners. */
import { useState } from "preact/hooks";
import { Avatar } from "../../project/ui/avatar";
import { Dialog } from "../../project/ui/Dialog";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain, firstFieldMessage } from "../../project/ui/microcopy";
import type { Role } from "../../project/ui/wire";
import { useBoard, useView } from "./context";
import type { Member } from "./types";

const ROLES: [Role, string][] = [
  ["viewer", "Viewer: reads"],
  ["editor", "Editor: changes cards, talks to agents"],
  ["owner", "Owner: also manages members and the board"],
];

function useCommand() {
  const { model } = useBoard();
  const [error, setError] = useState<string | null>(null);
  const ask = async (type: string, data: unknown): Promise<boolean> => {
    setError(null);
    try {
      await model.now(type, data);
      return true;
    } catch (cause) {
      const refused = asCommandError(cause);
      setError(firstFieldMessage(refused) ?? explain(refused, { noun: "member" }));
      return false;
    }
  };
  return { ask, error };
}

export function MembersDialog({ onClose }: { onClose(): void }) {
  const members = useView((view) => view.state.members);
  const rows = Object.values(members).sort((a, b) => a.user.username.localeCompare(b.user.username));
  const { ask, error } = useCommand();
  return (
    <Dialog title="Members" onClose={onClose} wide>
      <ul class="plain member-list">
        {rows.map((member) => (
          <Row key={member.user.id} member={member} ask={ask} />
        ))}
      </ul>
      <AddMember ask={ask} />
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
    </Dialog>
  );
}

type Ask = (type: string, data: unknown) => Promise<boolean>;

function Row({ member, ask }: { member: Member; ask: Ask }) {
  const { model } = useBoard();
  const { user, role } = member;
  return (
    <li class="row wrap">
      <Avatar user={user} decorative />
      <span class="grow clip">
        {user.username}
        {user.id === model.me.id && <span class="meta"> you</span>}
        {user.kind === "agent" && <span class="meta"> agent</span>}
      </span>
      <RoleSelect
        label={`Role of ${user.username}`}
        value={role}
        onChange={async (next, select) => {
          if (!(await ask("change_member", { user: user.id, role: next }))) select.value = role;
        }}
      />
      <button type="button" class="button small" onClick={() => void ask("remove_member", { user: user.id })}>
        {user.id === model.me.id ? "Leave" : "Remove"}
      </button>
    </li>
  );
}

function RoleSelect({ label, value, onChange }: { label: string; value: Role; onChange(role: Role, select: HTMLSelectElement): void }) {
  return (
    <select class="input role-select" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as Role, event.currentTarget)}>
      {ROLES.map(([role, text]) => (
        <option key={role} value={role}>
          {text}
        </option>
      ))}
    </select>
  );
}

function AddMember({ ask }: { ask: Ask }) {
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await ask("add_member", { username: username.trim(), role })) setUsername("");
  };
  return (
    <form class="row wrap add-member" onSubmit={submit}>
      <input class="input grow" aria-label="Username" placeholder="Username" autocomplete="off" value={username} onInput={(event) => setUsername(event.currentTarget.value)} />
      <RoleSelect label="Role of the new member" value={role} onChange={setRole} />
      <button type="submit" class="button primary small" disabled={username.trim() === ""}>
        Add
      </button>
    </form>
  );
}
