"""JPEG files that sharp cannot write, small, as base64: chroma of half the columns, restart markers, EXIF's orientations.

python3 jpeg.py ../../../examples/photographs/barn.jpg > ../jpeg.json
Pillow 11; the files' pixels are not stored: libjpeg, which sharp decodes with, has to agree.
"""

import base64
import io
import json
import sys

from PIL import Image

photograph = Image.open(sys.argv[1]).convert("RGB")


def file(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return base64.b64encode(out.getvalue()).decode()


small = photograph.resize((150, 101))
square = photograph.resize((96, 96))
files = {
    "4:2:2": file(small, quality=90, subsampling="4:2:2"),
    "4:2:2, square": file(square, quality=85, subsampling="4:2:2"),
    "4:2:0, restart markers": file(small, quality=85, subsampling="4:2:0", restart_marker_blocks=3),
    "4:4:4, restart markers each row": file(small, quality=75, subsampling="4:4:4", restart_marker_rows=1),
    "grey, restart markers": file(small.convert("L"), quality=85, restart_marker_blocks=7),
    "standard tables, quality 100": file(square, quality=100, subsampling="4:4:4"),
    "own tables, quality 5": file(square, quality=5, subsampling="4:2:0", optimize=True),
    "progressive": file(square, quality=80, progressive=True),
}
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    files[f"orientation {orientation}"] = file(photograph.resize((64, 40)), quality=80, exif=exif)
print(json.dumps(files, indent=1))
