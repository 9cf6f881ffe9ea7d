/**
 * Measures on a GPU besides time: the difference from the CPU's numbers, and nodes run on the CPU.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Device } from "../src/runtime/index.ts";
import { nodeDevice } from "../src/runtime-node/index.ts";
import type { Case } from "./cases.ts";

/**
 * The largest difference between a device's numbers and the CPU's, relative to the largest of the
 * CPU's; NaN if there are none.
 */
export async function differenceFromCpu(work: Case, device: Device, cpu: Device): Promise<number> {
  const numbers = async (where: Device) => {
    const prepared = await work.prepare(where);
    try {
      return await prepared.check?.();
    } finally {
      await prepared.release();
    }
  };
  const [there, here] = [await numbers(device), await numbers(cpu)];
  if (there === undefined || here === undefined) return Number.NaN;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < here.length; i++) {
    largest = Math.max(largest, Math.abs(here[i]!));
    const apart = Math.abs(here[i]! - there[i]!);
    difference = Number.isNaN(apart) ? Number.NaN : Math.max(difference, apart);
  }
  return difference / largest;
}

/** Nodes of one kind that one provider ran. */
export interface NodeTime {
  readonly op: string;
  readonly provider: string;
  readonly nodes: number;
  readonly ms: number;
}

/** Runs a case once under ONNX Runtime's profiler and says what ran where. */
export async function fallbacks(work: Case, device: Device): Promise<{ text: string; nodes: readonly NodeTime[] }> {
  const folder = mkdtempSync(join(tmpdir(), "pdiff-profile-"));
  try {
    const prepared = await work.prepare(
      nodeDevice({ name: device.name, threads: device.threads, profile: join(folder, "profile") }),
    );
    await prepared.run();
    await prepared.release();
    const totals = new Map<string, { op: string; provider: string; nodes: Set<string>; us: number }>();
    for (const file of readdirSync(folder)) {
      const events: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
      for (const event of events as { cat?: string; name?: string; dur?: number; args?: Record<string, string> }[]) {
        const { op_name: op, provider } = event.args ?? {};
        if (event.cat !== "Node" || op === undefined || provider === undefined) continue;
        const total = totals.get(`${op} ${provider}`) ?? { op, provider, nodes: new Set(), us: 0 };
        totals.set(`${op} ${provider}`, total);
        total.nodes.add(event.name ?? "");
        total.us += event.dur ?? 0;
      }
    }
    const nodes = [...totals.values()]
      .map(({ op, provider, nodes, us }) => ({ op, provider, nodes: nodes.size, ms: us / 1000 }))
      .sort((a, b) => b.ms - a.ms);
    const onCpu = nodes.filter(({ provider }) => provider === "CPUExecutionProvider");
    const count = (of: readonly NodeTime[]) => of.reduce((sum, { nodes }) => sum + nodes, 0);
    const names = onCpu.map(({ op, nodes, ms }) => `${op} ×${nodes} ${ms.toFixed(1)} ms`);
    const text = `${count(onCpu)} of ${count(nodes)} nodes on the CPU${names.length > 0 ? `: ${names.slice(0, 8).join(", ")}` : ""}`;
    return { text, nodes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
