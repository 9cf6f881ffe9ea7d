import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { layoutOf } from "../layout/index.ts";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const D = 6;
const names = [
  ...["noise:0.05", "noise-absolute:0.06", "interpolate", "average:3", "average:all", "swa", "ema:0.9", "gaussian"],
  ...["pca-gaussian", "pca-gaussian:2", "swag", "gaussian-latent", "kde-latent"],
];
const layout = layoutOf([{ name: "w", shape: [D], kind: "linear" }]);
const of = (count: number) => ({ count, dimension: D, values: normal(key(1), count * D) });
const refusal = (act: () => unknown): UserError => {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("the name of a baseline", () => {
  it.each(names)("%s names itself", (name) => {
    expect(baseline(name).name).toBe(name);
  });

  it.each([
    ["noise", "noise:0.05"],
    ["noise-absolute", "noise-absolute:0.06"],
    ["average", "average:16"],
    ["ema", "ema:0.95"],
    ["noise:5e-2", "noise:0.05"],
    ["average:08", "average:8"],
  ])("%s is short, or another spelling, for %s", (short, full) => {
    expect(baseline(short).name).toBe(full);
    expect(baseline(full).name).toBe(full);
  });

  it.each([
    ["gausian", "Did you mean gaussian?"],
    ["avrage:16", "Did you mean average?"],
    ["constructor", "gaussian"],
    ["", "gaussian"],
  ])("is refused where there is none such: %s", (name, hint) => {
    const { code, message } = refusal(() => baseline(name));
    expect(code).toBe("E_CONFIG");
    expect(message).toContain(hint);
    for (const known of ["noise", "average", "swag", "pca-gaussian", "kde-latent"]) expect(message).toContain(known);
  });

  it.each(["noise:0", "noise:-1", "noise:x", "noise:", "average:0", "average:2.5", "ema:1", "ema:0", "pca-gaussian:0"])(
    "is refused with an impossible number, saying what is expected: %s",
    (name) => {
      expect(refusal(() => baseline(name))).toMatchObject({
        code: "E_CONFIG",
        message: expect.stringContaining("expected"),
      });
    },
  );

  it.each(["gaussian:3", "swa:2", "interpolate:0.5"])("is refused with a number that it does not take: %s", (name) => {
    expect(refusal(() => baseline(name)).message).toContain("takes no number");
  });
});

describe("a baseline", () => {
  it.each(names)("%s draws each network alike however many are drawn, and leaves the originals alone", async (name) => {
    const originals = of(9);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat(1000), async (count, seed) => {
        const all = await baseline(name).draw(originals, { count: 7, key: key(seed), layout, device });
        const some = await baseline(name).draw(originals, { count, key: key(seed), layout, device });
        expect(some).toEqual(all.slice(0, count * D));
      }),
      { numRuns: 10 },
    );
    expect(originals).toEqual(of(9));
  });

  it.each(names.filter((name) => !baseline(name).single))("%s draws others for each draw and key", async (name) => {
    const drawn = (seed: number) => baseline(name).draw(of(9), { count: 2, key: key(seed), layout, device });
    const [one, two] = [await drawn(1), await drawn(2)];
    expect(one.slice(0, D)).not.toEqual(one.slice(D));
    expect(one).not.toEqual(two);
  });

  it.each(names)("%s draws finite numbers from as few originals as it needs, and refuses fewer", async (name) => {
    const { needs, draw } = baseline(name);
    const options = { count: 2, key: key(1), layout, device };
    expect((await draw(of(needs), options)).every(Number.isFinite)).toBe(true);
    await expect(draw(of(needs - 1), options)).rejects.toThrow(`at least ${needs} originals`);
  });

  it("needs as many originals as it averages, and enough for a spread", () => {
    expect(baseline("average:5").needs).toBe(5);
    expect(baseline("interpolate").needs).toBe(2);
    for (const name of ["gaussian", "pca-gaussian", "swag", "kde-latent", "gaussian-latent"])
      expect(baseline(name).needs).toBeGreaterThanOrEqual(2);
    expect(baseline("pca-gaussian:5").needs).toBeGreaterThan(5);
  });

  it("says which draw latents", () => {
    expect(names.filter((name) => baseline(name).space === "latents")).toEqual(["gaussian-latent", "kde-latent"]);
  });
});
