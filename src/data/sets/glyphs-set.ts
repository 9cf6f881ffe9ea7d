/** Glyphs as a data set: drawn, in any number. */
import { foldIn, key } from "../../random/index.ts";
import { drawGlyphs, GLYPH_MEAN, GLYPH_SIZE, GLYPH_STD } from "../glyphs.ts";
import type { KnownSet } from "./known-set.ts";

const name = "glyphs";
const usual = { train: 12_000, test: 4_000 };

/** The most images of a split is a little more than the largest IDX files hold. */
export const glyphsSet: KnownSet = {
  name,
  folders: [],
  channels: 1,
  side: GLYPH_SIZE,
  classNames: [..."0123456789"],
  mean: [GLYPH_MEAN],
  std: [GLYPH_STD],
  usual,
  most: 300_000,
  async obtain({ train = usual.train, test = usual.test, seed }) {
    const draw = (part: string, count: number) => drawGlyphs(foldIn(key(seed), name, part), count);
    return { train: draw("train", train), test: draw("test", test), sources: [] };
  },
};
