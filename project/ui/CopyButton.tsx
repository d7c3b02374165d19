/** Copies something and says so in its own label for two seconds. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "./announcer";

interface Props {
  label?: string;
  copy(): Promise<boolean>;
}

const SHOWN_MS = 2000;

export function CopyButton({ label = "Copy", copy }: Props) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const onClick = async () => {
    const text = (await copy()) ? "Copied" : "Couldn't copy";
    setSaid(text);
    announce(text);
  };
  return (
    <button type="button" class="button small" onClick={() => void onClick()}>
      {said ?? label}
    </button>
  );
}
