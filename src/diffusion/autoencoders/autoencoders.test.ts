import { expect, it } from "vitest";

import { perceptron, unitsIn } from "../../symmetry/hidden-units.fixture.ts";
import { parametersOf } from "../../symmetry/index.ts";
import { partSchema } from "../part.ts";
import { autoencoders } from "./autoencoders.ts";

/** Units of a network of 1923 parameters. */
const units = unitsIn(perceptron(60, 30, 3));

const schema = partSchema(autoencoders);

it.each(autoencoders.map((part) => [part.type, part] as const))(
  "%s is planned by its defaults within 40 steps where it is made smaller",
  (type, part) => {
    const options = schema.parse({ type, ...(type === "linear" && { latent: 4 }) });
    const shape = { dimension: parametersOf(units), count: 20, units: () => units };
    const small = part.smaller({ ...options, latent: 4 } as never, shape.count);
    const { latent, tokens, work } = part.plan(small, shape);
    expect(latent).toBeGreaterThan(0);
    expect(tokens !== undefined).toBe(part.latents === "tokens");
    expect(work().steps).toBeLessThanOrEqual(40);
  },
);
