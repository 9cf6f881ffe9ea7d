/** Lays generated tensors over a checkpoint of somebody's own: the same file with other values. */
import {
  endingOfCopy,
  type FileOptions,
  openFile,
  powerIterations,
  rewriteFile,
  singularVectors,
} from "../../checkpoints/index.ts";
import type { Layout } from "../../layout/index.ts";

/** How the networks of a run are made whole. */
export interface NetworkWriter {
  /** The tensors that are generated. */
  readonly chosen: Layout;
  /** Of the paths of networks, such as `.pth`; empty where a network is a folder. */
  readonly ending: string;
  write(path: string, generated: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** What is generated, and what follows from it. */
export interface TemplateOptions extends FileOptions {
  readonly chosen: Layout;
  /** Tensors that always have the elements of a generated one, which is given by name. */
  readonly tied?: Readonly<Record<string, string>>;
}

/**
 * Makes a writer over a checkpoint. Tensors that follow from generated ones change with them: those
 * that always have the same elements, and the vectors of spectral normalisations.
 * @throws UserError `E_CHECKPOINT` when the checkpoint cannot be read.
 */
export async function overTemplate(
  template: string,
  { chosen, tied = {}, key }: TemplateOptions,
): Promise<NetworkWriter> {
  const computed = await vectorsIn(template, chosen, { key });
  const follow = await followers(template, tied, { key });
  return {
    chosen,
    ending: await endingOfCopy(template),
    async write(path, generated) {
      const values = new Map(generated);
      for (const [name, owner] of follow) {
        const own = generated.get(owner);
        if (own !== undefined) values.set(name, own);
      }
      for (const [weight, compute] of computed) {
        const own = generated.get(weight);
        if (own !== undefined) for (const [name, vector] of compute(own)) values.set(name, vector);
      }
      await rewriteFile(template, path, values, { key });
    },
  };
}

/**
 * Tensors of a file that always equal another, and have elements of their own. Those that share
 * them in the file need nothing.
 */
async function followers(
  path: string,
  tied: Readonly<Record<string, string>>,
  options: FileOptions,
): Promise<readonly (readonly [name: string, owner: string])[]> {
  if (Object.keys(tied).length === 0) return [];
  const { tensors, close } = await openFile(path, options);
  await close();
  return Object.entries(tied).filter(([name, owner]) => {
    const [own, other] = [tensors.get(name), tensors.get(owner)];
    if (own === undefined || own.count !== other?.count) return false;
    return own.elements === undefined || own.elements.buffer !== other.elements?.buffer;
  });
}

/** Computes the vectors of a weight, by name. */
type Compute = (weight: Float32Array) => readonly (readonly [name: string, values: Float32Array])[];

/** The spectral normalisations of generated weights in a file. */
async function vectorsIn(path: string, { entries }: Layout, options: FileOptions): Promise<Map<string, Compute>> {
  const file = await openFile(path, options);
  try {
    const generated = new Map(entries.map((entry) => [entry.name, entry]));
    const read = async (name: string): Promise<Float32Array> => {
      const values = new Float32Array(file.tensors.get(name)?.count ?? 0);
      await file.readFloats(name, 0, values);
      return values;
    };
    const found = new Map<string, Compute>();
    for (const names of powerIterations(new Set(file.tensors.keys()))) {
      const entry = generated.get(names.weight);
      if (entry === undefined) continue;
      const [before, u, v] = [await read(names.weight), await read(names.u), await read(names.v)];
      found.set(names.weight, (weight) => {
        const vectors = singularVectors(weight, entry.shape, { u, v, before });
        return [
          [names.u, vectors.u],
          [names.v, vectors.v],
        ];
      });
    }
    return found;
  } finally {
    await file.close();
  }
}
