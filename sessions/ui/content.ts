/** Streamed text: pieces that belong at an offset counted in code points. Pure. */

const SURROGATE = /[\ud800-\udfff]/;

/** `content` with `text` written at `offset`: appended as a rule, over what is there when a piece comes twice. */
export function placeText(content: string, offset: number, text: string): string {
  if (!SURROGATE.test(content)) {
    return content.length <= offset ? content + text : content.slice(0, offset) + text + content.slice(offset + [...text].length);
  }
  const points = [...content];
  return points.slice(0, offset).join("") + text + points.slice(offset + [...text].length).join("");
}
