/** Every data set that a recipe can name. A new one is a file beside this one, and a line below. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { suggestion, UserError } from "../../errors.ts";
import { cifarSets } from "./cifar-sets.ts";
import { flowersSet } from "./flowers-set.ts";
import { folderSet } from "./folder-set.ts";
import { foodSet } from "./food-set.ts";
import { glyphsSet } from "./glyphs-set.ts";
import { idxSets } from "./idx-sets.ts";
import { imagenetSet } from "./imagenet-set.ts";
import type { KnownSet } from "./known-set.ts";
import { petsSet } from "./pets-set.ts";
import { stlSet } from "./stl-set.ts";
import { svhnSet } from "./svhn-set.ts";

const sets: readonly KnownSet[] = [
  glyphsSet,
  ...idxSets,
  svhnSet,
  ...cifarSets,
  stlSet,
  flowersSet,
  petsSet,
  foodSet,
  imagenetSet,
];

/** The name of the user's own set. */
const FOLDER = "folder";

/** The names that a recipe can use. */
export const dataSetNames: readonly string[] = [...sets.map(({ name }) => name), FOLDER];

/** Names a data set, and the folder of the user's own. */
export interface DataSetName {
  readonly name: string;
  /** The folder of the user's own set, when `name` is `folder`. */
  readonly folder?: string | undefined;
}

/**
 * The set of a name.
 * @throws UserError `E_DATA` when no set has that name, or the user's folder holds none.
 */
export function knownSet({ name, folder }: DataSetName): KnownSet {
  if (name === FOLDER && folder !== undefined) return folderSet(folder);
  const set = sets.find((each) => each.name === name);
  if (set === undefined)
    throw new UserError("E_DATA", `there is no data set ${JSON.stringify(name)}.${suggestion(name, dataSetNames)}`);
  return set;
}

/**
 * Whether the folder of a set exists, whatever is in it; true for glyphs, which needs none.
 * @param root the data folder; undefined when there is none.
 */
export function hasData({ name, folder }: DataSetName, root: string | undefined): boolean {
  if (name === glyphsSet.name) return true;
  if (folder !== undefined) return existsSync(folder);
  const others = sets.find((each) => each.name === name)?.folders ?? [];
  return root !== undefined && [name, ...others].some((each) => existsSync(join(root, each)));
}
