/**
 * The selection of tensors to generate, as text: `all`, `last-norms:2`, `head.*`, or several terms.
 *
 * - `all`: every tensor;
 * - `last-norms:N`: weight and bias of the last N normalisation layers;
 * - `last-layers:N`: every tensor of the last N layers;
 * - anything else: tensor names, where `*` matches any characters, dots included, and `?` one;
 * - any of these after a `!`: removes these tensors.
 *
 * Only `all` selects running statistics. If a part is generated, they stay those of the base
 * network, as in the paper.
 *
 * A layer is a group of tensors with the same name up to the last dot. Layers count in the order in
 * which their first tensor is declared.
 */
import { nearest, UserError } from "../errors.ts";
import { isStatistic } from "../graph/index.ts";
import { show, showAll } from "../show.ts";
import type { Layout, LayoutEntry } from "./layout.ts";

/**
 * The tensors that a selection names, in the layout's order.
 * @param selection terms separated by commas, or a list of terms; each adds tensors, or removes
 *   them after a `!`.
 * @throws UserError `E_CONFIG` on a malformed term, one that matches nothing, one that asks for
 *   more layers than there are, and on a selection that leaves nothing.
 */
export function select(layout: Layout, selection: string | readonly string[]): readonly LayoutEntry[] {
  const terms = (typeof selection === "string" ? selection.split(",") : selection).map((term) => term.trim());
  const chosen = new Set<LayoutEntry>();
  for (const [index, term] of terms.entries()) {
    const removing = term.startsWith("!");
    if (removing && index === 0)
      throw new UserError(
        "E_CONFIG",
        `a selection cannot start with a removal, got ${show(term)}; write all,${show(term)}`,
      );
    const candidates = removing || term === "all" ? layout.entries : layout.entries.filter(isParameter);
    for (const entry of matches(candidates, removing ? term.slice(1) : term)) {
      if (removing) chosen.delete(entry);
      else chosen.add(entry);
    }
  }
  if (chosen.size === 0)
    throw new UserError("E_CONFIG", `the selection ${show(terms.join(","))} leaves no tensor; remove fewer`);
  return layout.entries.filter((entry) => chosen.has(entry));
}

/** The entries that one term names, at least one. */
function matches(entries: readonly LayoutEntry[], term: string): readonly LayoutEntry[] {
  if (term === "")
    throw new UserError(
      "E_CONFIG",
      "a selection has an empty term; expected all, last-norms:N, last-layers:N or names",
    );
  if (term === "all") return entries;
  const [, which, count = ""] = /^last-(norms|layers):(.*)$/.exec(term) ?? [];
  if (which === "norms") return lastLayers(term, count, entries.filter(isNormAffine), "normalisation layers");
  if (which === "layers") return lastLayers(term, count, entries, "layers");
  const pattern = [...term];
  const found = entries.filter(({ name }) => matchesGlob(pattern, [...name]));
  if (found.length === 0) throw nothingMatches(term, entries);
  return found;
}

const isParameter = ({ kind }: LayoutEntry): boolean => !isStatistic(kind);

const lastDot = ({ name }: LayoutEntry): number => name.lastIndexOf(".");

/** Whether an entry is the weight or bias of a normalisation layer. */
function isNormAffine(entry: LayoutEntry): boolean {
  return entry.kind === "norm" && ["weight", "bias"].includes(entry.name.slice(lastDot(entry) + 1));
}

function lastLayers(term: string, count: string, entries: readonly LayoutEntry[], what: string): LayoutEntry[] {
  const layerOf = (entry: LayoutEntry) => entry.name.slice(0, Math.max(0, lastDot(entry)));
  const layers = [...new Set(entries.map(layerOf))];
  if (!/^[1-9]\d*$/.test(count))
    throw new UserError("E_CONFIG", `selection ${show(term)} needs a whole number from 1 after the colon`);
  if (Number(count) > layers.length)
    throw new UserError(
      "E_CONFIG",
      `selection ${show(term)} asks for more ${what} than the ${layers.length} there are; lower the number or choose tensors by name`,
    );
  const last = new Set(layers.slice(-Number(count)));
  return entries.filter((entry) => last.has(layerOf(entry)));
}

/**
 * Whether a name matches a pattern, both as characters. Only the last `*` needs to be tried again,
 * because it can absorb all that an earlier one could, so a match takes at most length × length
 * steps.
 */
export function matchesGlob(pattern: readonly string[], name: readonly string[]): boolean {
  let p = 0;
  let star = -1;
  let absorbed = 0;
  for (let n = 0; n < name.length; ) {
    if (pattern[p] === "*") {
      star = p++;
      absorbed = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++absorbed;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function nothingMatches(term: string, entries: readonly LayoutEntry[]): UserError {
  const names = entries.map(({ name }) => name);
  // The edit distance is at least the difference in length, and costly for names of thousands of
  // characters.
  const similar = names.filter((name) => Math.abs(name.length - term.length) <= term.length / 3 + 1);
  const near = nearest(term, [...similar, "all", "last-norms:1", "last-layers:1"]);
  const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
  return new UserError("E_CONFIG", `selection ${show(term)} matches no tensor.${hint} Tensors: ${showAll(names)}.`);
}
