/** `pdiff export` and `pdiff import`: what there is to take away of a run, and a run that was taken away. */
import { count, list } from "../format.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

export interface ExportOptions {
  readonly to: string;
  readonly group: "samples" | "zoo";
  readonly count?: number;
  readonly names: "timm" | "torchvision";
  readonly like?: string;
  readonly batch?: number;
  readonly archive?: boolean;
}

/** Writes the networks of a run, its generator, a card and perhaps the run itself, and says how to use them. */
export async function exportNetworks(terminal: Terminal, run: string, options: ExportOptions): Promise<void> {
  const { exportRun } = await import("../../stages/index.ts");
  const { networks, generator, card, archive } = await exportRun({ run, ...options });
  const pairs: [string, string][] = [
    ["networks", `${count(networks.length)}, each with every tensor of its state dict`],
    ["folder", options.to],
  ];
  if (generator !== undefined) {
    const { file, noise, parameters } = generator;
    pairs.push(["generator", `${file}: noise [${noise.join(", ")}] to parameters [${parameters.join(", ")}]`]);
  }
  if (card !== undefined) pairs.push(["model card", card]);
  if (archive !== undefined) pairs.push(["archive", archive]);
  terminal.result(
    { folder: options.to, files: networks, generator: generator ?? null, card: card ?? null, archive: archive ?? null },
    list(pairs),
  );
  const [first] = networks;
  if (first?.endsWith(".safetensors"))
    terminal.say(`\nin Python: model.load_state_dict(safetensors.torch.load_file("${first}"), strict=True)`);
  else if (first?.match(/\.(pth|pt|bin|ckpt)$/)) terminal.say(`\nin Python: torch.load("${first}", weights_only=True)`);
  if (archive !== undefined)
    terminal.say(`\nnext, on another machine: ${commandLine("import", archive, "--run", run)}`);
}

/** Unpacks an archive of a run. */
export async function importRun(terminal: Terminal, archive: string, folder: string): Promise<void> {
  const { unpackRun } = await import("../../run/index.ts");
  await unpackRun(archive, folder);
  terminal.result({ folder }, list([["folder", folder]]));
  terminal.say(`\nnext: ${commandLine("run", `${folder}/config.yaml`, "--run", folder)}`);
}
