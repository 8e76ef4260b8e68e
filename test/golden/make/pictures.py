"""Small pictures in formats and kinds that sharp decodes otherwise than Pillow, or not at all, with Pillow's pixels.

    python3 -m venv venv && venv/bin/pip install pillow==13.0.0 pillow-heif==1.8.1 numpy==2.4.6
    venv/bin/python test/golden/make/pictures.py > test/golden/pictures.json

Each entry has the file and the pixels of `convert("RGB")`, both as base64. Floats of TIFF, which Pillow does not scale,
have the bytes that they are made of.
"""

import base64
import io
import json
import struct

import numpy as np
import PIL
import pillow_heif
from PIL import Image

HEIGHT, WIDTH = 11, 13


def smooth(height=HEIGHT, width=WIDTH):
    """Colours that change slowly, so that lossy codecs keep them."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([20 + 15 * x, 240 - 18 * y, 60 + 7 * (x + y)], axis=-1).clip(0, 255).astype(np.uint8)


RGB = smooth()


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def entry(name, data, pixels=None):
    if pixels is None:
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    height, width, _ = pixels.shape
    return {
        "name": name,
        "file": base64.b64encode(data).decode(),
        "width": width,
        "height": height,
        "rgb": base64.b64encode(pixels.astype(np.uint8).tobytes()).decode(),
    }


def segments(jpeg):
    """Offsets of a JPEG's marker segments, up to the scan."""
    at = 2
    while jpeg[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        yield jpeg[at + 1], at, at + 2 + length
        at += 2 + length


def without(jpeg, marker):
    for found, start, end in segments(jpeg):
        if found == marker:
            return jpeg[:start] + jpeg[end:]
    raise ValueError("no such segment")


def cmyk_of(planes, transform=None):
    jpeg = saved(Image.fromarray(planes, "CMYK"), "jpeg", quality=95, subsampling=0)
    if transform is None:
        return jpeg
    for marker, start, end in segments(jpeg):
        if marker == 0xEE:
            return jpeg[: end - 1] + bytes([transform]) + jpeg[end:]
    raise ValueError("no Adobe marker")


def jpegs():
    image = Image.fromarray(np.kron(RGB, np.ones((4, 4, 1), np.uint8))).convert("CMYK")
    planes = np.asarray(image).copy()
    planes[..., 3] = 30 + 2 * np.mgrid[0 : planes.shape[0], 0 : planes.shape[1]][1]
    plain = cmyk_of(planes)
    yield entry("CMYK with Adobe's marker", plain)
    yield entry("CMYK without Adobe's marker", without(plain, 0xEE))
    yield entry("YCCK", cmyk_of(planes, transform=2))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(Image.fromarray(planes, "CMYK"), "jpeg", quality=95, subsampling=0, exif=exif)
    upright = np.rot90(np.asarray(Image.open(io.BytesIO(turned)).convert("RGB")), -1)
    yield entry("CMYK on its side", turned, upright)
    yield entry("CMYK, progressive", saved(Image.fromarray(planes, "CMYK"), "jpeg", quality=95, progressive=True))
    yield entry("CMYK as TIFF", saved(Image.fromarray(planes, "CMYK"), "tiff"))


def bmp(bits, body, width, height, compression=0, extra=b"", header=40, gap=0, colours=0):
    offset = 14 + header + len(extra) + gap
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(body), 0, 0, colours, 0)
    size = offset + len(body)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, offset) + info + bytes(header - 40) + extra + bytes(gap) + body


def rows(pixels):
    """Rows of bytes from the bottom, each filled up to four bytes."""
    return b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in pixels[::-1])


def bmps():
    image = Image.fromarray(RGB)
    yield entry("BMP, 24 bits", saved(image, "bmp"))
    yield entry("BMP, 8 bits of a palette", saved(image.quantize(50), "bmp"))
    yield entry("BMP, grey", saved(image.convert("L"), "bmp"))
    yield entry("BMP, 1 bit", saved(image.convert("1"), "bmp"))
    yield entry("BMP, 32 bits with alpha", saved(image.convert("RGBA"), "bmp"))
    bgr = RGB[..., ::-1]
    padded = np.concatenate([bgr, np.zeros((HEIGHT, WIDTH, 1), np.uint8)], axis=-1)
    yield entry("BMP, 32 bits", bmp(32, rows(padded), WIDTH, HEIGHT))
    yield entry("BMP, from the top", bmp(24, rows(bgr[::-1].copy()), WIDTH, -HEIGHT))
    yield entry("BMP, with a gap before its pixels", bmp(24, rows(bgr), WIDTH, HEIGHT, gap=10))
    r, g, b = (RGB[..., i].astype(np.uint16) for i in range(3))
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    yield entry("BMP, 16 bits as 5, 6, 5", bmp(16, rows(r >> 3 << 11 | g >> 2 << 5 | b >> 3), WIDTH, HEIGHT, 3, masks))
    yield entry("BMP, 16 bits as 5, 5, 5", bmp(16, rows(r >> 3 << 10 | g >> 3 << 5 | b >> 3), WIDTH, HEIGHT))
    palette = b"".join(bytes([i * 16, 255 - i * 16, i * 7, 0]) for i in range(16))
    four = np.zeros((HEIGHT, 7), np.uint8)
    four[:] = np.arange(7) * 17 % 256
    yield entry("BMP, 4 bits of a palette", bmp(4, rows(four), WIDTH, HEIGHT, extra=palette))
    row = bytes([5, 3, 4, 9, 0, 4, 1, 2, 3, 4, 0, 0])
    yield entry("BMP, run lengths", bmp(8, row * HEIGHT + bytes([0, 1]), WIDTH, HEIGHT, 1, palette, colours=16))


def heics():
    big = np.kron(RGB, np.ones((6, 6, 1), np.uint8))
    options = {"quality": 90, "chroma": 444}
    pillow_heif.register_heif_opener()
    image = Image.fromarray(big)
    yield entry("HEIC", saved(image, "heif", **options))
    yield entry("HEIC of odd size", saved(image.crop((0, 0, 65, 51)), "heif", **options))
    yield entry("HEIC, grey", saved(image.convert("L"), "heif", **options))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = saved(image, "heif", exif=exif.tobytes(), **options)
    yield entry("HEIC on its side", turned)


def float_tiff(values, sample_format=3):
    """One strip, little-endian, 32-bit floats."""
    data = values.astype("<f4").tobytes()
    height, width = values.shape[:2]
    channels = 1 if values.ndim == 2 else values.shape[2]
    bits = struct.pack("<HHH", 32, 32, 32)
    forms = struct.pack("<HHH", sample_format, sample_format, sample_format)
    tags = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, 32 if channels == 1 else 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1 if channels == 1 else 2),
        (273, 4, 1, 20),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(data)),
        (339, 3, channels, sample_format if channels == 1 else 14),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 20 + len(data)) + bits + forms + data + directory


def tiffs():
    grey = RGB[..., 0]
    as_grey = np.repeat(grey[..., None], 3, axis=-1)
    yield entry("TIFF, floats from 0 to 1", float_tiff(grey / 255), as_grey)
    yield entry("TIFF, floats from 0 to 255", float_tiff(grey.astype(float)), as_grey)
    yield entry("TIFF, floats from 0 to 1, in colour", float_tiff(RGB / 255), RGB)
    yield entry("TIFF, floats from 0 to 255, in colour", float_tiff(RGB.astype(float)), RGB)


def main():
    made = f"test/golden/make/pictures.py, Pillow {PIL.__version__}, pillow-heif {pillow_heif.__version__}"
    entries = [*jpegs(), *bmps(), *heics(), *tiffs()]
    beyond = base64.b64encode(float_tiff(RGB[..., 0] * 300.0 - 5)).decode()
    print(f'{{"madeBy": "{made}", "beyond": "{beyond}", "pictures": [')
    print(",\n".join(json.dumps(one) for one in entries))
    print("]}")


main()
