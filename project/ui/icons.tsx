/** Line icons drawn for Workroom, 16 px, always beside a word or inside a named button. */
const PATHS = {
  add: "M8 3v10M3 8h10",
  agent: "M4 6h8v7H4zM8 3v3M6.5 9v1M9.5 9v1",
  archive: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 9h3",
  back: "M9.5 3.5 5 8l4.5 4.5",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2",
  calendar: "M3 4h10v9H3zM3 7h10M6 2.5v3M10 2.5v3",
  check: "m3.5 8.5 3 3 6-7",
  checklist: "M3 5l1 1 1.5-2M3 11l1 1 1.5-2M8 5h5M8 11h5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.5l2 1",
  close: "m4 4 8 8M12 4l-8 8",
  comment: "M3 3.5h10v7H8l-3 2.5v-2.5H3z",
  down: "m4 6 4 4 4-4",
  error: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  gauge: "M3.4 12.500a5.5 5.500 0 1 1 9.200 0M8 9.500l2.500-3.500M5 12.500h6",
  inbox: "M2.5 9 4 3.500h8L13.500 9v4h-11zM2.500 9h3.500l.5 1.500h3L10 9h3.500",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.5V11M8 5v.3",
  key: "M2 4h12v8H2zM4.5 7h.3M7 7h.3M9.5 7h.3M11.7 7h.3M5 9.5h6",
  left: "M12.5 8h-9M7 4.5 3.5 8 7 11.5",
  link: "M6.5 9.5 9.5 6.5M7 5l1.5-1.5a2.5 2.5 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.5 2.5 0 0 1-4-4L5 7",
  menu: "M3.5 8h.3M8 8h.3M12.5 8h.3",
  move: "M3 5h10M10 2l3 3-3 3M13 11H3M6 8l-3 3 3 3",
  people: "M6 3.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM2 13c0-2.5 1.5-4 4-4s4 1.5 4 4M10.5 4a2 2 0 0 1 0 3.5M11.5 9.5c1.6.4 2.5 1.7 2.5 3.5",
  person: "M8 3a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM3 13.500c0-2.5 2-4 5-4s5 1.5 5 4",
  retry: "M12.5 8A4.5 4.5 0 1 1 11 4.600M11.5 2v3h-3",
  right: "M3.5 8h9M9 4.5 12.5 8 9 11.5",
  room: "M2.5 3h11v7h-6L5 12.500V10H2.500zM5 6h6",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5",
  stop: "M4 4h8v8H4z",
  trash: "M3 4.500h10M6 4.500V3h4v1.500M4.5 4.500l.5 8.500h6l.5-8.5",
  undo: "M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6",
  wait: "M5 3v10M11 3v10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, class: extra }: { name: IconName; class?: string }) {
  const width = name === "menu" ? 2.4 : 1.5;
  return (
    <svg class={extra ? `icon ${extra}` : "icon"} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width={width} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
