import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { UserError } from "../errors.ts";
import { commandMeasure } from "./command.ts";
import { betterOf, type Measure, MeasureError, measureAll, type Outcome, pickMetric } from "./measure.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let files: string[];
beforeEach(() => {
  const folder = folders.make();
  files = ["a", "b", "c", "d"].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, file.at(-1)!);
});

const nameOf = (path: string) => path.at(-1)!;
const measureFiles = (measure: Measure, more: Partial<Parameters<typeof measureAll>[0]> = {}) =>
  measureAll({
    checkpoints: files,
    measure,
    timeoutMs: 2000,
    retries: 0,
    parallel: 2,
    signal: new AbortController().signal,
    ...more,
  });
const valuesOf = (outcomes: readonly Outcome[]) => outcomes.map((o) => (o.ok ? o.values : o.problem));

describe("measuring checkpoints", () => {
  it("gives numbers in the order of the checkpoints, whichever is done first", async () => {
    const slow: Measure = async (path) => {
      await new Promise((resolve) => setTimeout(resolve, nameOf(path) === "a" ? 50 : 1));
      return { accuracy: nameOf(path).charCodeAt(0), epochs: 3 };
    };
    expect(valuesOf(await measureFiles(slow))).toEqual([97, 98, 99, 100].map((accuracy) => ({ accuracy, epochs: 3 })));
  });

  it("records what fails, and goes on", async () => {
    const one: Measure = (path) => {
      if (nameOf(path) === "b") throw new Error("cannot load it");
      if (nameOf(path) === "c") return Number.NaN;
      return 1;
    };
    expect(valuesOf(await measureFiles(one))).toEqual([
      { value: 1 },
      "cannot load it",
      "it gave value NaN, which is not finite",
      { value: 1 },
    ]);
  });

  it("retries a failed measurement as often as asked", async () => {
    const tries = new Map<string, number>();
    const flaky: Measure = (path) => {
      const now = (tries.get(path) ?? 0) + 1;
      tries.set(path, now);
      if (now < 3) throw new Error("not yet");
      return now;
    };
    expect(valuesOf(await measureFiles(flaky, { retries: 2 }))).toEqual(files.map(() => ({ value: 3 })));
    tries.clear();
    await expect(measureFiles(flaky, { retries: 1 })).rejects.toThrow(
      "none of 4 measurements came to a number: not yet",
    );
  });

  it("gives up what takes too long, and tells it so", async () => {
    const aborted: string[] = [];
    const hanging: Measure = (path, signal) =>
      nameOf(path) === "b"
        ? new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(new Error(String(aborted.push(nameOf(path)))))),
          )
        : 1;
    expect(valuesOf(await measureFiles(hanging, { timeoutMs: 30 }))).toEqual([
      { value: 1 },
      "it took longer than 0.03 s",
      { value: 1 },
      { value: 1 },
    ]);
    expect(aborted).toEqual(["b"]);
  });

  it("says what a program that took too long last complained of, and waits for its end before the next try", async () => {
    let [running, most] = [0, 0];
    const slow: Measure = async (path, signal) => {
      if (nameOf(path) !== "b") return 1;
      most = Math.max(most, ++running);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      throw new MeasureError("it ended with SIGTERM (loading)", { ran: "run b", said: "loading" });
    };
    const [, b] = await measureFiles(slow, { timeoutMs: 30, retries: 1, parallel: 1 });
    expect(b).toEqual({
      ok: false,
      problem: "it took longer than 0.03 s (loading)",
      attempts: 2,
      ran: "run b",
      notFinite: false,
    });
    expect([running, most]).toEqual([0, 1]);
  });

  it("leaves a function behind that never ends", async () => {
    vi.useFakeTimers();
    try {
      const work = measureFiles((path) => (nameOf(path) === "b" ? new Promise(() => {}) : 1));
      await vi.advanceTimersByTimeAsync(20_000);
      expect(valuesOf(await work)[1]).toBe("it took longer than 2 s");
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends all that is at work before it fails itself", async () => {
    let running = 0;
    const begun: string[] = [];
    let aborted = false;
    // Telling fails after the first, while the second is at work.
    const measure: Measure = async (path, signal) => {
      begun.push(nameOf(path));
      if (nameOf(path) !== "b") return 1;
      running++;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      throw new Error("aborted");
    };
    const onDone = () => {
      if (!aborted) {
        aborted = true;
        throw new Error("no terminal");
      }
    };
    await expect(measureFiles(measure, { onDone })).rejects.toThrow("no terminal");
    expect([running, begun]).toEqual([0, ["a", "b"]]);
  });

  it("is over at once where the disk is full, which is no checkpoint's fault", async () => {
    const full: Measure = () => {
      throw new UserError("E_DISK", "the disk is full");
    };
    await expect(measureFiles(full, { retries: 5 })).rejects.toMatchObject({ code: "E_DISK" });
    const cache = { folder: join(files[0]!, "below"), name: "m" };
    await expect(measureFiles(() => 1, { cache })).rejects.toMatchObject({ code: "E_DISK" });
  });

  it("records whatever a function throws or gives", async () => {
    const odd: Measure = (path) => {
      if (nameOf(path) === "b") throw "text";
      if (nameOf(path) === "c") return Promise.reject(undefined);
      return nameOf(path) === "d" ? (undefined as unknown as number) : 1;
    };
    expect(valuesOf(await measureFiles(odd))).toEqual([
      { value: 1 },
      "text",
      "undefined",
      "it gave undefined, expected a number",
    ]);
  });

  it("stops when the signal aborts, and keeps what was found", async () => {
    const stop = new AbortController();
    const folder = join(folders.make(), "kept");
    const measure: Measure = (path, signal) => {
      if (nameOf(path) !== "b") return 1;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
        stop.abort();
      });
    };
    const options = { parallel: 1, cache: { folder, name: "m" } };
    await expect(measureFiles(measure, { ...options, signal: stop.signal })).rejects.toThrow("stopped");
    expect(readdirSync(folder)).toHaveLength(1);
    const seen: string[] = [];
    await measureFiles((path) => seen.push(nameOf(path)), options);
    expect(seen).toEqual(["b", "c", "d"]);
  });

  it("measures again when the checkpoint or the metric is another one, or the last time failed", async () => {
    const folder = folders.make();
    let calls = 0;
    const count: Measure = (path) => {
      calls++;
      if (nameOf(path) === "d") throw new Error("no");
      return 1;
    };
    await measureFiles(count, { cache: { folder, name: "m" } });
    await measureFiles(count, { cache: { folder, name: "m" } });
    expect(calls).toBe(5);
    writeFileSync(files[0]!, "changed");
    await measureFiles(count, { cache: { folder, name: "m" } });
    expect(calls).toBe(7);
    await measureFiles(count, { cache: { folder, name: "other" } });
    expect(calls).toBe(11);
  });

  it("keeps the numbers and the time they took, and takes a damaged file for none", async () => {
    const folder = folders.make();
    const options = { cache: { folder, name: "m" }, checkpoints: files.slice(0, 1) };
    const [first] = await measureFiles(() => 4, options);
    expect(first).toEqual({ ok: true, values: { value: 4 }, seconds: expect.any(Number) });
    expect(await measureFiles(() => 5, options)).toEqual([first]);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "{");
    expect(valuesOf(await measureFiles(() => 6, options))).toEqual([{ value: 6 }]);
  });

  it("records a checkpoint that cannot be read, and goes on", async () => {
    const cache = { folder: folders.make(), name: "m" };
    const [a, none] = await measureFiles(() => 1, { cache, checkpoints: [files[0]!, `${files[1]}-none`] });
    expect(a).toMatchObject({ ok: true });
    expect(none).toMatchObject({ ok: false, problem: expect.stringMatching(/b-none cannot be read \(ENOENT\)/) });
  });

  it("does not give up where all networks are worth NaN: the measure works", async () => {
    const outcomes = await measureFiles(() => Number.NaN);
    expect(outcomes).toEqual(files.map(() => expect.objectContaining({ ok: false, notFinite: true })));
  });

  it("shows the command as it was run where nothing works at all", async () => {
    await expect(
      measureFiles(commandMeasure("no-such-program {checkpoint}"), { retries: 1, parallel: 1 }),
    ).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(
        /^none of 4 measurements .*exit code 127 \(.*not found\); try it by hand: no-such/,
      ),
    });
  });

  it("ends soon where nothing works at all", async () => {
    const folder = folders.make();
    mkdirSync(folder, { recursive: true });
    const many = Array.from({ length: 40 }, (_, i) => join(folder, `${i}`));
    for (const file of many) writeFileSync(file, file);
    let calls = 0;
    const broken: Measure = () => {
      calls++;
      throw new Error("python: command not found");
    };
    await expect(measureFiles(broken, { checkpoints: many })).rejects.toMatchObject({ code: "E_RUN" });
    expect(calls).toBeLessThan(10);
  });
});

describe("the number that counts", () => {
  const outcomes = (values: Record<string, number>): Outcome[] => [{ ok: true, values, seconds: 1 }];

  it("is the one asked for, the only one, or the likeliest", () => {
    expect(pickMetric(outcomes({ a: 1, b: 2 }), "b")).toBe("b");
    expect(pickMetric(outcomes({ bleu: 1 }))).toBe("bleu");
    expect(pickMetric(outcomes({ loss: 1, accuracy: 2, epoch: 3 }))).toBe("accuracy");
    expect(() => pickMetric(outcomes({ a: 1, b: 2 }))).toThrow("there are several numbers (a, b); say which");
    const none: Outcome = { ok: false, problem: "x", attempts: 1, notFinite: false };
    expect(() => pickMetric([none], "a")).toThrow("no measurement came to a number");
    const odd: Outcome = { ok: false, problem: "it gave a NaN", attempts: 1, notFinite: true };
    expect(() => pickMetric([odd, none])).toThrow(
      "none of 2 measurements came to a finite number; the program works, but 1 times its result is NaN or infinite: it gave a NaN",
    );
    expect(() => pickMetric(outcomes({ a: 1 }), "c")).toThrow("no measurement gave c; there is a");
  });

  it("is better when lower where its name says so", () => {
    for (const name of [
      "loss",
      "val_loss",
      "valLoss",
      "logloss",
      "testError",
      "evalMSE",
      "top1_err",
      "perplexity",
      "eval/nll",
      "WER",
    ])
      expect([name, betterOf(name).better]).toEqual([name, "lower"]);
    for (const name of ["accuracy", "value", "bleu", "f1", "merge", "soccer", "fidelity"])
      expect([name, betterOf(name).better]).toEqual([name, "higher"]);
  });
});
