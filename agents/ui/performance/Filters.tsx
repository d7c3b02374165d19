/** What the list is narrowed to: target, result, card. */
import type { Filter } from "./filter";
import { isFiltered, NO_FILTER } from "./filter";
import type { CardChoice } from "./types";

interface Props {
  filter: Filter;
  targets: string[];
  cards: CardChoice[];
  onChange(change: Partial<Filter>): void;
}

export function Filters({ filter, targets, cards, onChange }: Props) {
  return (
    <form class="performance-filters" role="search" aria-label="Reports" onSubmit={(event) => event.preventDefault()}>
      <Choice label="Target" value={filter.target} all="All targets" choices={withChosen(targets, filter.target).map((each) => [each, each])} onChange={(target) => onChange({ target })} />
      <Choice
        label="Result"
        value={filter.passed}
        all="All results"
        choices={[
          ["true", "Passed"],
          ["false", "Failed"],
        ]}
        onChange={(passed) => onChange({ passed: passed as Filter["passed"] })}
      />
      <Choice label="Card" value={filter.card} all="All cards" choices={cardChoices(cards, filter.card)} onChange={(card) => onChange({ card })} />
      {isFiltered(filter) && (
        <button type="button" class="button quiet" onClick={() => onChange(NO_FILTER)}>
          Clear
        </button>
      )}
    </form>
  );
}

/** What is chosen stays to be chosen, also where the list that came with the page lacks it. */
function withChosen(all: string[], chosen: string): string[] {
  return chosen && !all.includes(chosen) ? [chosen, ...all] : all;
}

function cardChoices(cards: CardChoice[], chosen: string): [string, string][] {
  const known: [string, string][] = cards.map(({ id, number, title, board }) => [id, `${board} · #${number} ${title}`]);
  return chosen && !cards.some(({ id }) => id === chosen) ? [[chosen, "This card"], ...known] : known;
}

interface ChoiceProps {
  label: string;
  value: string;
  all: string;
  choices: [value: string, words: string][];
  onChange(value: string): void;
}

function Choice({ label, value, all, choices, onChange }: ChoiceProps) {
  return (
    <select class="input" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{all}</option>
      {choices.map(([each, words]) => (
        <option key={each} value={each}>
          {words}
        </option>
      ))}
    </select>
  );
}
