/** Comments, activity and work sessions of a card. */
import { useId, useState } from "preact/hooks";
import type { Card, FullCard } from "../types";
import { Activity } from "./Activity";
import { Comments } from "./Comments";
import { Sessions } from "./Sessions";

type Tab = "comments" | "activity" | "sessions";

const TABS: [Tab, string][] = [
  ["comments", "Comments"],
  ["activity", "Activity"],
  ["sessions", "Sessions"],
];

export function CardTabs({ card }: { card: Card | FullCard }) {
  const [tab, setTab] = useState<Tab>("comments");
  const id = useId();
  const counts: Record<Tab, number | null> = { comments: card.comment_count, activity: null, sessions: card.session_count };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = TABS.findIndex(([each]) => each === tab);
    const next = TABS[(at + step + TABS.length) % TABS.length]![0];
    setTab(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <section class="panel-section">
      <div class="tabs" role="tablist" aria-label="About this card" onKeyDown={onKeyDown}>
        {TABS.map(([each, label]) => (
          <button
            key={each}
            id={`${id}-${each}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={each === tab}
            aria-controls={`${id}-view`}
            tabIndex={each === tab ? 0 : -1}
            onClick={() => setTab(each)}
          >
            {label}
            {!!counts[each] && <span class="num muted"> {counts[each]}</span>}
          </button>
        ))}
      </div>
      <div id={`${id}-view`} role="tabpanel" aria-labelledby={`${id}-${tab}`}>
        {tab === "comments" && <Comments card={card} />}
        {tab === "activity" && <Activity card={card} />}
        {tab === "sessions" && <Sessions card={card} />}
      </div>
    </section>
  );
}
