/**
 * What has been renamed, from old to new. The comparison gives both versions their new names before
 * it compares them, so it does not matter which of the two versions a name comes from.
 *
 * To extend: add the entry in the same commit that renames. Recipe keys and command line flags
 * depend on it: the comparison reads this file of the other version as well, and what that
 * version's table lacks is renamed back for it. Everything that starts with `recipe` or `flags` is
 * written in the recipes' dotted notation; paths inside JSON documents use slashes, because names
 * of tensors contain dots, and `*` stands for any one part of a path.
 */
export interface Renames {
  /** Keys of recipes by dotted path: `"diffusion.moments": "diffusion.snapshots"`. Sections too. */
  readonly recipeKeys: Readonly<Record<string, string>>;
  /** Values of recipes, by the key's new dotted path: `"diffusion.choose": { old: "new" }`. */
  readonly recipeValues: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Flags and verbs of the command line: `"--evaluate": "--metric-command"`. */
  readonly flags: Readonly<Record<string, string>>;
  /**
   * Files and folders, wherever they stand in a path: `["evaluation/rivals", "evaluation/baselines"]`.
   * A `*` in the new name is what the `*` of the old one stood for; entries are applied in order.
   */
  readonly files: ReadonlyArray<readonly [old: string, renamed: string]>;
  /** Keys of JSON objects, columns of CSV files and names in metadata, wherever they occur. */
  readonly keys: Readonly<Record<string, string>>;
  /** Whole strings in JSON and CSV files that name something: `"heldOut": "validation"`. */
  readonly values: Readonly<Record<string, string>>;
  /** Tensors in safetensors files of the generator. */
  readonly tensors: Readonly<Record<string, string>>;
  /**
   * Values that moved inside a document. `file` is its new path, such as `run/evaluation/audit.json`,
   * and `from` and `to` are paths of new keys. A path stands for all that is below it
   * as well, and `*` in it for any one part.
   */
  readonly moves: ReadonlyArray<{ readonly file: string; readonly from: string; readonly to: string }>;
  /** Files, or values in a document (`at`), that only one version writes; each with the reason. */
  readonly oneSided: ReadonlyArray<{ readonly file: string; readonly at?: string; readonly reason: string }>;
}

export const renames: Renames = {
  recipeKeys: { "audit.rivals": "audit.baselines", "diffusion.moments": "diffusion.snapshots" },
  recipeValues: {},
  flags: {},
  files: [
    ["evaluation/rivals", "evaluation/baselines"],
    ["generator/moments", "generator/snapshots"],
  ],
  keys: { bar: "acceptanceThreshold", moments: "snapshots" },
  values: {},
  tensors: {},
  moves: [],
  oneSided: [],
};
