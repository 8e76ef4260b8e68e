"""Golden numbers for the antialiased bilinear resize, from Pillow in float mode ("F", one channel at a time).

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 numpy==2.4.6
    venv/bin/python test/golden/make/resize.py > test/golden/resize.json

The pictures are not stored: `sample` below and its twin in resize.test.ts compute them. Of each result, the numbers at
every `step`-th index of [height, width, channels] are kept.
"""

import json
import sys

import numpy as np
import PIL
from PIL import Image


def sample(i):
    """The byte at index i of a picture: no seed, no generator to port, no period shorter than a row."""
    return (i * 73 + (i * i) % 1009 + (i // 7) * 11) % 256


def picture(height, width, channels):
    i = np.arange(height * width * channels, dtype=np.int64)
    return sample(i).astype(np.uint8).reshape(height, width, channels)


def resize(pixels, box, width, height):
    planes = [
        np.asarray(
            Image.fromarray(pixels[:, :, c].astype(np.float32)).resize(
                (width, height), Image.Resampling.BILINEAR, box=box
            )
        )
        for c in range(pixels.shape[2])
    ]
    return np.stack(planes, axis=-1)


# (source height, width, channels), box (left, top, right, bottom) or None for all, (target height, width), step
CASES = [
    ((7, 9, 3), None, (3, 4), 1),
    ((13, 11, 1), None, (5, 7), 1),
    ((31, 17, 3), (1.25, 2.5, 14.75, 29.125), (6, 5), 1),
    ((5, 4, 3), None, (9, 11), 1),
    ((6, 8, 1), (2.5, 1.75, 5.25, 4.5), (7, 5), 1),
    ((1, 1, 3), None, (4, 3), 1),
    ((1, 1, 1), (0.0625, 0.0625, 0.9375, 0.9375), (2, 2), 1),
    ((1, 40, 3), None, (3, 6), 1),
    ((40, 1, 1), None, (6, 3), 1),
    ((3, 200, 1), None, (5, 2), 1),
    ((8, 6, 3), None, (8, 6), 1),
    ((10, 10, 3), None, (20, 4), 1),
    ((720, 1280, 3), (325, 45, 955, 675), (224, 224), 997),
    ((720, 1280, 3), None, (224, 224), 997),
    ((601, 513, 1), (32.0625, 76.0625, 480.9375, 524.9375), (96, 160), 331),
    ((100, 75, 3), (4.6875, 17.1875, 70.3125, 82.8125), (224, 224), 997),
]


def main():
    cases = []
    for (height, width, channels), box, (out_height, out_width), step in CASES:
        box = box or (0, 0, width, height)
        result = resize(picture(height, width, channels), box, out_width, out_height)
        cases.append(
            {
                "from": [height, width, channels],
                "box": list(box),
                "to": [out_height, out_width],
                "step": step,
                "values": [float(v) for v in result.reshape(-1)[::step]],
            }
        )
    made_by = f"test/golden/make/resize.py, Pillow {PIL.__version__}, numpy {np.__version__}"
    lines = ",\n".join(json.dumps(case) for case in cases)
    sys.stdout.write(f'{{"madeBy": {json.dumps(made_by)}, "cases": [\n{lines}\n]}}\n')


main()
