import { expect, it } from "vitest";

import { inertObject } from "./inert-objects.ts";

it.each([
  "numpy._core.multiarray.scalar",
  "numpy.core.multiarray._reconstruct",
  "argparse.Namespace",
  "pathlib.PosixPath",
  "datetime.datetime",
  "omegaconf.dictconfig.DictConfig",
  "builtins.set",
])("has a stand-in for %s", (name) => {
  expect(inertObject(name)?.name).toBe(name);
});

it.each([
  "posix.system",
  "builtins.eval",
  "builtins.getattr",
  "__builtin__.exec",
  "numpy.testing._private.utils.runstring",
  "numpy.load",
  "subprocess.Popen",
  "torch.storage._load_from_bytes",
  "torch.nn.modules.container.Sequential",
  "pathlib.Path.unlink",
  "datetime.datetime.__reduce__",
])("has none for %s", (name) => {
  expect(inertObject(name)).toBeUndefined();
});
