/** The output log: filter, pause, copy, clear; an entry opens to its whole frame. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { copyText } from "../../../project/ui/clipboard";
import { CopyButton } from "../../../project/ui/CopyButton";
import { useValue } from "../../../project/ui/observable";
import { plural } from "../../../project/ui/text";
import type { Line } from "./line";
import { asLines, type Entry, filtered, MOST_ENTRIES, pretty } from "./log";

const NEAR_END_PX = 64;
const ARROWS = { in: "←", out: "→", note: "·" } as const;
const NAMES = { in: "received", out: "sent", note: "note" } as const;

export function LogView({ line }: { line: Line }) {
  const live = useValue(line.log);
  const [paused, setPaused] = useState<readonly Entry[] | null>(null);
  const [type, setType] = useState("");
  const [hidesUpkeep, setHidesUpkeep] = useState(true);
  const log = paused ?? live;
  const shown = useMemo(() => filtered(log, { type, hidesUpkeep }), [log, type, hidesUpkeep]);
  const types = useMemo(() => [...new Set(live.map((entry) => entry.type))].filter((each) => each !== "note").sort(), [live]);
  const missed = paused ? live.filter((entry) => entry.id > (paused.at(-1)?.id ?? 0)).length : 0;
  const clear = () => {
    line.clear();
    setPaused(paused && []);
  };
  return (
    <section class="console-log" aria-label="Output">
      <div class="console-tools">
        <div class="field">
          <label for="filter">Type</label>
          <input id="filter" class="input" list="types" value={type} placeholder="All" autocomplete="off" onInput={(event) => setType(event.currentTarget.value)} />
          <datalist id="types">
            {types.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </div>
        <label class="row console-check">
          <input type="checkbox" checked={hidesUpkeep} onChange={(event) => setHidesUpkeep(event.currentTarget.checked)} />
          Hide acknowledgements, heartbeats and presence
        </label>
        <div class="row wrap console-buttons">
          <button type="button" class="button small" aria-pressed={paused !== null} onClick={() => setPaused(paused ? null : live)}>
            {paused ? `Go on${missed ? ` (${missed} more)` : ""}` : "Pause"}
          </button>
          <CopyButton copy={() => copyText(asLines(shown))} />
          <button type="button" class="button small" onClick={clear}>
            Clear
          </button>
        </div>
      </div>
      <Entries entries={shown} isEmpty={log.length === 0} />
      <p class="meta console-count" aria-live="off">
        {plural(shown.length, "entry", "entries")}
        {shown.length < log.length && ` of ${log.length}`}
        {log.length >= MOST_ENTRIES && "; older ones are gone"}
      </p>
    </section>
  );
}

function Entries({ entries, isEmpty }: { entries: readonly Entry[]; isEmpty: boolean }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [entries]);
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = list.current!;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  };
  return (
    <div class="console-entries" role="log" aria-live="off" aria-label="Frames" tabIndex={0} ref={list} onScroll={onScroll}>
      {entries.length === 0 && <p class="muted console-empty">{isEmpty ? "Nothing yet. Connect, then send a frame." : "Nothing of this type. Clear the filter to see everything."}</p>}
      {entries.map((entry) => (
        <Row key={entry.id} entry={entry} />
      ))}
    </div>
  );
}

function Row({ entry }: { entry: Entry }) {
  const [isOpen, setIsOpen] = useState(false);
  const time = new Date(entry.at).toISOString().slice(11, 23);
  if (entry.direction === "note") {
    return (
      <p class="console-row note-row meta">
        <time dateTime={new Date(entry.at).toISOString()}>{time}</time> {entry.text}
      </p>
    );
  }
  return (
    <details class={`console-row ${entry.direction}`} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <span class="console-arrow" aria-hidden="true">
          {ARROWS[entry.direction]}
        </span>
        <span class="visually-hidden">{NAMES[entry.direction]}</span>
        <time class="meta" dateTime={new Date(entry.at).toISOString()}>
          {time}
        </time>
        <span class="console-type">{entry.type}</span>
        {entry.seq !== null && <span class="meta num">{entry.seq}</span>}
        <span class="console-text mono clip">{entry.text}</span>
      </summary>
      {isOpen && <pre class="mono console-whole">{pretty(entry.text)}</pre>}
    </details>
  );
}
