/**
 * Suites of ops from tables of cases: what they compute, what they refuse, and their gradients.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { constant, gradients, mul, pack, reduceSum, type Shape, type Tensor } from "../../src/graph/index.ts";
import { compile, type Data, type Feeds } from "../../src/runtime/index.ts";
import { DEVICE_TIMEOUT_MS, onEachDevice } from "./devices.ts";
import { type GradientCase, gradientErrors } from "./finite-differences.ts";
import { relativeError } from "./fixtures.ts";

/** Tensors, their shapes and their elements, by name. */
export type Values = Readonly<Record<string, readonly [Tensor, Shape, readonly number[]]>>;

/** Calls that are refused, and parts of their messages, by name. */
export type Refusals = Readonly<Record<string, readonly [() => unknown, string]>>;

/** A constant matrix, from its rows. */
export const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

/** A constant of any shape. */
export const filled = (shape: Shape, elements: readonly number[]): Tensor =>
  constant(Float32Array.from(elements), shape);

/**
 * Compares tensors with their values on every device.
 * @param tolerance the largest relative error on the CPU; none by default.
 */
export function itComputes(values: Values, feeds: Feeds = {}, tolerance = 0): void {
  onEachDevice("the value of", (device) => {
    let results: Record<string, Data> = {};
    beforeAll(async () => {
      const outputs = Object.fromEntries(Object.entries(values).map(([name, [tensor]]) => [name, tensor]));
      const program = await compile(outputs, device);
      results = await program.run(feeds);
      await program.release();
    }, DEVICE_TIMEOUT_MS);
    it.each(Object.entries(values))("%s", (name, [tensor, shape, elements]) => {
      expect(tensor.shape).toEqual(shape);
      const actual = Array.from(results[name]!, Number);
      if (device.name === "cpu" && tolerance === 0) expect(actual).toEqual(elements);
      else expect(relativeError(actual, elements)).toBeLessThan(Math.max(tolerance, device.name === "cpu" ? 0 : 1e-5));
    });
  });
}

/** Checks the errors of ops whose inputs do not fit. */
export function itRefuses(refusals: Refusals, code = "E_SHAPE"): void {
  describe("refuses", () => {
    it.each(Object.entries(refusals))("%s", (_, [build, message]) => {
      expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    });
  });
}

/** Compares gradients with finite differences on every device. */
export function itsGradientsAgree(cases: readonly GradientCase[]): void {
  onEachDevice("gradients agree with finite differences", (device) => {
    let errors = new Map<string, number>();
    beforeAll(async () => {
      errors = await gradientErrors(cases, device);
    }, DEVICE_TIMEOUT_MS);
    it.each(cases.map(({ name }) => name))("%s", (name) => {
      expect(errors.get(name)).toBeLessThan(2e-3);
    });
  });
}

/** One gradient case for each op, by its name. */
export const each = (
  ops: Readonly<Record<string, (x: Tensor) => Tensor>>,
  shapes: readonly Shape[],
  spread?: GradientCase["spread"],
): GradientCase[] =>
  Object.entries(ops).map(([name, build]) => ({ name, shapes, build, ...(spread && { spread }) }) as GradientCase);

/** The gradient of half the squared norm, itself to be differentiated. */
export const gradientOf = (y: Tensor, ...wrt: Tensor[]): Tensor => pack(gradients(reduceSum(mul(y, mul(y, 0.5))), wrt));

/** Cases of `gradientOf`, under names that say so. */
export const twice = (cases: readonly GradientCase[]): GradientCase[] =>
  cases.map((c) => ({ ...c, name: `${c.name}, twice differentiated` }));
