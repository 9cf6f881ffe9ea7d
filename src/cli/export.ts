/** `pdiff export`: whole networks for PyTorch. */
import { count, list } from "./format.ts";
import type { Terminal } from "./terminal.ts";

export interface ExportOptions {
  readonly to: string;
  readonly group: "samples" | "zoo";
  readonly count?: number;
  readonly names: "timm" | "torchvision";
}

/** Writes the networks of a run and says how PyTorch loads one. */
export async function exportNetworks(terminal: Terminal, run: string, options: ExportOptions): Promise<void> {
  const { exportRun } = await import("../pipeline/index.ts");
  const files = await exportRun({ run, ...options });
  const pairs = [
    ["networks", `${count(files.length)}, each with every tensor of its state dict`],
    ["folder", options.to],
  ] as const;
  terminal.result({ folder: options.to, files }, list(pairs));
  terminal.say(`\nin Python: model.load_state_dict(safetensors.torch.load_file("${files[0]}"), strict=True)`);
}
