/**
 * The comments of the fields of records, by path, which this reads from the source of
 * `src/records/`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = fileURLToPath(new URL("../../src/records", import.meta.url));

/** A field or a record: what is said of it, and the fields in it. */
interface Described {
  readonly comment: string;
  readonly fields: ReadonlyMap<string, Described>;
}

/** The file of summaries such as intervals, whose comments say nothing of a field. */
const SUMMARIES = "statistics.ts";

const nothing: Described = { comment: "", fields: new Map() };

/** The text of the comment above a node, on one line. */
function commentOf(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = comment?.comment;
  return (typeof text === "string" ? text : (ts.getTextOfJSDocComment(text) ?? "")).replace(/\s+/g, " ").trim();
}

const isSummary = (statement: ts.Statement): boolean => statement.getSourceFile().fileName === SUMMARIES;

/** All constants of the room, each with the statement that has its comment. */
function constants(): ReadonlyMap<string, { readonly value: ts.Expression; readonly comment: string }> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const sources = files.map((name) =>
    ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true),
  );
  return new Map(
    sources
      .flatMap((source) => source.statements.filter(ts.isVariableStatement))
      .flatMap((statement) =>
        statement.declarationList.declarations.flatMap(({ name, initializer }) =>
          initializer === undefined
            ? []
            : [[name.getText(), { value: initializer, comment: isSummary(statement) ? "" : commentOf(statement) }]],
        ),
      ),
  );
}

/** What the constants of the room say of the fields of one of them. */
export function describedRecord(name: string): Described {
  const known = constants();
  const named = (constant: string): Described => {
    const found = known.get(constant);
    if (found === undefined) return nothing;
    return { ...described(found.value), comment: found.comment };
  };
  const described = (expression: ts.Expression): Described => {
    if (ts.isIdentifier(expression)) return named(expression.text);
    if (ts.isObjectLiteralExpression(expression)) return { comment: "", fields: fieldsOf(expression) };
    if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return nothing;
    const { expression: on, name: method } = expression.expression;
    const argument = expression.arguments.at(method.text === "record" ? 1 : 0);
    if (method.text === "extend" && argument !== undefined)
      return { comment: "", fields: new Map([...described(on).fields, ...described(argument).fields]) };
    const isOfZod = ts.isIdentifier(on) && on.text === "z";
    return isOfZod ? (argument === undefined ? nothing : described(argument)) : described(on);
  };
  const fieldsOf = (object: ts.ObjectLiteralExpression): Map<string, Described> =>
    new Map(
      object.properties.flatMap((property): [string, Described][] => {
        const isShort = ts.isShorthandPropertyAssignment(property);
        if (!isShort && !ts.isPropertyAssignment(property)) return [];
        const inside = isShort ? named(property.name.text) : described(property.initializer);
        return [[property.name.getText(), { ...inside, comment: commentOf(property) || inside.comment }]];
      }),
    );
  return named(name);
}

/** The comment of the field at a path such as `groups[].score.mean`; empty where there is none. */
export const commentAt = (record: Described, path: string): string =>
  path
    .replaceAll("[]", "")
    .split(".")
    .filter((key) => key !== "NAME")
    .reduce<Described>((at, key) => at.fields.get(key) ?? nothing, record).comment;
