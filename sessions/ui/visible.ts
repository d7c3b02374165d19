/** Makes readable what deceives in text: characters that hide or turn its direction, letters of a foreign alphabet, endless blanks. Pure. */

export interface Piece {
  text: string;
  /** The piece stands for what can't be seen, or not for what it is. */
  isMark: boolean;
}

/** Control characters but tab and line feed, soft hyphen, zero-width, direction marks and overrides, fillers, variation and tag characters. */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/u;

export function isHidden(character: string): boolean {
  return HIDDEN.test(character);
}

function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Blanks in a row that push what follows out of sight; a few are writing. */
const MANY_BLANKS = /[ \u00a0\t]{25,}|\n{10,}/gu;

/** A word or host: what a reader takes for one name. */
const NAME = /[\p{L}\p{M}\p{N}\uff01-\uff5e.@_-]+/gu;
const LATIN = /\p{Script=Latin}/u;
const FOREIGN_LETTER = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\u0251\u0261\uff01-\uff5e]/u;

/** Where letters of another alphabet stand among Latin ones, as in a forged host name. */
function forgedLetters(text: string): Set<number> {
  const places = new Set<number>();
  for (const name of text.matchAll(NAME)) {
    if (!LATIN.test(name[0])) continue;
    let at = name.index;
    for (const character of name[0]) {
      if (FOREIGN_LETTER.test(character)) places.add(at);
      at += character.length;
    }
  }
  return places;
}

/** The blanks to be counted instead of shown, by where they begin. */
function longBlanks(text: string): Map<number, string> {
  return new Map([...text.matchAll(MANY_BLANKS)].map((found) => [found.index, found[0]]));
}

function markFor(character: string, isForged: boolean): string | null {
  if (isForged) return `${character} ${codeOf(character)}`;
  return isHidden(character) ? `␣${codeOf(character)}` : null;
}

/** The text in pieces: what can be read as it is, and marks: "␣U+202E" for what can't, "а U+0430" for a forged letter, "␣×10000" for blanks. */
export function visible(text: string): Piece[] {
  const pieces: Piece[] = [];
  const forged = forgedLetters(text);
  const blanks = longBlanks(text);
  let at = 0;
  while (at < text.length) {
    const blank = blanks.get(at);
    const character = blank ?? String.fromCodePoint(text.codePointAt(at)!);
    const mark = blank ? `␣×${blank.length}` : markFor(character, forged.has(at));
    const last = pieces.at(-1);
    if (mark !== null) pieces.push({ text: mark, isMark: true });
    else if (last && !last.isMark) last.text += character;
    else pieces.push({ text: character, isMark: false });
    at += character.length;
  }
  return pieces;
}

/** The marks of `text`, each once. */
export function hiddenMarks(text: string): string[] {
  return [...new Set(visible(text).flatMap((piece) => (piece.isMark ? [piece.text] : [])))];
}
