/** Which shape stands for which series: the one before is hollow, the one after filled. */
import { classes } from "../text";

interface Props {
  names: string[];
  shape: "bar" | "dot";
  limits?: string[];
}

export function Legend({ names, shape, limits = [] }: Props) {
  return (
    <>
      {names.map((name, at) => (
        <span key={name} class="legend-name">
          <svg class={classes(shape === "bar" ? "bars" : "dots", at < names.length - 1 && "before")} width="12" height="12" aria-hidden="true">
            {shape === "bar" ? <rect x="1" y="1" width="10" height="10" /> : <path d="M6 6h0" />}
          </svg>
          {name}
        </span>
      ))}
      {limits.map((words) => (
        <span key={words} class="legend-name">
          <svg class="mark limit" width="20" height="12" aria-hidden="true">
            <line x1="0" x2="20" y1="6" y2="6" />
          </svg>
          {words}
        </span>
      ))}
    </>
  );
}
