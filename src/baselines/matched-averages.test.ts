import { describe, expect, it } from "vitest";
import { nodeDevice } from "../runtime-node/index.ts";
import { apart, networks, shallow } from "../symmetry/hidden-units.fixture.ts";
import { D, drawsFrom, matchedOriginals, randomOriginals } from "./matched-units.fixture.ts";
import { meanOf, row } from "./vectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const pair = await matchedOriginals(device, networks("pair", 2, shallow));
const [a, b] = [row(pair.originals, 0), row(pair.originals, 1)];
const [aToB, bToA] = [(await pair.matching.matchedTo(0, 1)).plain, (await pair.matching.matchedTo(1, 0)).plain];
const mixed = (x: Float32Array, share: number, y: Float32Array) => x.map((v, i) => share * v + (1 - share) * y[i]!);

describe("pair-average", () => {
  it("is halfway between an original and another one that is matched to it", async () => {
    const drawn = await drawsFrom("pair-average", pair, 4);
    for (let i = 0; i < 4; i++) {
      const child = drawn.subarray(i * D, (i + 1) * D);
      expect(Math.min(apart(child, mixed(a, 0.5, bToA)), apart(child, mixed(b, 0.5, aToB)))).toBeLessThan(1e-5);
    }
  });
});

describe("matched-average", () => {
  it("of all originals is their mean once all are matched to it", async () => {
    const six = await randomOriginals(device, 6);
    const mean = Float32Array.from(meanOf((await six.matching.matchedToMean()).plain));
    expect(apart(await drawsFrom("matched-average:6", six, 1), mean)).toBeLessThan(1e-5);
  });
});

describe("local-average", () => {
  it("is an original by a fifth, and the rest the only other one, matched to it", async () => {
    const child = await drawsFrom("local-average:1", pair, 1);
    expect(Math.min(apart(child, mixed(a, 0.2, bToA)), apart(child, mixed(b, 0.2, aToB)))).toBeLessThan(1e-5);
  });

  it("takes the nearest originals", async () => {
    const first = networks("one", 1, shallow);
    const near = first.map((x, i) => x + 0.01 * Math.sin(i));
    const far = networks("far", 2, shallow);
    const group = await matchedOriginals(device, Float32Array.of(...first, ...far, ...near));
    const drawn = await drawsFrom("local-average:1", group, 12);
    const lonely = [1, 2].map((k) => row(group.originals, k));
    const close = [0, 3].map((k) => row(group.originals, k));
    const least = (child: Float32Array, of: readonly Float32Array[]) => Math.min(...of.map((v) => apart(child, v)));
    const children = Array.from({ length: 12 }, (_, i) => drawn.subarray(i * D, (i + 1) * D));
    // Of the two that lie close together none is averaged with another one.
    const ofClose = children.filter((child) => least(child, close) < least(child, lonely));
    const within = ofClose.filter((child) => least(child, close) < 0.1);
    expect(within.length).toBeGreaterThan(2);
  });
});
