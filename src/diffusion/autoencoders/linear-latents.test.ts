import { Matrix as MlMatrix, SVD } from "ml-matrix";
import { describe, expect, it } from "vitest";

import type { Matrix } from "../../numeric/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import type { Device } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { unnormalised } from "../normalisations/normalisation.ts";
import { varianceExplained } from "./codec.ts";
import { linearCodec } from "./linear.ts";
import {
  decodeLinear,
  encodeLinear,
  fitLinearLatents,
  type LinearLatents,
  type LinearSource,
  linearDirections,
} from "./linear-latents.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });

/** Checkpoints in memory, with the widths of the ranges that were read. */
function memory(values: Float32Array, count: number): Matrix & { widths: number[] } {
  const dimension = values.length / count;
  const widths: number[] = [];
  return {
    rows: count,
    columns: dimension,
    widths,
    async read(start, end) {
      widths.push(end - start);
      const rows = Array.from({ length: count }, (_, k) => values.subarray(k * dimension + start, k * dimension + end));
      return Float32Array.from(rows.flatMap((row) => [...row]));
    },
  };
}

/**
 * Checkpoints with variances that fall by a third from direction to direction, about a mean of size
 * 1.
 */
function checkpoints(count: number, dimension: number): Float32Array {
  const out = new Float32Array(count * dimension);
  const centre = normal(key(1), dimension);
  for (let direction = 0; direction < count - 1; direction++) {
    const along = normal(foldIn(key(2), direction), dimension);
    const amounts = normal(foldIn(key(3), direction), count);
    for (let k = 0; k < count; k++)
      for (let i = 0; i < dimension; i++)
        out[k * dimension + i]! += amounts[k]! * along[i]! * 0.1 * Math.sqrt(2 / 3) ** direction;
  }
  return out.map((x, i) => x + centre[i % dimension]!);
}

const sourceOf = (checkpoints: Matrix): LinearSource => ({
  checkpoints,
  device,
  normalisation: (start, end) => unnormalised(end - start),
});

/** The directions that are found. */
async function directions(rows: Matrix, latent: number): Promise<LinearLatents> {
  const { weights } = await fitLinearLatents(sourceOf(rows), latent);
  return linearDirections(sourceOf(rows), weights);
}

/** The share of the variance that the directions hold. */
function explained(values: Float32Array, { mean, components, latent }: LinearLatents): number {
  const d = mean.length;
  let [total, missed] = [0, 0];
  for (let start = 0; start < values.length; start += d) {
    const centred = Float64Array.from(mean, (m, i) => values[start + i]! - m);
    const rest = centred.slice();
    for (let a = 0; a < latent; a++) {
      const direction = components.subarray(a * d, (a + 1) * d);
      const z = direction.reduce((sum, c, i) => sum + c * centred[i]!, 0);
      direction.forEach((c, i) => {
        rest[i]! -= z * c;
      });
    }
    for (let i = 0; i < d; i++) {
      total += centred[i]! ** 2;
      missed += rest[i]! ** 2;
    }
  }
  return 1 - missed / total;
}

function expectOrthonormal({ components, latent }: LinearLatents, digits: number): void {
  const d = components.length / latent;
  for (let a = 0; a < latent; a++)
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let i = 0; i < d; i++) product += components[a * d + i]! * components[b * d + i]!;
      expect(product).toBeCloseTo(a === b ? 1 : 0, digits);
    }
}

/** What latents hold of the variance. */
const sumOfSquares = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0);

describe("linear latents", () => {
  it("are the leading ones of all, also where all are not worked out", async () => {
    const rows = memory(checkpoints(60, 300), 60);
    const source = sourceOf(rows);
    const [few, all] = [await fitLinearLatents(source, 7), await fitLinearLatents(source, 40)];
    expect(few.latent).toBe(7);
    // Latents are coordinates along directions: the first seven of each checkpoint are the same.
    for (let k = 0; k < 60; k++)
      for (let row = 0; row < 7; row++)
        expect(few.latents[k * 7 + row]).toBeCloseTo(all.latents[k * all.latent + row]!, 3);
    expect(few.explained).toBeCloseTo(sumOfSquares(few.latents) / (sumOfSquares(all.latents) / all.explained), 5);
  });

  const values = checkpoints(8, 300);

  it("of K checkpoints are at most K − 1 and explain all that differs between them", async () => {
    const fitted = await directions(memory(values, 8), 100);
    expect(fitted.latent).toBe(7);
    expect(explained(values, fitted)).toBeGreaterThan(1 - 1e-9);
  });

  it("lie along orthonormal directions", async () => {
    expectOrthonormal(await directions(memory(values, 8), 7), 4);
  });

  it("are those of the singular value decomposition, the widest first", async () => {
    const fitted = await directions(memory(values, 8), 3);
    expect(fitted.latent).toBe(3);
    const centred = MlMatrix.from1DArray(8, 300, values).center("column");
    const svd = new SVD(centred, { autoTranspose: true });
    for (let a = 0; a < 3; a++) {
      const theirs = svd.rightSingularVectors.getColumn(a);
      const ours = fitted.components.subarray(a * 300, (a + 1) * 300);
      const product = theirs.reduce((sum, c, i) => sum + c * ours[i]!, 0);
      expect(Math.abs(product)).toBeCloseTo(1, 5);
    }
  });

  it("are fewer where the checkpoints span less", async () => {
    const line = Float32Array.from({ length: 6 * 50 }, (_, i) => Math.sin(i % 50) * (1 + Math.floor(i / 50)));
    const fitted = await directions(memory(line, 6), 5);
    expect(fitted.latent).toBe(1);
    expect(explained(line, fitted)).toBeGreaterThan(1 - 1e-9);
  });

  it("are found in long vectors a part at a time, as in short ones", async () => {
    const [count, dimension] = [4, 70_000];
    const long = checkpoints(count, dimension);
    const rows = memory(long, count);
    const fitted = await directions(rows, 3);
    expect(Math.max(...rows.widths)).toBeLessThan(dimension);
    expectOrthonormal(fitted, 4);
    expect(explained(long, fitted)).toBeGreaterThan(1 - 1e-8);
  });

  it("are the same every time", async () => {
    const [a, b] = [await directions(memory(values, 8), 5), await directions(memory(values, 8), 5)];
    expect(a).toEqual(b);
  });

  it("of equal checkpoints do not exist, which is said", async () => {
    const equal = Float32Array.from({ length: 5 * 40 }, (_, i) => Math.fround(Math.sin(i % 40)));
    await expect(directions(memory(equal, 5), 3)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(/equal.*nothing to learn/),
    });
  });
});

describe("linear latents by ranges", () => {
  const values = checkpoints(6, 5000);
  const source: LinearSource = {
    checkpoints: memory(values, 6),
    device,
    // Of another mean and scale in every coordinate.
    normalisation: (start, end) => ({
      mean: Float32Array.from({ length: end - start }, (_, i) => (start + i) / 1000),
      scale: Float32Array.from({ length: end - start }, (_, i) => 1 + ((start + i) % 3)),
      reference: new Float32Array(end - start),
    }),
  };
  const whole = () => source.normalisation(0, 5000, values);

  it("are the latents of the codec that has the directions in memory, both ways", async () => {
    const { weights, latents, latent, explained } = await fitLinearLatents(source, 3);
    const codec = linearCodec(await linearDirections(source, weights), whole(), device);
    const encoded = await codec.encode(values);
    encoded.forEach((z, i) => {
      expect(Math.abs(z - latents[i]!)).toBeLessThan(1e-3);
    });
    const other = values.map((v, i) => v + Math.sin(i));
    const streamed = await encodeLinear(source, weights, memory(other, 6));
    const expected = await codec.encode(other);
    streamed.forEach((z, i) => {
      expect(Math.abs(z - expected[i]!)).toBeLessThan(1e-3);
    });
    const decoded = new Float32Array(values.length);
    await decodeLinear(source, weights, encoded, async (start, block) => {
      const width = block.length / 6;
      for (let k = 0; k < 6; k++) decoded.set(block.subarray(k * width, (k + 1) * width), k * 5000 + start);
    });
    const known = await codec.decode(encoded);
    decoded.forEach((v, i) => {
      expect(Math.abs(v - known[i]!)).toBeLessThan(1e-4);
    });
    expect(latent).toBe(3);
    expect(explained).toBeCloseTo(await varianceExplained(values, known, whole()), 5);
    await codec.release();
  });
});
