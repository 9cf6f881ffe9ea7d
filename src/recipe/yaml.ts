/**
 * Reads YAML that others wrote. Nesting is bounded before the library sees the text, because it
 * recurses, and takes time beyond all bounds for keys that are maps.
 */
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Pair, parseDocument } from "yaml";

/** The most levels of a document; recipes have about six. */
const MAX_LEVELS = 64;

/** Tokens that open a level of flow style, and that close one. */
const OPENING = new Set(["flow-map-start", "flow-seq-start"]);
const CLOSING = new Set(["flow-map-end", "flow-seq-end"]);

/** Tokens of block style that can follow one another on one line, each a level deeper. */
const INDICATORS = new Set(["explicit-key-ind", "seq-item-ind", "map-value-ind", "anchor", "tag"]);

const TOO_DEEP = `it is nested more than ${MAX_LEVELS} levels deep`;

/**
 * Reads one document. Warnings, such as for unknown tags, are errors.
 * @throws Error with a message of one line.
 */
export function parseYaml(text: string): unknown {
  checkLevels(text);
  const lines = new LineCounter();
  // Its own check of keys is quadratic, and so are its errors with lines of the text.
  const options = { logLevel: "error", uniqueKeys: false, prettyErrors: false, lineCounter: lines } as const;
  try {
    const document = parseDocument(text, options);
    const placed = (message: string, position: number): Error => {
      const { line, col } = lines.linePos(position);
      return new Error(`${message.split("\n", 1)[0]} at line ${line}, column ${col}`);
    };
    const problem = [...document.errors, ...document.warnings][0];
    if (problem?.code === "MULTIPLE_DOCS") throw new Error("it holds several documents, expected one");
    if (problem !== undefined) throw placed(problem.message, problem.pos[0]);
    checkNode(document.contents, { level: 1, around: [], placed });
    return document.toJS();
  } catch (error) {
    // What little of nesting is left for the library to recurse on.
    throw error instanceof RangeError || /call stack/.test((error as Error).message) ? new Error(TOO_DEEP) : error;
  }
}

/** Refuses brackets within brackets, and levels on one line, that are too many. */
function checkLevels(text: string): void {
  let brackets = 0;
  let onLine = 0;
  let isContent = false;
  for (const token of new Lexer().lex(text)) {
    const type = isContent ? "content" : CST.tokenType(token);
    isContent = token === CST.SCALAR;
    if (type === null) continue;
    if (OPENING.has(type)) brackets++;
    else if (CLOSING.has(type)) brackets--;
    else if (type === "newline") onLine = 0;
    else if (brackets === 0 && INDICATORS.has(type)) onLine++;
    if (Math.max(brackets, onLine) > MAX_LEVELS) throw new Error(TOO_DEEP);
  }
}

/** What the check of a node knows. */
interface Place {
  readonly level: number;
  /** Anchors of the nodes around it. */
  readonly around: readonly string[];
  readonly placed: (message: string, position: number) => Error;
}

/** Refuses keys that are no plain values or come twice, and values that contain themselves. */
function checkNode(node: unknown, { level, around, placed }: Place): void {
  if (level > MAX_LEVELS) throw new Error(TOO_DEEP);
  if (isAlias(node) && around.includes(node.source))
    throw placed(`the alias ${node.source} is within what it stands for`, node.range?.[0] ?? 0);
  if (!isSeq(node) && !isMap(node)) return;
  const within = node.anchor === undefined ? around : [...around, node.anchor];
  const below = { level: level + 1, around: within, placed };
  if (isSeq(node)) for (const item of node.items) checkNode(item, below);
  if (!isMap(node)) return;
  const keys = new Set<unknown>();
  for (const { key, value } of node.items as Pair[]) {
    const position = (key as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
    if (!isScalar(key)) throw placed("a key is a list or a map, expected a name", position);
    if (keys.has(key.value)) throw placed("Map keys must be unique", position);
    keys.add(key.value);
    checkNode(value, below);
  }
}
