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
    z.strictObject({ type: z.literal("none").describe("no random crop") }),
    z.strictObject({
      type: z.literal("padded").describe("RandomCrop: zero padding, then a crop of the original size"),
      padding: z.int().min(1).max(MAX_SIDE).describe("Zero padding on each side before the random crop, in pixels."),
    }),
    z.strictObject({
      type: z.literal("resized").describe("RandomResizedCrop: a random part of the image, resized"),
      scale: range
        .refine(([, greatest]) => greatest <= 1, "expected shares of the area, at most 1")
        .default([0.08, 1])
        .describe("Least and greatest share of the image's area in a crop."),
      ratio: range.default([3 / 4, 4 / 3]).describe("Least and greatest aspect ratio of a crop, width to height."),
    }),
  ]),
);
const augmentation = z.strictObject({
  crop: crop.default({ type: "none" }).describe("Random crop: its type, or `{ type, … }` with its options."),
  flip: z.boolean().default(false).describe("Whether images are flipped horizontally with probability one half."),
  rotation: z
    .number()
    .min(0)
    .max(180)
    .default(0)
    .describe("Largest angle of a random rotation in either direction, in degrees."),
});

/** The data set. */
export const dataSchema = z.strictObject({
  name: z
    .enum(dataSetNames as [string, ...string[]])
    .describe("Data set; `folder` is your own images in `data.folder`."),
  selection: z
    .int()
    .min(1)
    .describe("Training images set apart as the validation (*selection*) split, the only one that may choose."),
  pad: z.int().min(0).default(0).describe("Zero padding on each side of every image, in pixels."),
  train: z.int().min(1).optional().describe("Number of training images; all by default, 12 000 of `glyphs`."),
  test: z.int().min(1).optional().describe("Number of test images; all by default, 4 000 of `glyphs`."),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of your own images (`name: folder`): train/CLASS/ and test/CLASS/, or CLASS/."),
  size: pixels
    .optional()
    .describe(
      "Side of the square network input, in pixels; by default the set's own, or 224 where image sizes differ.",
    ),
  resize: pixels
    .optional()
    .describe(
      "Shorter side before the centre crop in evaluation, in pixels; by default 8/7 of `size` where images are resized.",
    ),
  normalise: z
    .union(
      [
        z.enum(normaliserNames),
        z.strictObject({
          mean: z.array(z.number()).describe("Mean of each channel, of pixels in 0 … 1."),
          std: z.array(z.number().positive()).describe("Standard deviation of each channel, of pixels in 0 … 1."),
        }),
      ],
      `expected ${normaliserNames.join(", ")} or { mean: [m, …], std: [s, …] }`,
    )
    .default("own")
    .describe(
      "Statistics that normalise pixels: the set's `own`, another set's, `half` (0.5 and 0.5), `none`, or `{ mean, std }`.",
    ),
  augment: augmentation.nullable().default(null).describe("Augmentation of training images; null for none."),
  store: pixels
    .optional()
    .describe("Limit on the shorter side of decoded images kept on disk, in pixels; none by default."),
  corrupt: z
    .enum(["fail", "skip"])
    .default("fail")
    .describe("What to do with an image that cannot be decoded: `fail`, or `skip` it and list it."),
});
