/** Who else has this card open right now. */
import { Avatar } from "../../project/ui/avatar";
import { useSelected } from "../../project/ui/observable";
import { useBoard } from "./context";

const SHOWN = 3;

export function Viewers({ card }: { card: string }) {
  const { model } = useBoard();
  const users = useSelected(model.presence, (presence) => presence.users);
  const here = users.filter((user) => user.viewing === card && user.id !== model.me.id);
  if (here.length === 0) return null;
  const names = here.map((user) => user.username).join(", ");
  return (
    <span class="viewers" role="img" aria-label={`Open by ${names}`} title={`Open by ${names}`}>
      {here.slice(0, SHOWN).map((user) => (
        <Avatar key={user.id} user={user} small decorative />
      ))}
      {here.length > SHOWN && <span class="num">+{here.length - SHOWN}</span>}
    </span>
  );
}
