/** The four filters and "Clear", in the toolbar or on a phone's sheet. */
import { useBoard, useUi, useView } from "./context";
import { activeCount, type DueFilter, type Filters, NO_FILTERS } from "./filters";
import type { BoardLists } from "./lists";
import { peopleOf } from "./people";

export function FilterFields({ lists }: { lists: BoardLists }) {
  const { model, ui } = useBoard();
  const filters = useUi((state) => state.filters);
  const members = useView((view) => view.state.members);
  const cards = Object.values(lists.all).flat();
  const labels = [...new Set(cards.flatMap((card) => card.labels))].sort((a, b) => a.localeCompare(b));
  const set = (patch: Partial<Filters>) => ui.patch({ filters: { ...filters, ...patch } });
  const { people, agents } = peopleOf(members, model.agents);
  const choose = (key: keyof Filters) => (event: { currentTarget: HTMLSelectElement }) => set({ [key]: event.currentTarget.value });
  return (
    <>
      <input
        class="input filter-text"
        type="search"
        aria-label="Filter by text or #number"
        placeholder="Filter cards"
        value={filters.text}
        onInput={(event) => set({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      <select class="input" aria-label="Assignee" value={filters.assignee} onChange={choose("assignee")}>
        <option value="">Anyone</option>
        <option value="none">Unassigned</option>
        {[...people, ...agents].map((user) => (
          <option key={user.id} value={user.id}>
            {user.username}
          </option>
        ))}
      </select>
      <select class="input" aria-label="Label" value={filters.label} onChange={choose("label")}>
        <option value="">Any label</option>
        {labels.map((label) => (
          <option key={label}>{label}</option>
        ))}
      </select>
      <select class="input" aria-label="Due date" value={filters.due} onChange={(event) => set({ due: event.currentTarget.value as DueFilter })}>
        <option value="">Any due date</option>
        <option value="overdue">Overdue</option>
        <option value="today">Due today</option>
        <option value="week">Due within 7 days</option>
        <option value="none">No due date</option>
      </select>
      {activeCount(filters) > 0 && (
        <button type="button" class="button quiet small" onClick={() => ui.patch({ filters: NO_FILTERS })}>
          Clear
        </button>
      )}
    </>
  );
}
