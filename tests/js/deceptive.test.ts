/** S17: what deceives in an argument is shown in an approval, and what is shown leads back to the argument. */
import { describe, expect, test } from "vitest";
import { rawOf, fieldsOf, parseForm } from "../../sessions/ui/schema";
import { parametersOf } from "../../sessions/ui/tool_words";
import { hiddenMarks, visible } from "../../sessions/ui/visible";
import cases from "../fixtures/deceptive_arguments.json";

interface Case {
  name: string;
  text?: string;
  spaces?: number;
  marks: string[];
}

const SCHEMA = { type: "object", properties: { text: { type: "string" } } };
const textOf = (each: Case) => each.text ?? `delete #1${" ".repeat(each.spaces!)}and #2`;

/** What the pieces stand for: a mark for its character or blanks, all else for itself. */
function meaningOf(text: string): string {
  const pieces = visible(text);
  return pieces
    .map((piece) => {
      if (!piece.isMark) return piece.text;
      const blanks = /^␣×(\d+)$/.exec(piece.text);
      return blanks ? " ".repeat(Number(blanks[1])) : String.fromCodePoint(parseInt(/U\+([0-9A-F]+)$/.exec(piece.text)![1]!, 16));
    })
    .join("");
}

describe.each(cases as Case[])("deceptive argument: $name", (each) => {
  const text = textOf(each);

  test("is marked where it deceives, and only there", () => {
    expect(hiddenMarks(text)).toEqual(each.marks);
  });

  test("is shown whole: nothing is lost, nothing is added", () => {
    expect(meaningOf(text)).toBe(text);
    const shown = visible(text).map((piece) => piece.text).join("");
    expect(hiddenMarks(shown.replaceAll(/. U\+[0-9A-F]+/gu, ""))).toEqual([]);
  });

  test("goes back unchanged when nobody edits it", () => {
    const asked = { text };
    const fields = fieldsOf(SCHEMA, asked);
    const parsed = parseForm(fields, Object.fromEntries(fields.map((field) => [field.name, rawOf(field, text)])), asked);
    expect(parsed.changed).toEqual([]);
    expect(parsed.values).toEqual(asked);
  });

  test("deep inside other values is marked too", () => {
    const [row] = parametersOf({ outer: [{ inner: { text } }] });
    expect(hiddenMarks(row!.value)).toEqual(expect.arrayContaining(each.marks));
  });
});

test("a nul is marked; writing in any alphabet is not", () => {
  expect(hiddenMarks("a\u0000b")).toEqual(["␣U+0000"]);
  for (const text of ["Отчёт за март", "Ελλάδα και Γερμανία", "日本語 text", "x = 1\n    y = 2\n", "naïve Straße", "Привет, Alice!"]) expect(hiddenMarks(text)).toEqual([]);
});
