/**
 * npm run bench:memory [-- NAME …]
 *
 * The most memory that one training step takes, for each of the paper's large networks: every
 * parameter trains, images of 224 × 224, AdamW. Each is measured in a process of its own, weights,
 * optimiser state and Node included.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { memorySteps, networkStep } from "./cases.ts";

const [first, ...rest] = process.argv.slice(2);

/** Two steps: ONNX Runtime lays out its memory in the first and uses it in the second. */
async function measure(name: string): Promise<void> {
  const { run, release } = await networkStep(memorySteps[name]!)(nodeDevice({ name: "cpu", threads: 1 }));
  for (let i = 0; i < 2; i++) await run();
  await release();
  const gibibytes = process.resourceUsage().maxRSS / 2 ** 20;
  console.log(
    `${name.padEnd(16)} batch ${String(memorySteps[name]!.batch).padStart(2)}   peak ${gibibytes.toFixed(2)} GiB`,
  );
}

if (first === "--measure") await measure(rest[0]!);
else {
  const names = first === undefined ? Object.keys(memorySteps) : [first, ...rest];
  for (const name of names) {
    if (!(name in memorySteps)) {
      console.error(`unknown network ${name}; known: ${Object.keys(memorySteps).join(", ")}`);
      process.exit(2);
    }
    const child = fork(fileURLToPath(import.meta.url), ["--measure", name], { execArgv: ["--import", "tsx"] });
    await new Promise((resolve) => child.on("exit", resolve));
  }
}
