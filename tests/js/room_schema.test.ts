import { describe, expect, test } from "vitest";
import { byField, fieldsOf, parseForm, rawOf } from "../../sessions/ui/schema";
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
    level: { enum: [1, 2, 3] },
    always: { const: "yes" },
    mixed: { enum: ["a", null] },
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
      level: "choice",
      always: "choice",
      mixed: "json",
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

  test("a patch is shown as code, and edited as text", () => {
    const schema = { type: "object", properties: { diff: { type: "string", contentMediaType: "text/x-diff" } }, required: ["diff"] };
    const fields = fieldsOf(schema, { diff: "-a\n+b\n" });
    expect(fields[0]?.kind).toBe("code");
    expect(parseForm(fields, { diff: "-a\n+c\n" }, { diff: "-a\n+b\n" })).toEqual({ values: { diff: "-a\n+c\n" }, errors: {}, changed: ["diff"] });
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

  test("a choice keeps the type it has in the schema", () => expect(filled({ level: "2" }).values["level"]).toBe(2));

  test.each<[JsonObject, string, string]>([
    [{ type: "integer", minimum: 1 }, "0", "This must be 1 or more."],
    [{ type: "integer", maximum: 2_000_000 }, "3000000", "This must be 2,000,000 or less."],
    [{ type: "number", exclusiveMinimum: 0 }, "0", "This must be more than 0."],
    [{ type: "number", exclusiveMaximum: 1 }, "1", "This must be less than 1."],
    [{ type: "string", minLength: 1 }, "", "This must not be empty."],
    [{ type: "string", maxLength: 3 }, "🙂🙂🙂🙂", "That's too long: 4 of 3 characters."],
    [{ type: "array", items: { type: "string" }, minItems: 2 }, "a", "This must have 2 lines or more."],
    [{ type: "array", items: { type: "string" }, maxItems: 1 }, "a\nb", "This must have 1 line or less."],
  ])("%j refuses %j", (schema, raw, message) => {
    const [field] = fieldsOf({ properties: { x: schema }, required: ["x"] }, {});
    expect(parseForm([field!], { x: raw }, { x: schema["type"] === "array" ? ["before"] : "before" }).errors).toEqual({ x: message });
  });

  test("what the server says of the inside of a value stands under its field", () => {
    expect(byField({ "labels.1": "Too long.", title: "Missing." })).toEqual({ labels: "Too long.", title: "Missing." });
  });

  test("typing back what was there is no change", () => expect(filled({ deep: '{"x":[1]}' }).changed).toEqual([]));
});
