/**
 * The peak speed of this machine, by a large matrix product: the limit that cases are compared to.
 */
import { input, matMul } from "../src/graph/index.ts";
import { key, normal } from "../src/random/index.ts";
import { compile, type Device } from "../src/runtime/index.ts";

const SIDE = 1024;
const FLOPS = 2 * SIDE ** 3;

/** A product that is ready to be timed. */
export async function largeProduct(device: Device) {
  const program = await compile({ y: matMul(input("a", [SIDE, SIDE]), input("b", [SIDE, SIDE])) }, device);
  const feeds = { a: normal(key(1), SIDE ** 2), b: normal(key(2), SIDE ** 2) };
  const into = { y: new Float32Array(SIDE ** 2) };
  return {
    /** Floating-point operations per second of one product. */
    async rate(): Promise<number> {
      const start = performance.now();
      await program.run(feeds, into);
      return (1000 * FLOPS) / (performance.now() - start);
    },
    release: () => program.release(),
  };
}
