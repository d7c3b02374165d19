/** Running and finished times. */
import { clock } from "../../project/ui/text";
import { useTicks } from "../../project/ui/time";
import { useRoom } from "./context";

/** A clock that counts from `since` (epoch ms by the server's clock). */
export function RunningClock({ since }: { since: number }) {
  const { model } = useRoom();
  useTicks(1);
  return <span class="num clock">{clock(model.now() - since)}</span>;
}
