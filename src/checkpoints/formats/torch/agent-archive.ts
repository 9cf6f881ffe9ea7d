/**
 * Agents as Stable-Baselines3 saves them: a zip archive in which policy.pth is the state dict of
 * the policy, as `torch.save` writes it. Everything else in the archive, such as the states of
 * optimisers, stays as it is.
 */
import { UserError } from "../../../errors.ts";
import { show } from "../../../show.ts";
import type { CheckpointFile, FileOptions } from "../checkpoint-file.ts";
import { joinPieces, writePieces } from "../pieces.ts";
import { keepingOpen, openPlain, type PlainFile, withPlainFile } from "../plain-file.ts";
import { openZip } from "../zip.ts";
import { rewrittenZip } from "../zip-rewrite.ts";
import { readTorch, rewrittenTorch } from "./pth.ts";
import { SAVE_AGAIN } from "./torch-objects.ts";
import { budgetOf, type Spend } from "./torch-tensors.ts";

const POLICY = "policy.pth";

/** Whether a zip archive with such entries is an agent. */
export const isAgent = (names: readonly string[]): boolean => names.includes(POLICY);

/** What a zip archive is; damaged where its directory cannot be read. */
export async function archiveKind(path: string): Promise<"agent" | "other" | "damaged"> {
  try {
    return await withPlainFile(path, async (file) => (isAgent((await openZip(file)).names) ? "agent" : "other"));
  } catch (error) {
    if (error instanceof UserError) return "damaged";
    throw error;
  }
}

/** The policy of an agent. */
interface Policy {
  /** The file within the archive. */
  readonly file: PlainFile;
  /** The archive and the policy together take no more memory than a file of the archive's size. */
  readonly spend: Spend;
  /** What else the archive holds for a training to go on, in clauses. */
  readonly beside: readonly string[];
}

async function openPolicy(archive: PlainFile): Promise<Policy> {
  const spend = budgetOf(archive);
  const { names, open } = await openZip(archive);
  const refuse = (problem: string, advice: string): never =>
    archive.refuse(
      `in its ${POLICY}: ${problem}`,
      advice === SAVE_AGAIN ? "copy the file again, or save it again with model.save(FILE)" : advice,
    );
  const content = await open(POLICY, spend);
  if (content === undefined) return archive.refuse(`it holds no ${POLICY}`, "give an agent of Stable-Baselines3");
  return {
    file: { size: content.size, read: content.read, refuse },
    spend,
    beside: names
      .filter((name) => name.endsWith(".pth") && name !== POLICY)
      .map((name) => `${show(name)}${/optim/i.test(name) ? " (the state of an optimiser)" : ""}`),
  };
}

/**
 * Opens an agent. Its tensors are those of the policy.
 * @throws UserError `E_CHECKPOINT` when the archive or the policy is missing or damaged, or as
 *   `openPth` does.
 */
export async function openAgent(path: string, { key }: FileOptions = {}): Promise<CheckpointFile> {
  return keepingOpen(await openPlain(path), async (archive) => {
    const { file, spend, beside } = await openPolicy(archive);
    const content = await readTorch(file, { key, spend });
    return {
      format: "stable-baselines3",
      bytes: archive.size,
      metadata: {},
      ...content,
      beside: [...(content.beside ?? []), ...beside],
      close: archive.close,
    };
  });
}

/**
 * Writes a copy of an agent with other values of some of its policy's tensors. Stored uncompressed,
 * as Stable-Baselines3 does, all other bytes stay except the checksums.
 * @param values by the names that `openAgent` gives; rounded to the tensors' types.
 * @returns the SHA-256 of the copy, in hexadecimal.
 * @throws UserError `E_CHECKPOINT` as `rewritePth` does.
 */
export function rewriteAgent(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
  { key }: FileOptions = {},
): Promise<string> {
  return withPlainFile(path, async (archive) => {
    const replaced = new Map<string, Uint8Array>();
    if (values.size > 0) {
      const { file, spend } = await openPolicy(archive);
      replaced.set(POLICY, await joinPieces(await rewrittenTorch(file, values, { key, spend })));
    }
    return writePieces(to, await rewrittenZip(archive, replaced));
  });
}
