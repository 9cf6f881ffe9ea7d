/**
 * A second data set, of images as large as those of the run but of other things: an ensemble that knows what it does not
 * know is less sure of them. Which set stands against which is custom in the field.
 */
import { type DataSet, dataRoot, hasData, loadData, sliceSplit } from "../../data/index.ts";
import { UserError } from "../../errors.ts";
import type { Recipe } from "../../recipe/index.ts";

/** The sets that may stand against one, the usual one first. */
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

/** Images of the other set: as many as tell an area under a curve to about a hundredth. */
const MAX_IMAGES = 2000;

/** The name of the set that stands against a recipe's; undefined where none is here. */
export const otherDataOf = ({ data }: Recipe): string | undefined =>
  PARTNERS[data.name]?.find((name) => hasData({ name }, dataRoot()));

/** Loads the set that stands against a recipe's; undefined where none is whole, or of images of the same shape. */
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
    // Half a data set is none: nothing of the run depends on it.
    if (error instanceof UserError && error.code === "E_DATA") return undefined;
    throw error;
  });
  if (whole === undefined) return undefined;
  if (whole.channels !== own.channels || whole.height !== own.height || whole.width !== own.width) return undefined;
  return { ...whole, test: sliceSplit(whole.test, 0, Math.min(MAX_IMAGES, whole.test.count)) };
}
