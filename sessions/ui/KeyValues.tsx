/** Rows of plain text under their names. */
import { PlainText } from "./PlainText";
import { humanise, type Row } from "./tool_words";

export function KeyValues({ rows, empty }: { rows: Row[]; empty: string }) {
  if (rows.length === 0) return <p class="meta">{empty}</p>;
  return (
    <dl class="key-values">
      {rows.map(({ key, value }, at) => (
        <div key={at}>
          {key !== "" && <dt title={key}>{humanise(key)}</dt>}
          <dd>
            <PlainText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
