/**
 * What differs between the checkpoints of a set: tensors that are the same in all, and tensors that
 * always equal another, as the output layer of a language model often is its embedding.
 */
import { get } from "../lookup.ts";
import type { CheckpointFile, FileOptions, StoredTensor } from "./formats/checkpoint-file.ts";
import { ALL_DECODERS, DECODERS } from "./formats/dtypes.ts";
import { openFile } from "./formats/open-file.ts";
import { type ReadElements, sameElements } from "./same-elements.ts";

/** What differs between checkpoints. */
export interface Survey {
  /** Tensors whose elements are not the same in all files. */
  readonly varying: ReadonlySet<string>;
  /** Tensors whose elements are those of another, or a part of them; by name the other. */
  readonly tied: ReadonlyMap<string, string>;
}

/**
 * Compares the tensors of the first of some checkpoints with those of the others. One that another
 * lacks counts as varying.
 * @throws UserError `E_CHECKPOINT` where one cannot be read.
 */
export async function surveyFiles(files: readonly string[], options: FileOptions = {}): Promise<Survey> {
  const [path = "", ...rest] = files;
  const first = await openFile(path, options);
  try {
    const still = new Set([...first.tensors].flatMap(([name, { dtype }]) => (ALL_DECODERS.has(dtype) ? [name] : [])));
    const all = [...still];
    const shared = sharedElements(first.tensors);
    const pairs = await equalPairs(first, new Set(shared.keys()));
    for (const file of rest) {
      const other = await openFile(file, options);
      try {
        const has = (name: string) => other.tensors.get(name)?.count === countOf(first, name);
        for (const name of still)
          if (
            !has(name) ||
            !(await sameElements(elementsOf(first, name), elementsOf(other, name), countOf(first, name)))
          )
            still.delete(name);
        for (const [name, of] of pairs)
          if (
            !has(name) ||
            !has(of) ||
            !(await sameElements(elementsOf(other, name), elementsOf(other, of), countOf(first, name)))
          )
            pairs.delete(name);
      } finally {
        await other.close();
      }
    }
    const varying = new Set(all.filter((name) => !still.has(name)));
    // Tensors that never change are equal by chance, as the ones of two normalisations are.
    return { varying, tied: new Map([...shared, ...[...pairs].filter(([name]) => varying.has(name))]) };
  } finally {
    await first.close();
  }
}

const countOf = ({ tensors }: CheckpointFile, name: string): number => get(tensors, name).count;

const elementsOf =
  (file: CheckpointFile, name: string): ReadElements =>
  (start, into) =>
    file.readFloats(name, start, into);

/** Tensors whose elements lie within those of another; of two that are the same, the later one. */
function sharedElements(tensors: ReadonlyMap<string, StoredTensor>): Map<string, string> {
  const byBuffer = new Map<string, [string, StoredTensor][]>();
  for (const [name, tensor] of tensors) {
    const buffer = tensor.count > 0 ? tensor.elements?.buffer : undefined;
    if (buffer !== undefined) byBuffer.set(buffer, [...(byBuffer.get(buffer) ?? []), [name, tensor]]);
  }
  const found = new Map<string, string>();
  for (const sharing of byBuffer.values()) {
    // The sort is stable: of tensors of one size, the first in the file leads.
    const owners = sharing.toSorted(([, a], [, b]) => rank(b) - rank(a));
    for (const [i, [name, tensor]] of owners.entries()) {
      const owner = owners.slice(0, i).find(([, other]) => holdsAll(other, tensor));
      if (owner !== undefined) found.set(name, owner[0]);
    }
  }
  return found;
}

/** Larger tensors lead, and of those of one size the dense ones. */
const rank = ({ count, elements }: StoredTensor): number => 2 * count + Number(elements?.dense === true);

const holdsAll = (owner: StoredTensor, part: StoredTensor): boolean =>
  owner.dtype === part.dtype &&
  owner.elements !== undefined &&
  part.elements !== undefined &&
  owner.elements.dense &&
  owner.elements.begin <= part.elements.begin &&
  owner.elements.end >= part.elements.end;

/** Elements that tell most tensors apart. */
const PRINT = 64;

/**
 * Tensors of one shape with equal elements in a file, each with the first of them. Single numbers
 * are left out: they are equal by chance.
 */
async function equalPairs(file: CheckpointFile, known: ReadonlySet<string>): Promise<Map<string, string>> {
  const alike = new Map<string, string[]>();
  for (const [name, { dtype, shape, count }] of file.tensors) {
    if (count < 2 || !DECODERS.has(dtype) || known.has(name)) continue;
    const start = new Float32Array(Math.min(PRINT, count));
    await file.readFloats(name, 0, start);
    const print = `${dtype} ${shape} ${Buffer.from(start.buffer).toString("latin1")}`;
    alike.set(print, [...(alike.get(print) ?? []), name]);
  }
  const pairs = new Map<string, string>();
  for (const [leader = "", ...others] of alike.values())
    for (const name of others)
      if (await sameElements(elementsOf(file, name), elementsOf(file, leader), countOf(file, name)))
        pairs.set(name, leader);
  return pairs;
}
