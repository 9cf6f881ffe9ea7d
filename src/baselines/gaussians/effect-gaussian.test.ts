import { expect, it } from "vitest";
import { key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { networks, shallow } from "../../symmetry/hidden-units.fixture.ts";
import { D, drawsFrom, matchedOriginals } from "../matched-units.fixture.ts";
import { meanOf, row, type Vectors, varianceOf } from "../vectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

// Of every unit the last input hardly ever varies, so the weights on it hardly count.
const VARIANCE = [1, 1, 1, 1, 1, 1, 1e-8];
const COUNT = 30;

it("draws along what changes the outputs, not along what varies most", async () => {
  const base = networks("base", 1, shallow);
  const [loud, telling] = [normal(key(1), COUNT), normal(key(2), COUNT)];
  const originals = await matchedOriginals(
    device,
    Float32Array.from({ length: COUNT * D }, (_, i) => {
      const [k, j] = [Math.floor(i / D), i % D];
      return base[j]! + (j === 6 ? loud[k]! : j === 7 ? 0.2 * telling[k]! : 0);
    }),
    VARIANCE,
  );
  const spread = (of: Vectors) => varianceOf(of, meanOf(of)).map(Math.sqrt);
  const drawn = { count: 200, dimension: D, values: await drawsFrom("effect-gaussian:1", originals, 200) };
  const [own, theirs] = [spread(drawn), spread((await originals.matching.matchedToMean()).plain)];
  // The unit of which these weights are may stand in another place than at first.
  const unit = [0, 1, 2, 3, 4].sort((a, b) => theirs[b * 7 + 6]! - theirs[a * 7 + 6]!)[0]!;
  const other = [0, 1, 2, 3, 4].filter((u) => u !== unit).sort((a, b) => theirs[b * 7]! - theirs[a * 7]!)[0]!;
  const [silent, counts] = [unit * 7 + 6, other * 7];
  expect(theirs[silent]).toBeGreaterThan(2 * theirs[counts]!);
  expect(own[counts]! / theirs[counts]!).toBeGreaterThan(0.8);
  expect(own[silent]! / theirs[silent]!).toBeLessThan(0.4);
});

it("has as many directions as its number says", async () => {
  const originals = await matchedOriginals(device, networks("many", 12, shallow));
  const values = await drawsFrom("effect-gaussian:1", originals, 5);
  const mean = meanOf((await originals.matching.matchedToMean()).plain);
  const deviations = Array.from({ length: 5 }, (_, i) =>
    row({ count: 5, dimension: D, values }, i).map((x, j) => x - mean[j]!),
  );
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  // All deviations lie on one line.
  const [first = new Float32Array(D), ...others] = deviations;
  for (const other of others)
    expect(Math.abs(dot(first, other)) / Math.sqrt(dot(first, first) * dot(other, other))).toBeCloseTo(1, 4);
});
