/**
 * Builds the network that a recipe names: a built-in one, or one read from an exported ONNX file.
 */
import { closeSync, existsSync, readFileSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";

import { UserError } from "../errors.ts";
import { openRegularSync, readProblem } from "../files/index.ts";
import { type OnnxModel, parseOnnx } from "../graph/index.ts";
import { type Network, network, onnxNetwork } from "../networks/index.ts";
import { type AnyRecipe, hasNetwork, type Recipe } from "../recipe/index.ts";
import type { Paths } from "../run/index.ts";

/**
 * Bytes of a model, and of one tensor in a file beside it, at most: what protobuf and one buffer
 * can hold.
 */
const MAX_BYTES = 2 ** 31 - 1;

/** A file as it was read: its path, when it was last changed, and its size in bytes. */
interface ReadFile {
  readonly path: string;
  readonly changed: number;
  readonly size: number;
}

/**
 * Networks by the path of their model, because a run asks for its own again and again. A network
 * counts only as long as none of the files that it was read from has changed.
 */
const cache = new Map<string, ReadNetwork>();

interface ReadNetwork {
  readonly network: Network;
  readonly model: OnnxModel;
  readonly files: readonly ReadFile[];
}

function isUnchanged({ path, changed, size }: ReadFile): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.mtimeMs === changed && status.size === size;
}

/**
 * The network of a recipe.
 * @throws UserError `E_CHECKPOINT` when its file cannot be read, or holds operators that are not
 *   known here.
 */
export function networkOf(options: Recipe["network"]): Network {
  return options.name === "onnx" ? readNetwork(options.file).network : network(options);
}

/**
 * The exported model of a recipe's network; undefined where the network is one of this project.
 * @throws UserError as `networkOf`.
 */
export function modelOf(options: Recipe["network"]): OnnxModel | undefined {
  return options.name === "onnx" ? readNetwork(options.file).model : undefined;
}

function readNetwork(path: string): ReadNetwork {
  const file = resolve(path);
  const known = cache.get(file);
  if (known?.files.every(isUnchanged)) return known;
  const files: ReadFile[] = [];
  const model = readModel(file, files);
  const found = { network: onnxNetwork(model), model, files };
  cache.set(file, found);
  return found;
}

/**
 * The recipe with the path of the run's own copy of its network, if there is one, so that a run
 * continues wherever its folder is moved.
 */
export function withOwnNetwork(recipe: AnyRecipe, p: Paths): AnyRecipe {
  if (!hasNetwork(recipe) || recipe.network.name !== "onnx" || !existsSync(p.network)) return recipe;
  return { ...recipe, network: { ...recipe.network, file: p.network } };
}

/**
 * Reads an ONNX model with its external data.
 * @param files each file that is read is added to it.
 */
function readModel(path: string, files: ReadFile[]): OnnxModel {
  const refuse = (problem: string): never => {
    throw new UserError("E_CHECKPOINT", `${path}: ${problem}; export the model again, or give the path of another one`);
  };
  const bytes = withRegular(path, refuse, (descriptor, { mtimeMs, size }) => {
    if (size > MAX_BYTES) return refuse(`it has ${size} bytes, and an ONNX model at most ${MAX_BYTES}`);
    files.push({ path, changed: mtimeMs, size });
    return readFileSync(descriptor);
  });
  const folder = realpathSync(dirname(path));
  return parseOnnx(bytes, {
    external(location, offset, length) {
      const beside = resolve(folder, location);
      const named = JSON.stringify(location);
      let real: string;
      try {
        real = realpathSync(beside);
      } catch {
        return refuse(`its data file ${named} is not beside it`);
      }
      const inside = relative(folder, real);
      if (inside === ".." || inside.startsWith(`..${sep}`) || resolve(folder, inside) !== real)
        return refuse(`its data file ${named} lies outside of its folder`);
      const refuseData = (problem: string) => refuse(`its data file ${named} cannot be read: ${problem}`);
      return withRegular(real, refuseData, (descriptor, { mtimeMs, size }) => {
        files.push({ path: real, changed: mtimeMs, size });
        const count = length ?? size - offset;
        if (!(offset >= 0 && count >= 0 && offset + count <= size && count <= MAX_BYTES))
          return refuse(`it takes bytes ${offset} to ${offset + count} of ${named}, which has ${size}`);
        const data = new Uint8Array(count);
        for (let done = 0; done < count; ) {
          const got = readSync(descriptor, data, done, count - done, offset + done);
          if (got === 0) return refuse(`${named} ended while it was read`);
          done += got;
        }
        return data;
      });
    },
  });
}

/** Opens a regular file for as long as `use` needs it, or refuses it. */
function withRegular<T>(
  path: string,
  refuse: (problem: string) => never,
  use: (descriptor: number, status: Stats) => T,
): T {
  let descriptor: number | undefined;
  try {
    const opened = openRegularSync(path);
    descriptor = opened.descriptor;
    return use(descriptor, opened.status);
  } catch (error) {
    const found = readProblem(error);
    if (found === undefined) throw error;
    return refuse(found.problem);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
