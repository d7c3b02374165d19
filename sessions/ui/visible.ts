/** Makes characters readable that hide themselves or turn the direction of text. Pure. */

export interface Piece {
  text: string;
  /** The piece stands for a character that can't be seen. */
  isMark: boolean;
}

/** Control characters but tab and line feed, soft hyphen, zero-width, direction marks and overrides, fillers, variation and tag characters. */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/u;

export function isHidden(character: string): boolean {
  return HIDDEN.test(character);
}

function markOf(character: string): string {
  return `␣U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The text in pieces: what can be read as it is, and "␣U+202E" for each character that can't. */
export function visible(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const character of text) {
    const last = pieces.at(-1);
    if (isHidden(character)) pieces.push({ text: markOf(character), isMark: true });
    else if (last && !last.isMark) last.text += character;
    else pieces.push({ text: character, isMark: false });
  }
  return pieces;
}

/** The marks of `text`, each once. */
export function hiddenMarks(text: string): string[] {
  return [...new Set(visible(text).flatMap((piece) => (piece.isMark ? [piece.text] : [])))];
}
