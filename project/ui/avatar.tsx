/** A person's or agent's initials: people are circles, agents rounded squares. */
import { classes, initials } from "./text";
import type { User } from "./wire";

interface Props {
  user: User;
  small?: boolean;
  /** Hidden from assistive technology when the name stands beside it. */
  decorative?: boolean;
}

export function Avatar({ user, small, decorative }: Props) {
  const name = user.kind === "agent" ? `${user.username}, agent` : user.username;
  const look = classes("avatar", user.kind, small && "small");
  if (decorative) return <span class={look} aria-hidden="true">{initials(user.username)}</span>;
  return (
    <span class={look} title={name} role="img" aria-label={name}>
      {initials(user.username)}
    </span>
  );
}
