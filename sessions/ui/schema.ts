/** A form from a tool's JSON Schema: simple types get fields of their own, everything deeper is JSON text. Pure. */
import { length, plural } from "../../project/ui/text";
import { humanise, parseJson } from "./tool_words";
import type { Json, JsonObject } from "./types";

export type FieldKind = "text" | "long" | "code" | "number" | "integer" | "boolean" | "choice" | "date" | "list" | "json";

export interface SchemaField {
  name: string;
  label: string;
  kind: FieldKind;
  hint: string;
  required: boolean;
  nullable: boolean;
  choices: Json[];
  /** What a value of the field must keep to besides its type. */
  bounds: JsonObject;
}

export interface Parsed {
  values: JsonObject;
  errors: Record<string, string>;
  /** Names of fields that differ from what was asked for. */
  changed: string[];
}

const LONG = 80;

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Follow `$ref` into `$defs` and look through a union with null. */
function resolve(schema: JsonObject, root: JsonObject): { schema: JsonObject; nullable: boolean } {
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const target = reference.split("/").slice(1).reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), root);
    return isObject(target) ? resolve({ ...target, ...without(schema, "$ref") }, root) : { schema: {}, nullable: false };
  }
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(options)) return { schema, nullable: false };
  const real = options.filter((option): option is JsonObject => isObject(option) && option["type"] !== "null");
  const nullable = real.length < options.length;
  if (real.length !== 1) return { schema: {}, nullable };
  return { schema: { ...resolve(real[0]!, root).schema, ...without(without(schema, "anyOf"), "oneOf") }, nullable };
}

function without(record: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = record;
  return rest;
}

const KINDS: Record<string, FieldKind> = { string: "text", number: "number", integer: "integer", boolean: "boolean" };

/** The values there are to choose from; none where one of them is a list or an object, which reads better as JSON. */
function choicesOf(schema: JsonObject): Json[] {
  const choices = "const" in schema ? [schema["const"]!] : schema["enum"];
  return Array.isArray(choices) && choices.every((each) => each !== null && typeof each !== "object") ? choices : [];
}

function kindOf(schema: JsonObject, value: Json | undefined): FieldKind {
  if (choicesOf(schema).length > 0) return "choice";
  if (schema["type"] === "array") return isObject(schema["items"]) && schema["items"]["type"] === "string" ? "list" : "json";
  const kind = KINDS[String(schema["type"])];
  if (kind !== "text") return kind ?? "json";
  if (schema["format"] === "date") return "date";
  if (schema["contentMediaType"] === "text/x-diff") return "code";
  const isLong = typeof value === "string" && (value.length > LONG || value.includes("\n"));
  return isLong ? "long" : "text";
}

function matches(kind: FieldKind, value: Json | undefined, choices: Json[]): boolean {
  if (value === undefined || value === null || kind === "json") return true;
  if (kind === "choice") return choices.includes(value);
  if (kind === "list") return Array.isArray(value) && value.every((each) => typeof each === "string" && !each.includes("\n"));
  if (kind === "number" || kind === "integer") return typeof value === "number";
  return typeof value === (kind === "boolean" ? "boolean" : "string");
}

/** The fields of an object schema, in its order; a value of another type than the schema's is shown as JSON. */
export function fieldsOf(root: JsonObject, values: JsonObject): SchemaField[] {
  const properties = isObject(root["properties"]) ? root["properties"] : {};
  const required = Array.isArray(root["required"]) ? root["required"] : [];
  const names = [...new Set([...Object.keys(properties), ...Object.keys(values)])];
  return names.map((name) => {
    const property = properties[name];
    const { schema, nullable } = resolve(isObject(property) ? property : {}, root);
    const kind = kindOf(schema, values[name]);
    const choices = choicesOf(schema);
    return {
      name,
      label: typeof schema["title"] === "string" ? schema["title"] : humanise(name),
      kind: matches(kind, values[name], choices) ? kind : "json",
      hint: typeof schema["description"] === "string" ? schema["description"] : "",
      required: required.includes(name),
      nullable,
      choices,
      bounds: schema,
    };
  });
}

/** What a field's control shows for a value. */
export function rawOf(field: SchemaField, value: Json | undefined): string {
  if (value === undefined || value === null) return field.kind === "json" && value === null ? "null" : "";
  if (field.kind === "list") return (value as string[]).join("\n");
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

const MISSING = Symbol("missing");

function parseNumber(field: SchemaField, raw: string): number | string {
  const value = Number(raw.trim());
  if (raw.trim() === "" || !Number.isFinite(value)) return "Write a number.";
  if (field.kind === "integer" && !Number.isSafeInteger(value)) return "Write a whole number.";
  return value;
}

type Bound = (limit: number, value: Json) => string | null;

/** The length of a text as the schema counts it; not a number for what has none. */
function sizeOf(value: Json): number {
  return Array.isArray(value) ? value.length : typeof value === "string" ? length(value) : Number.NaN;
}

const asNumber = (value: Json) => (typeof value === "number" ? value : Number.NaN);

const BOUNDS: Record<string, Bound> = {
  minimum: (limit, value) => (asNumber(value) < limit ? `This must be ${limit.toLocaleString("en")} or more.` : null),
  maximum: (limit, value) => (asNumber(value) > limit ? `This must be ${limit.toLocaleString("en")} or less.` : null),
  exclusiveMinimum: (limit, value) => (asNumber(value) <= limit ? `This must be more than ${limit.toLocaleString("en")}.` : null),
  exclusiveMaximum: (limit, value) => (asNumber(value) >= limit ? `This must be less than ${limit.toLocaleString("en")}.` : null),
  minLength: (limit, value) => (sizeOf(value) < limit ? (limit === 1 ? "This must not be empty." : `This must have ${plural(limit, "character")} or more.`) : null),
  maxLength: (limit, value) => (sizeOf(value) > limit ? `That's too long: ${sizeOf(value).toLocaleString("en")} of ${plural(limit, "character")}.` : null),
  minItems: (limit, value) => (sizeOf(value) < limit ? `This must have ${plural(limit, "line")} or more.` : null),
  maxItems: (limit, value) => (sizeOf(value) > limit ? `This must have ${plural(limit, "line")} or less.` : null),
};

/** What is wrong with a value of the right type; the server has the last word on everything else. */
function outOfBounds({ bounds }: SchemaField, value: Json): string | null {
  for (const [name, check] of Object.entries(BOUNDS)) {
    const limit = bounds[name];
    const problem = typeof limit === "number" ? check(limit, value) : null;
    if (problem) return problem;
  }
  return null;
}

type Outcome = { value: Json | typeof MISSING } | { error: string };

function parseField(field: SchemaField, raw: string): Outcome {
  const blank = raw.trim() === "";
  if (blank && field.nullable) return { value: null };
  if (blank && !field.required && field.kind !== "list") return { value: MISSING };
  if (field.kind === "number" || field.kind === "integer") {
    const value = parseNumber(field, raw);
    return typeof value === "string" ? { error: value } : { value };
  }
  if (field.kind === "boolean") return { value: raw === "true" };
  if (field.kind === "choice") return { value: field.choices.find((choice) => String(choice) === raw) ?? raw };
  if (field.kind === "list") return { value: raw.split("\n").filter((line) => line.trim() !== "") };
  if (field.kind === "json") {
    const value = parseJson(raw);
    return value === undefined ? { error: "This isn't valid JSON." } : { value };
  }
  return blank && field.kind !== "long" && field.kind !== "code" && field.kind !== "text" ? { error: "This must not be empty." } : { value: raw };
}

function checked(field: SchemaField, outcome: Outcome): Outcome {
  if ("error" in outcome || outcome.value === MISSING || outcome.value === null) return outcome;
  const error = outOfBounds(field, outcome.value as Json);
  return error ? { error } : outcome;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The arguments a filled form stands for. A field left as it was keeps the very value that was asked for. */
export function parseForm(fields: SchemaField[], raws: Record<string, string>, asked: JsonObject): Parsed {
  const parsed: Parsed = { values: {}, errors: {}, changed: [] };
  for (const field of fields) {
    const raw = raws[field.name] ?? "";
    if (raw === rawOf(field, asked[field.name])) {
      if (field.name in asked) parsed.values[field.name] = asked[field.name]!;
      continue;
    }
    const outcome = checked(field, parseField(field, raw));
    if ("error" in outcome) parsed.errors[field.name] = outcome.error;
    else if (outcome.value !== MISSING) parsed.values[field.name] = outcome.value as Json;
    if (!isSame(parsed.values[field.name], asked[field.name])) parsed.changed.push(field.name);
  }
  return parsed;
}

/** The server's messages by field: what is wrong deep in a value stands under the field that holds it. */
export function byField(messages: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(messages).map(([path, message]) => [path.split(".", 1)[0]!, message]));
}
