/** docs/reference/files.md: what commands and runs write, and what programs may rely on. */
import type { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../../src/recipe/keys.ts";
import { audit } from "../../src/records/audit.ts";
import { results } from "../../src/records/results.ts";
import { SCHEMA_VERSION } from "../../src/records/version.ts";
import { FILES_INTRODUCTION } from "./files-introduction.ts";
import { code, table } from "./markdown.ts";
import { commentAt, describedRecord } from "./record-comments.ts";

/** Summaries that many fields are, by their keys. */
const SUMMARIES: Readonly<Record<string, string>> = {
  "value,low,high": "interval",
  "low,median,high": "quantiles",
  "mean,best,median,sd": "spread",
};

const variantsOf = ({ anyOf = [], oneOf = [] }: JsonSchema): readonly JsonSchema[] => [...anyOf, ...oneOf];

/** The type of a field. */
function typeOf(node: JsonSchema): string {
  const variants = variantsOf(node);
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(" or ");
  if (node.const !== undefined) return code(String(node.const));
  if (node.enum !== undefined) return node.enum.map((value) => code(JSON.stringify(value))).join(", ");
  if (node.prefixItems !== undefined) return `[${node.prefixItems.map(typeOf).join(", ")}]`;
  if (node.type === "array") return `array of ${typeOf(node.items ?? {})}`;
  const summary = SUMMARIES[Object.keys(node.properties ?? {}).join(",")];
  return summary ?? [node.type ?? "any"].flat().join(" or ");
}

/** A field with its path, and the path of an earlier one with the same fields in it. */
interface Field {
  readonly path: string;
  readonly node: JsonSchema;
  readonly as?: string;
}

/** What is in a field, which may also be null or in an array, as text to compare it by. */
function contentOf(node: JsonSchema): string {
  const [inside = node] = variantsOf(node).filter(({ type }) => type !== "null");
  return JSON.stringify((typeof inside.items === "object" ? inside.items : inside).properties);
}

/**
 * The fields of a node, in their order; those inside of equal ones only once.
 * @param known the paths of objects so far, by what is in them.
 */
function fieldsOf(node: JsonSchema, known: Map<string, string>, path = ""): Field[] {
  if (SUMMARIES[Object.keys(node.properties ?? {}).join(",")] !== undefined) return [];
  const own = Object.entries(node.properties ?? {}).flatMap(([key, inner]): Field[] => {
    const at = path === "" ? key : `${path}.${key}`;
    const as = known.get(contentOf(inner));
    if (as !== undefined) return [{ path: at, node: inner, as }];
    const inside = fieldsOf(inner, known, at);
    if (inside.length > 1) known.set(contentOf(inner), at);
    return [{ path: at, node: inner }, ...inside];
  });
  const { items, additionalProperties: values } = node;
  return [
    ...own,
    ...variantsOf(node).flatMap((variant) => fieldsOf(variant, known, path)),
    ...(typeof items === "object" ? fieldsOf(items, known, `${path}[]`) : []),
    ...(typeof values === "object" ? fieldsOf(values, known, `${path}.NAME`) : []),
  ];
}

/** The fields of a record as a table. */
function recordTable(schema: z.ZodType, name: string): string {
  const record = describedRecord(name);
  const rows = fieldsOf(jsonSchemaOf(schema), new Map()).map(({ path, node, as }) => [
    code(path),
    as === undefined ? typeOf(node) : `${typeOf(node)}, as ${code(as)}`,
    commentAt(record, path),
  ]);
  return table(["field", "type", "meaning"], rows);
}

/** The page. */
export const filesPage = (): string => `${FILES_INTRODUCTION.replace("VERSION", String(SCHEMA_VERSION))}
## evaluation/results.json

What the evaluation found.

${recordTable(results, "results")}

## evaluation/audit.json

What the audit found; [the method](../method.md#the-audit) defines each quantity.

${recordTable(audit, "audit")}
`;
