/** Somebody changed the same field: both texts, and a choice that loses neither. */
import { copyText } from "../../../project/ui/clipboard";
import { Icon } from "../../../project/ui/icons";
import { showToast } from "../../../project/ui/toast";

interface Props {
  field: string;
  by: string;
  mine: string;
  theirs: string;
  onKeepMine(): void;
  onTakeTheirs(): void;
}

async function copy(text: string): Promise<void> {
  const copied = await copyText(text);
  showToast({ text: copied ? "Copied" : "The browser didn't allow copying. Select the text and copy it by hand." });
}

export function Conflict({ field, by, mine, theirs, onKeepMine, onTakeTheirs }: Props) {
  return (
    <div class="note tone-warn conflict" role="alert">
      <Icon name="people" />
      <div class="stack grow">
        <p>
          {by} changed the {field} while you were writing.
        </p>
        <div>
          <p class="label">Theirs</p>
          <p class="conflict-text">{theirs || "(empty)"}</p>
        </div>
        <div class="row wrap">
          <button type="button" class="button small" onClick={onKeepMine}>
            Keep mine
          </button>
          <button type="button" class="button small" onClick={onTakeTheirs}>
            Take theirs
          </button>
          <button type="button" class="button small" onClick={() => void copy(mine)}>
            Copy mine
          </button>
        </div>
      </div>
    </div>
  );
}
