/** Read checkpoints of any format as float32, one by one. */
import { readCheckpoints } from "neural-network-diffusion";

/** The norm of every chosen tensor of every checkpoint. */
export async function norms(pattern: string, select: string): Promise<Map<string, Record<string, number>>> {
  const found = new Map<string, Record<string, number>>();
  for await (const { file, tensors } of await readCheckpoints(pattern, { select }))
    found.set(file, Object.fromEntries([...tensors].map(([name, values]) => [name, Math.hypot(...values)])));
  return found;
}
