/** Input axes for tests. */
import { key, normal } from "../random/index.ts";
import { INPUTS } from "./hidden-units.fixture.ts";
import { principalAxes } from "./input-axes.ts";

/** Axes of inputs with a random covariance. */
export const axes = await principalAxes(
  Float64Array.from(normal(key(11), INPUTS)),
  (() => {
    const factor = normal(key(12), INPUTS * INPUTS);
    return Float64Array.from({ length: INPUTS * INPUTS }, (_, at) => {
      const [i, j] = [Math.floor(at / INPUTS), at % INPUTS];
      let sum = 0;
      for (let k = 0; k < INPUTS; k++) sum += factor[i * INPUTS + k]! * factor[j * INPUTS + k]!;
      return sum;
    });
  })(),
);
