import { describe, expect, test } from "vitest";
import { fieldsOf, parseForm, rawOf } from "../../sessions/ui/schema";
import type { JsonObject } from "../../sessions/ui/types";

const SCHEMA: JsonObject = {
  type: "object",
  required: ["number", "title"],
  $defs: { Place: { type: "string", enum: ["top", "bottom"] }, Deep: { type: "object", properties: {} } },
  properties: {
    number: { type: "integer", title: "Card", description: "Its number" },
    title: { type: "string" },
    share: { type: "number" },
    urgent: { type: "boolean" },
    place: { $ref: "#/$defs/Place" },
    due: { anyOf: [{ type: "string", format: "date" }, { type: "null" }] },
    labels: { type: "array", items: { type: "string" } },
    deep: { $ref: "#/$defs/Deep" },
    either: { anyOf: [{ type: "string" }, { type: "integer" }] },
  },
};
const ASKED: JsonObject = { number: 3, title: "Copy", urgent: false, due: null, labels: ["a", "b"], deep: { x: [1] } };

const fields = fieldsOf(SCHEMA, ASKED);
const shown = Object.fromEntries(fields.map((field) => [field.name, rawOf(field, ASKED[field.name])]));
const filled = (edits: Record<string, string>) => parseForm(fields, { ...shown, ...edits }, ASKED);

describe("fields of a schema", () => {
  test("have the kind of their type", () => {
    expect(Object.fromEntries(fields.map(({ name, kind }) => [name, kind]))).toEqual({
      number: "integer",
      title: "text",
      share: "number",
      urgent: "boolean",
      place: "choice",
      due: "date",
      labels: "list",
      deep: "json",
      either: "json",
    });
  });

  test("carry label, hint, choices and whether null is allowed", () => {
    expect(fields.find(({ name }) => name === "number")).toMatchObject({ label: "Card", hint: "Its number", required: true });
    expect(fields.find(({ name }) => name === "place")?.choices).toEqual(["top", "bottom"]);
    expect(fields.find(({ name }) => name === "due")?.nullable).toBe(true);
  });

  test("a value of another type than the schema's is shown as JSON", () => {
    expect(fieldsOf(SCHEMA, { number: { odd: 1 } })[0]?.kind).toBe("json");
  });

  test("an argument the schema doesn't name is shown too", () => {
    expect(fieldsOf({}, { extra: 1 })).toMatchObject([{ name: "extra", kind: "json" }]);
  });

  test("long text gets room", () => {
    expect(fieldsOf(SCHEMA, { title: "a\nb" }).find(({ name }) => name === "title")?.kind).toBe("long");
  });
});

describe("a filled form", () => {
  test("left alone gives back exactly what was asked", () => {
    expect(filled({})).toEqual({ values: ASKED, errors: {}, changed: [] });
  });

  test("gives typed values and names what changed", () => {
    const { values, changed, errors } = filled({ number: "4", urgent: "true", labels: "a\n\nc", due: "2026-12-01", deep: '{"x": 2}' });
    expect(values).toMatchObject({ number: 4, urgent: true, labels: ["a", "c"], due: "2026-12-01", deep: { x: 2 } });
    expect(changed).toEqual(["number", "urgent", "due", "labels", "deep"]);
    expect(errors).toEqual({});
  });

  test.each([
    ["number", "4.5", "Write a whole number."],
    ["number", "", "Write a number."],
    ["share", "x", "Write a number."],
    ["deep", "{", "This isn't valid JSON."],
  ])("%s = %j is refused", (name, raw, message) => expect(filled({ [name]: raw }).errors).toEqual({ [name]: message }));

  test("an optional field emptied is left out, a nullable one becomes null", () => {
    const asked = { ...ASKED, share: 2, due: "2026-12-01" };
    const { values } = parseForm(fields, { ...shown, share: "", due: "" }, asked);
    expect("share" in values).toBe(false);
    expect(values["due"]).toBeNull();
  });

  test("typing back what was there is no change", () => expect(filled({ deep: '{"x":[1]}' }).changed).toEqual([]));
});
