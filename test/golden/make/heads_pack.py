"""What the makers of test/golden/heads share: coarse weights, the input, and packing."""
import subprocess

import numpy as np
import seeded

# Of prime length, so that no two rows, columns or channels of a kernel are alike.
PATTERN = np.round((2 * seeded.uniform("pattern", 509) - 1) * 128) / 128

BROTLI = """
const { brotliCompressSync, constants: c } = require("node:zlib");
const data = require("node:fs").readFileSync(0);
const params = { [c.BROTLI_PARAM_QUALITY]: 10, [c.BROTLI_PARAM_LGWIN]: 24 };
process.stdout.write(brotliCompressSync(data, { params }));
"""


def coarse(name, shape):
    offset = seeded.fnv1a(name) % PATTERN.size
    return PATTERN[(np.arange(np.prod(shape, dtype=int)) + offset) % PATTERN.size].reshape(shape)


def pattern(shape):
    return ((np.arange(np.prod(shape)) * 37 % 256) / 127.5 - 1).astype("float32").reshape(shape)


def golden_case(name, path, outputs, options, **more):
    """Packs the file beside the goldens. @param options how `load` is called"""
    data = path.read_bytes()
    packed = subprocess.run(["node", "-e", BROTLI], input=data, stdout=subprocess.PIPE, check=True).stdout
    (seeded.GOLDEN / "heads" / f"{name}.br").write_bytes(packed)
    print(name, len(data), len(packed), flush=True)
    return {"name": name, "file": path.name, "options": options, "outputs": outputs, **more}
