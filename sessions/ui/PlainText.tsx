/** Untrusted text as text, with characters that hide themselves written out. */
import { visible } from "./visible";
import "./plain.css";

export function PlainText({ text }: { text: string }) {
  return (
    <>
      {visible(text).map((piece, at) =>
        piece.isMark ? (
          <mark key={at} class="hidden-mark" title="Stands for what can't be seen, or isn't what it seems">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
