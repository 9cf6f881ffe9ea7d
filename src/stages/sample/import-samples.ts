/**
 * Samples of another generator: copies the generated tensors of its files into the run, as the
 * stage `collect` does with originals. Copies among them are kept, because a generator that repeats
 * itself is a finding.
 */
import { hasOtherElements, openFile, type ReadElements, tensorsToGenerate } from "../../checkpoints/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { remove, sha256File } from "../../files/index.ts";
import { type Layout, type LayoutEntry, nameFinder } from "../../layout/index.ts";
import { get } from "../../lookup.ts";
import { checkpointPath, progressItem, tensorsUnder } from "../../run/index.ts";
import { showAll } from "../../show.ts";
import { ownTemplate, tiedTensors } from "../collect/files.ts";
import { importCheckpoint } from "../collect/import-checkpoints.ts";
import { hasTask, type RunContext } from "../context.ts";
import { type Naming, sampleFiles } from "./sample-files.ts";

/** A file of samples as it was read. */
export interface SampleSource {
  readonly file: string;
  readonly sha256: string;
}

/** What an import of samples found. */
export interface ImportedSamples {
  readonly sources: readonly SampleSource[];
  /** Tensors that are not compared, and differ from those that every network is measured with. */
  readonly differing: readonly string[];
}

/** A tensor that is not generated, and what its elements are in the run. */
interface OtherTensor {
  readonly entry: LayoutEntry;
  /** Reads them; or the generated tensor of the same file whose elements it has. */
  readonly expected: ReadElements | LayoutEntry;
}

/** What files of samples are compared with. */
interface Reference {
  readonly others: readonly OtherTensor[];
  readonly close: () => Promise<void>;
}

/**
 * Imports the samples that the recipe names.
 * @param chosen the generated tensors.
 * @throws UserError `E_CHECKPOINT` naming the file, its tensor, what it is and what was expected,
 *   where one does not fit; where there are fewer than the recipe says; or one is not finite.
 * @throws Interrupted when the run's signal aborts.
 */
export async function importSamples(context: RunContext, chosen: Layout): Promise<ImportedSamples> {
  const { recipe, paths: p, signal } = context;
  const { count, key } = recipe.sample;
  const { files, naming, open, notes } = await sampleFiles(recipe, chosen);
  for (const note of notes) await context.note(note);
  // Copies of an import that did not end may be of other files than the recipe names now.
  await remove(p.samples);
  const reference = await referenceOf(context, chosen);
  const differing = new Set<string>();
  const sources: SampleSource[] = [];
  try {
    for (const [i, file] of files.entries()) {
      const path = checkpointPath(p.samples, i + 1, count);
      const metadata = { sample: String(i + 1) };
      await importCheckpoint(file, path, { layout: chosen, open, metadata });
      for (const name of await differingIn(file, reference.others, { chosen, key, naming })) differing.add(name);
      sources.push({ file, sha256: await sha256File(file) });
      await context.progress(progressItem("copy-samples"), i + 1, count);
      throwIfAborted(signal);
    }
  } finally {
    await reference.close();
  }
  if (differing.size > 0)
    await context.warn(
      `samples differ from the originals in tensors that are not compared: ${showAll([...differing])}; every network, samples too, is measured with those of one original, so no sample is measured as it is; where originals differ in them, too, select them as well (zoo.select, --select)`,
    );
  return { sources, differing: [...differing] };
}

/** What samples are compared with: the base network, or the checkpoint that is kept whole. */
async function referenceOf(context: RunContext, chosen: Layout): Promise<Reference> {
  const { paths: p, recipe } = context;
  const generated = new Map(chosen.entries.map((entry) => [entry.name, entry]));
  const isOther = ({ name }: LayoutEntry) => !generated.has(name);
  if (hasTask(context)) {
    const { network } = await context.task();
    const base = await tensorsUnder(p, chosen, network.layout);
    return {
      others: network.layout.entries.filter(isOther).map((entry) => ({
        entry,
        expected: async (start, into) => into.set(get(base, entry.name).subarray(start, start + into.length)),
      })),
      close: async () => {},
    };
  }
  const template = await openFile(await ownTemplate(p), { key: recipe.zoo.key });
  const tied = await tiedTensors(p);
  const elements =
    (name: string): ReadElements =>
    (start, into) =>
      template.readFloats(name, start, into);
  return {
    others: tensorsToGenerate(template.tensors, "all")
      .entries.filter(isOther)
      .flatMap((entry): OtherTensor[] => {
        const owner = generated.get(tied[entry.name] ?? "");
        if (owner === undefined) return [{ entry, expected: elements(entry.name) }];
        // Of one that has a part of a generated tensor's elements, nothing says which part.
        return owner.size === entry.size ? [{ entry, expected: owner }] : [];
      }),
    close: template.close,
  };
}

/** How a file is read. */
interface FileReading {
  readonly chosen: Layout;
  readonly key: string | undefined;
  readonly naming: Naming;
}

/** Tensors of a file that are not generated, and have other elements than those of the run. */
async function differingIn(
  path: string,
  others: readonly OtherTensor[],
  { chosen, key, naming: { namesOf, names } }: FileReading,
): Promise<string[]> {
  const file = await openFile(path, { key });
  const nameOf = nameFinder(file.tensors, chosen.entries, namesOf, names);
  const found: string[] = [];
  try {
    for (const { entry, expected } of others) {
      const name = nameOf(entry);
      const owner = typeof expected === "function" ? undefined : nameOf(expected);
      const read: ReadElements | undefined =
        typeof expected === "function"
          ? expected
          : owner === undefined
            ? undefined
            : (start, into) => file.readFloats(owner, start, into);
      if (name === undefined || read === undefined) continue;
      if (await hasOtherElements(file, { name, count: entry.size, read })) found.push(entry.name);
    }
  } finally {
    await file.close();
  }
  return found;
}
