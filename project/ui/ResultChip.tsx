/** Passed, failed, or no budget: icon, word and colour. */
import { Icon } from "./icons";
import { resultOf } from "./measured";
import { classes } from "./text";

export function ResultChip({ passed }: { passed: boolean | null }) {
  const { text, tone, icon } = resultOf(passed);
  return (
    <span class={classes("chip result", tone && `tone-${tone}`)}>
      <Icon name={icon} /> {text}
    </span>
  );
}
