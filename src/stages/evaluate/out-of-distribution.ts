/**
 * A second data set, with images of the same size but of other things. A calibrated ensemble is
 * less confident about them. The pairs of data sets are those usual in the literature.
 */
import { type DataSet, dataRoot, hasData, loadData, sliceSplit } from "../../data/index.ts";
import { UserError } from "../../errors.ts";
import type { Recipe } from "../../recipe/index.ts";

/** Data sets to compare with, the usual one first. */
const PARTNERS: Readonly<Record<string, readonly string[]>> = {
  glyphs: ["fashion-mnist"],
  mnist: ["fashion-mnist"],
  "emnist-digits": ["fashion-mnist"],
  kmnist: ["fashion-mnist", "mnist"],
  "fashion-mnist": ["mnist"],
  "cifar-10": ["svhn", "cifar-100"],
  "cifar-100": ["svhn"],
  svhn: ["cifar-10"],
};

/** Number of images of the other set: enough for an area under the curve to about 0.01. */
const MAX_IMAGES = 2000;

/** The name of the data set to compare a recipe's with; undefined if none is available. */
export const otherDataOf = ({ data }: Recipe): string | undefined =>
  PARTNERS[data.name]?.find((name) => hasData({ name }, dataRoot()));

/**
 * Loads the data set to compare a recipe's with; undefined if none is complete and of the same
 * image shape.
 */
export async function loadOther(recipe: Recipe, own: DataSet): Promise<DataSet | undefined> {
  const name = otherDataOf(recipe);
  if (name === undefined) return undefined;
  const options = {
    ...recipe.data,
    name,
    train: 2,
    selection: 1,
    test: undefined,
    root: dataRoot(),
    seed: recipe.seed,
  };
  const whole = await loadData(options).catch((error: unknown) => {
    // An incomplete data set counts as none; nothing in the run depends on it.
    if (error instanceof UserError && error.code === "E_DATA") return undefined;
    throw error;
  });
  if (whole === undefined) return undefined;
  if (whole.channels !== own.channels || whole.height !== own.height || whole.width !== own.width) return undefined;
  return { ...whole, test: sliceSplit(whole.test, 0, Math.min(MAX_IMAGES, whole.test.count)) };
}
