/** Views that are kept are the evaluation views, and each is computed once. */
import { describe, expect, it } from "vitest";
import { evaluationViews } from "./kept-views.ts";
import type { ImagesInMemory, RawImage } from "./raw-image.ts";
import { evaluationView } from "./transforms.ts";

const SIZE = { channels: 1, height: 6, width: 4 };
const COUNT = 3;
const bytes = Uint8Array.from({ length: COUNT * 24 }, (_, i) => (i * 37) % 256);
const pixels = (): ImagesInMemory => ({ type: "memory", ...SIZE, bytes: bytes.slice() });
const image = (index: number): RawImage => ({ ...SIZE, pixels: bytes.subarray(index * 24, (index + 1) * 24) });
const view = { size: 2, resize: 3 };

describe("the view of an image", () => {
  it("is the evaluation view", () => {
    const views = evaluationViews(pixels(), view);
    for (const index of [2, 0, 1]) expect(views(image(index), index)).toEqual(evaluationView(image(index), view));
  });

  it("is computed once for all who read the same images", () => {
    const stored = pixels();
    const first = evaluationViews(stored, view)(image(1), 1);
    expect(evaluationViews(stored, { ...view })(image(1), 1)).toBe(first);
  });

  it("is another where the images or the view differ", () => {
    const stored = pixels();
    const first = evaluationViews(stored, view)(image(1), 1);
    expect(evaluationViews(pixels(), view)(image(1), 1)).not.toBe(first);
    const other = { size: 3, resize: null };
    expect(evaluationViews(stored, other)(image(1), 1)).toEqual(evaluationView(image(1), other));
    expect(evaluationViews(stored, view)(image(1), 1)).toEqual(first);
  });

  it("is computed each time when all views would take more memory than they may", () => {
    const views = evaluationViews(pixels(), view, COUNT * 4 - 1);
    expect(views(image(0), 0)).not.toBe(views(image(0), 0));
    const kept = evaluationViews(pixels(), view, COUNT * 4);
    expect(kept(image(0), 0)).toBe(kept(image(0), 0));
  });

  it("is computed each time when the images are in a file", () => {
    const stored = {
      type: "pack" as const,
      file: "images",
      channels: 1,
      offsets: Float64Array.of(0),
      heights: Uint32Array.of(6),
      widths: Uint32Array.of(4),
    };
    const views = evaluationViews(stored, view);
    expect(views(image(0), 0)).toEqual(evaluationView(image(0), view));
    expect(views(image(0), 0)).not.toBe(views(image(0), 0));
  });
});
