/** Every data set that can be asked for, by its name. */
import { suggestion, UserError } from "../../errors.ts";
import { foldIn, key } from "../../random/index.ts";
import { drawGlyphs, GLYPH_MEAN, GLYPH_SIZE, GLYPH_STD } from "../glyphs.ts";
import { cifarSets } from "./cifar-sets.ts";
import { folderSet } from "./folder-set.ts";
import { idxSets } from "./idx-sets.ts";
import type { KnownSet } from "./known-set.ts";
import { photoSets } from "./photo-sets.ts";
import { stlSets } from "./stl-set.ts";
import { svhnSets } from "./svhn-set.ts";

const GLYPHS = "glyphs";

/** Glyphs are drawn as numerous as asked for, up to what the largest IDX files hold, rounded up. */
const glyphs: KnownSet = {
  channels: 1,
  side: GLYPH_SIZE,
  classNames: [..."0123456789"],
  mean: [GLYPH_MEAN],
  std: [GLYPH_STD],
  usual: { train: 12_000, test: 4_000 },
  most: 300_000,
  async obtain({ train = glyphs.usual.train, test = glyphs.usual.test, seed }) {
    const draw = (part: string, count: number) => drawGlyphs(foldIn(key(seed), GLYPHS, part), count);
    return { train: draw("train", train), test: draw("test", test), sources: [] };
  },
};

const sets: ReadonlyMap<string, KnownSet> = new Map([
  [GLYPHS, glyphs],
  ...idxSets,
  ...svhnSets,
  ...cifarSets,
  ...stlSets,
  ...photoSets,
]);

/** The name of a set that the user's own folder makes. */
const FOLDER = "folder";

/** The names that can be asked for. */
export const dataSetNames: readonly string[] = [...sets.keys(), FOLDER];

/**
 * The set of a name.
 * @param options `folder` is the folder of a user's own set, which is named `folder`.
 * @throws UserError `E_DATA` when there is none of that name, or the folder holds none.
 */
export function knownSet({ name, folder }: { readonly name: string; readonly folder?: string | undefined }): KnownSet {
  if (name === FOLDER && folder !== undefined) return folderSet(folder);
  const set = sets.get(name);
  if (set === undefined)
    throw new UserError("E_DATA", `there is no data set ${JSON.stringify(name)}.${suggestion(name, dataSetNames)}`);
  return set;
}
