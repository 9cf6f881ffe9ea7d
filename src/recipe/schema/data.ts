/** The data set of a recipe, and what is done to its images. */
import { z } from "zod";
import { dataSetNames, normaliserNames } from "../../data/index.ts";
import { MAX_SIDE, positive, shorthand } from "../../nn/index.ts";

/** Sides of images. */
const pixels = z.int().min(1).max(4096);
/** Shares of an image's area, or ratios of width to height: the least and the greatest. */
const range = z
  .tuple([positive, positive])
  .refine(([least, greatest]) => least <= greatest, "expected the smaller number first");
const crop = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("none") }),
    z.strictObject({ type: z.literal("padded"), padding: z.int().min(1).max(MAX_SIDE) }),
    z.strictObject({
      type: z.literal("resized"),
      scale: range.refine(([, greatest]) => greatest <= 1, "expected shares of the area, at most 1").default([0.08, 1]),
      ratio: range.default([3 / 4, 4 / 3]),
    }),
  ]),
);
const augmentation = z.strictObject({
  crop: crop.default({ type: "none" }),
  flip: z.boolean().default(false),
  /** The largest angle, in degrees, by which training images are turned either way. */
  rotation: z.number().min(0).max(180).default(0),
});

/** The data set. */
export const dataSchema = z.strictObject({
  name: z.enum(dataSetNames as [string, ...string[]]),
  /** Images set apart from the training split: they may choose, the test split only reports. */
  selection: z.int().min(1),
  pad: z.int().min(0).default(0),
  train: z.int().min(1).optional(),
  test: z.int().min(1).optional(),
  /**
   * The folder of a user's own set (`name: folder`): train/CLASS/*.jpg and test/CLASS/*.jpg, or
   * CLASS/*.jpg.
   */
  folder: z.string().min(1).optional(),
  /**
   * Side of the square images that the network sees; the set's own, or 224 where every image has
   * its own.
   */
  size: pixels.optional(),
  /**
   * In evaluation, the shorter side before the centre is cut out; 8/7 of `size` where images are of
   * another size.
   */
  resize: pixels.optional(),
  /** Whose mean and standard deviation normalise the pixels. */
  normalise: z
    .union(
      [z.enum(normaliserNames), z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })],
      `expected ${normaliserNames.join(", ")} or { mean: [m, …], std: [s, …] }`,
    )
    .default("own"),
  /** What is done to training images. */
  augment: augmentation.nullable().default(null),
  /** The longest shorter side, in pixels, with which images of files are kept. */
  store: pixels.optional(),
  /** What to do with an image that cannot be decoded. */
  corrupt: z.enum(["fail", "skip"]).default("fail"),
});
