import { describe, expect, it } from "vitest";

import type { Curve } from "../../records/index.ts";
import { curveFigure } from "./curve.ts";
import { plot, present, rows, svg, texts } from "./figure.fixture.ts";

const curve = (values: readonly number[], log = true): Curve => ({
  id: "train-base",
  name: "loss",
  unit: "nats",
  log,
  points: values.map((value, step) => ({ step, value })),
});

const figure = (of: Curve) => curveFigure(plot, of, "curve-1");

describe("a training curve", () => {
  it("is drawn as logged and as a moving average", () => {
    const shown = present(figure(curve(Array.from({ length: 200 }, (_, i) => Math.exp(-i / 40)))));
    expect(svg(shown).querySelectorAll('[data-mark="line"] path')).toHaveLength(2);
    expect(new Set(rows(shown).map(({ kind }) => kind))).toEqual(new Set(["logged", "moving average"]));
    expect(texts(shown)).toEqual(expect.arrayContaining(["loss", "nats"]));
  });

  it("leaves out values that cannot be drawn, and says so", () => {
    const shown = present(figure(curve([1, Number.NaN, 0.5, -1, 0.25])));
    expect(shown.caption).toBe(
      "2 values of “loss” could not be drawn: not finite or not positive, on a logarithmic axis.",
    );
    expect(present(figure(curve([1, Number.NaN, -1], false))).caption).toBe(
      "1 value of “loss” could not be drawn: not finite.",
    );
  });

  it("is left out when fewer than two values can be drawn", () => {
    expect(figure(curve([1]))).toBeUndefined();
    expect(figure(curve([0, 0]))).toBeUndefined();
  });
});
