/** The arguments of a request as a form; an edited field says what was there. */
import { useId } from "preact/hooks";
import { PlainText } from "./PlainText";
import { rawOf, type SchemaField } from "./schema";
import type { JsonObject } from "./types";
import { hiddenMarks } from "./visible";

interface Props {
  fields: SchemaField[];
  raws: Record<string, string>;
  asked: JsonObject;
  errors: Record<string, string>;
  changed: string[];
  disabled: boolean;
  onInput(name: string, raw: string): void;
}

export function ArgumentsForm({ fields, raws, asked, errors, changed, disabled, onInput }: Props) {
  const id = useId();
  return (
    <div class="arguments">
      {fields.map((field) => (
        <div key={field.name} class="field argument">
          <span class="label" id={`${id}-${field.name}`}>
            {field.label}
          </span>
          <Control id={`${id}-${field.name}`} field={field} raw={raws[field.name] ?? ""} disabled={disabled} isInvalid={field.name in errors} onInput={(raw) => onInput(field.name, raw)} />
          <Hidden raw={raws[field.name] ?? ""} />
          {changed.includes(field.name) && field.kind === "code" && <span class="meta">You changed it; what is written here is tried.</span>}
          {changed.includes(field.name) && field.kind !== "code" && (
            <span class="meta">
              was: <PlainText text={rawOf(field, asked[field.name]) || "empty"} />
            </span>
          )}
          {errors[field.name] && <span class="field-error">{errors[field.name]}</span>}
          {field.hint && <span class="meta">{field.hint}</span>}
        </div>
      ))}
    </div>
  );
}

/** A field can't show what can't be seen, so it is written below. */
function Hidden({ raw }: { raw: string }) {
  const marks = hiddenMarks(raw);
  return marks.length ? <span class="meta hidden-note">Contains characters that can't be seen: {marks.join(" ")}</span> : null;
}

interface ControlProps {
  /** Of the label. */
  id: string;
  field: SchemaField;
  raw: string;
  disabled: boolean;
  isInvalid: boolean;
  onInput(raw: string): void;
}

function Control({ id, field, raw, disabled, isInvalid, onInput }: ControlProps) {
  const common = { class: "input", value: raw, disabled, "aria-labelledby": id, "aria-invalid": isInvalid };
  if (field.kind === "boolean" || field.kind === "choice") {
    const choices = field.kind === "choice" ? field.choices.map(String) : ["true", "false"];
    const words: Record<string, string> = field.kind === "boolean" ? { true: "Yes", false: "No" } : {};
    return (
      <select {...common} onChange={(event) => onInput(event.currentTarget.value)}>
        {(field.nullable || !field.required || raw === "") && <option value="">None</option>}
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words[choice] ?? choice}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === "json" || field.kind === "list" || field.kind === "long" || field.kind === "code") {
    const rows = Math.min(field.kind === "code" ? 24 : 10, Math.max(2, raw.split("\n").length));
    const kind = { json: "input mono", code: "input mono code", list: "input", long: "input" }[field.kind];
    return <textarea {...common} class={kind} wrap={field.kind === "code" ? "off" : undefined} rows={rows} spellcheck={false} onInput={(event) => onInput(event.currentTarget.value)} />;
  }
  const input = (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value);
  if (field.kind === "date") return <input {...common} type="date" onInput={input} />;
  const mode = field.kind === "number" ? "decimal" : field.kind === "integer" ? "numeric" : "text";
  return <input {...common} type="text" inputMode={mode} onInput={input} />;
}
