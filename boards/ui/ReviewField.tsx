/** Whether people want to see the plan before anything is done. */
interface Props {
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}

export function ReviewField({ checked, disabled, onChange }: Props) {
  return (
    <label class="row review-field">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      Review the plan before the work begins
    </label>
  );
}
