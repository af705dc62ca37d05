"""Writes small images of every variant that is read, and expected.zip, what each shows: NAME.ppm, by other decoders.

The values come from Pillow (libjpeg-turbo, libwebp, its own readers) and, for 16 bits, from ImageMagick, so no code
under test has made them. Pixels are multiplied by their alpha, 16 bits are rounded to 8. Made with Pillow 12.3.0,
NumPy 2.4.6, ImageMagick 6.9.11 and cjpeg, gif2webp, img2webp, webpmux of Debian 12. Run it in this folder.
"""

import io
import pathlib
import struct
import subprocess
import tempfile
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageCms

WIDTH, HEIGHT = 61, 43
HERE = pathlib.Path(".")
expected = zipfile.ZipFile("expected.zip", "w")
SCRATCH = pathlib.Path(tempfile.mkdtemp())


def scene(width=WIDTH, height=HEIGHT, seed=5, soft=False):
    """Slopes, an edge and a little noise: what codecs are made for. A soft edge is a few pixels wide, as in photos."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 40 + 170 * x / width + 30 * np.sin(y / 5)
    green = 200 - 150 * y / height + 25 * np.cos(x / 7)
    blue = 120 + 90 * np.sin((x + y) / 13)
    image = np.stack([red, green, blue], -1)
    inside = height / 4 - np.hypot(x - 0.6 * width, y - 0.4 * height)
    share = np.clip(inside / 8 + 0.5, 0, 1) if soft else (inside > 0).astype(float)
    image += share[..., None] * ((220, 60, 40) - image)
    image += np.random.default_rng(seed).normal(0, 2, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def alpha_of(width=WIDTH, height=HEIGHT):
    """From clear to opaque, both reached."""
    x = np.mgrid[0:height, 0:width][1].astype(float)
    return np.clip(np.rint(340 * x / width - 40), 0, 255).astype(np.uint8)


def on_black(rgba, maximum=255):
    rgba = rgba.astype(np.int64)
    product = rgba[..., :3] * rgba[..., 3:]
    square = maximum * maximum
    return ((255 * product + square // 2) // square).astype(np.uint8)


def expect(name, rgb):
    """Stores what a file shows, [height, width, 3] bytes."""
    assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3, (name, rgb.dtype, rgb.shape)
    header = b"P6 %d %d 255\n" % (rgb.shape[1], rgb.shape[0])
    entry = zipfile.ZipInfo(name + ".ppm", (1980, 1, 1, 0, 0, 0))
    expected.writestr(entry, header + rgb.tobytes(), zipfile.ZIP_DEFLATED, 9)


def by_pillow(name):
    """What Pillow sees in the first frame."""
    image = Image.open(name)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return on_black(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def keep(name, data):
    pathlib.Path(name).write_bytes(data)
    expect(name, by_pillow(name))


# ---------------------------------------------------------------------------------------------- PNG


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack_rows(samples, bits):
    """[height, width, channels] to filtered scanlines, the filter going from row to row."""
    height = samples.shape[0]
    flat = samples.reshape(height, -1)
    if bits == 16:
        rows = flat.astype(">u2").view(np.uint8).reshape(height, -1)
    elif bits == 8:
        rows = flat.astype(np.uint8)
    else:
        spread = (flat[..., None] >> np.arange(bits - 1, -1, -1)) & 1
        rows = np.packbits(spread.reshape(height, -1).astype(np.uint8), axis=1)
    step = max(1, samples.shape[2] * bits // 8)
    before = np.zeros(rows.shape[1], np.uint8)
    out = b""
    for y, row in enumerate(rows):
        left = np.concatenate([np.zeros(step, np.uint8), row])[: len(row)]
        which = y % 4 if bits >= 8 else 0
        mean = ((left.astype(int) + before) // 2).astype(np.uint8)
        guess = [np.zeros_like(row), left, before, mean][which]
        out += bytes([which]) + (row - guess).astype(np.uint8).tobytes()
        before = row
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, bits, color, before=b"", after=b"", interlaced=False, parts=1):
    height, width = samples.shape[:2]
    if samples.ndim == 2:
        samples = samples[..., None]
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        data = b"".join(pack_rows(p, bits) for p in passes if p.size)
    else:
        data = pack_rows(samples, bits)
    packed = zlib.compress(data, 9)
    cuts = [len(packed) * i // parts for i in range(parts + 1)]
    idat = b"".join(chunk(b"IDAT", packed[a:b]) for a, b in zip(cuts, cuts[1:]))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + header + before + idat + after + chunk(b"IEND", b"")


def exif(orientation, order="MM"):
    end = ">" if order == "MM" else "<"
    entry = struct.pack(end + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return order.encode() + struct.pack(end + "HIH", 42, 8, 1) + entry + struct.pack(end + "I", 0)


rgb = scene()
alpha = alpha_of()
rgba = np.dstack([rgb, alpha])
grey = np.asarray(Image.fromarray(rgb).convert("L"))
rgb16 = rgb.astype(np.uint16) * 257 + np.random.default_rng(6).integers(-128, 129, rgb.shape)
rgb16 = np.clip(rgb16, 0, 65535).astype(np.uint16)
rgb16[rgb16 > 65400] = 65535
alpha16 = (alpha.astype(int) * 257).astype(np.uint16)
alpha16[:, 20:40] ^= 77
grey16 = rgb16[..., 1]


def keep16(name, data):
    """16 bits: Pillow cuts them to 8, ImageMagick does not."""
    pathlib.Path(name).write_bytes(data)
    raw = subprocess.run(
        ["/usr/bin/convert", name, "-define", "png:swap-bytes=off", "-depth", "16", "-endian", "MSB", "RGBA:-"], capture_output=True, check=True
    ).stdout
    expect(name, on_black(np.frombuffer(raw, ">u2").reshape(HEIGHT, WIDTH, 4), 65535))


for bits in (1, 2, 4, 8):
    keep(f"png-grey{bits}.png", png(grey >> (8 - bits), bits, 0))
    keep(f"png-grey{bits}-interlaced.png", png(grey >> (8 - bits), bits, 0, interlaced=True))
    colors = min(1 << bits, 200)
    palette = Image.fromarray(rgb).quantize(colors, dither=0)
    plte = chunk(b"PLTE", bytes(palette.getpalette()[: 3 * colors]))
    indices = np.asarray(palette)
    keep(f"png-palette{bits}.png", png(indices, bits, 3, plte))
    keep(f"png-palette{bits}-interlaced.png", png(indices, bits, 3, plte, interlaced=True))
    # Fewer alphas than colours: the others are opaque.
    alphas = bytes([0, 128, 30, 200][: max(1, colors // 2)])
    keep(f"png-palette{bits}-trns.png", png(indices, bits, 3, plte + chunk(b"tRNS", alphas)))
    trns = chunk(b"tRNS", struct.pack(">H", int(grey[20, 30] >> (8 - bits))))
    keep(f"png-grey{bits}-trns.png", png(grey >> (8 - bits), bits, 0, trns))
keep16("png-grey16.png", png(grey16, 16, 0))
keep16("png-grey16-interlaced.png", png(grey16, 16, 0, interlaced=True))
keep16("png-grey16-alpha.png", png(np.dstack([grey16, alpha16]), 16, 4))
keep16("png-rgb16.png", png(rgb16, 16, 2))
keep16("png-rgb16-interlaced.png", png(rgb16, 16, 2, interlaced=True))
keep16("png-rgb16-alpha.png", png(np.dstack([rgb16, alpha16]), 16, 6))
keep16("png-grey16-trns.png", png(grey16, 16, 0, chunk(b"tRNS", struct.pack(">H", int(grey16[20, 30])))))
keep16("png-rgb16-trns.png", png(rgb16, 16, 2, chunk(b"tRNS", struct.pack(">3H", *map(int, rgb16[20, 30])))))
keep("png-grey8-alpha.png", png(np.dstack([grey, alpha]), 8, 4))
keep("png-rgb8.png", png(rgb, 8, 2, parts=3))
keep("png-rgb8-interlaced.png", png(rgb, 8, 2, interlaced=True))
keep("png-rgb8-alpha.png", png(rgba, 8, 6))
keep("png-rgb8-alpha-interlaced.png", png(rgba, 8, 6, interlaced=True))
flat = rgb // 64 * 64
keep("png-rgb8-trns.png", png(flat, 8, 2, chunk(b"tRNS", struct.pack(">3H", *map(int, flat[20, 30])))))
keep("png-rgb8-gama.png", png(rgb, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000))))
keep("png-grey8-gama.png", png(grey, 8, 0, chunk(b"gAMA", struct.pack(">I", 100000))))
keep("png-rgb8-chrm.png", png(rgb, 8, 2, chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 73500, 26500, 11500, 82600, 15700, 1800))))
# A profile that nobody could apply unseen: red and blue have changed their places.
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
profile = profile.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
keep("png-rgb8-icc.png", png(rgb, 8, 2, chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))))
keep("png-rgb8-icc-broken.png", png(rgb, 8, 2, chunk(b"iCCP", b"p\0\0" + zlib.compress(b"no profile"))))
keep("png-rgb8-background.png", png(rgba, 8, 6, chunk(b"bKGD", struct.pack(">3H", 255, 255, 255))))

# --------------------------------------------------------------------------------------------- JPEG


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def segments(jpeg):
    """The marker segments up to the first scan, and the rest."""
    at, found = 2, []
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        found.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return found, jpeg[at:]


def edited(jpeg, edit):
    found, rest = segments(jpeg)
    return jpeg[:2] + b"".join(edit(found)) + rest


def without(marker):
    return lambda found: [s for s in found if s[1] != marker]


def with_ids(*ids):
    """Other component ids in frame and scan."""

    def change(jpeg):
        data = bytearray(jpeg)
        found, rest = segments(jpeg)
        at = 2
        for s in found:
            if 0xC0 <= s[1] <= 0xC2:
                for i, name in enumerate(ids):
                    data[at + 10 + 3 * i] = name
            at += len(s)
        for i, name in enumerate(ids):
            data[at + 5 + 2 * i] = name
        return bytes(data)

    return change


picture = Image.fromarray(rgb)
jpeg = {"format": "JPEG", "quality": 90}
keep("jpeg-grey.jpg", saved(Image.fromarray(grey), **jpeg))
keep("jpeg-grey-progressive.jpg", saved(Image.fromarray(grey), progressive=True, **jpeg))
for name in ("4:4:4", "4:2:2", "4:2:0", "4:1:1"):
    short = name.replace(":", "")
    keep(f"jpeg-{short}.jpg", saved(picture, subsampling=name, **jpeg))
    keep(f"jpeg-{short}-progressive.jpg", saved(picture, subsampling=name, progressive=True, **jpeg))
keep("jpeg-restart.jpg", saved(picture, subsampling="4:2:0", restart_marker_blocks=2, **jpeg))
keep("jpeg-icc.jpg", saved(picture, icc_profile=profile, **jpeg))
ppm = SCRATCH / "scene.ppm"
picture.save(ppm)


def cjpeg(*options):
    return subprocess.run(["cjpeg", "-quality", "90", *options, str(ppm)], capture_output=True, check=True).stdout


keep("jpeg-icc-broken.jpg", saved(picture, icc_profile=b"no profile" * 20, **jpeg))
keep("jpeg-grey-icc.jpg", saved(Image.fromarray(grey), icc_profile=profile, **jpeg))
keep("jpeg-rgb-adobe.jpg", cjpeg("-rgb"))
scene_ppm, ppm = ppm, SCRATCH / "large.ppm"
# Part of a picture of a usual size: colours change slowly from pixel to pixel.
large = scene(400, 304, 7, soft=True)[84:160, 140:240]
Image.fromarray(large).save(ppm)
# Newer versions of libjpeg blend two rows of colour, older ones repeat one.
keep("jpeg-440.jpg", cjpeg("-sample", "1x2"))
ppm = scene_ppm
plain = saved(picture, subsampling="4:4:4", **jpeg)
adobe1 = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"
keep("jpeg-ycc-adobe.jpg", edited(plain, lambda f: [adobe1] + without(0xE0)(f)))
keep("jpeg-ycc-without-markers.jpg", edited(plain, without(0xE0)))
keep("jpeg-ycc-ids012-without-markers.jpg", with_ids(0, 1, 2)(edited(plain, without(0xE0))))
keep("jpeg-rgb-ids-without-markers.jpg", with_ids(82, 71, 66)(edited(cjpeg("-rgb"), without(0xEE))))
# Some phones and webcams leave a few bytes before the end of the image.
keep("jpeg-padded-end.jpg", plain[:-2] + bytes(2) + plain[-2:])
keep("jpeg-trailing-data.jpg", plain + b"\xff\xd8 and a second picture" * 9)

cmyk = np.dstack([255 - rgb, grey // 3])
patches = cmyk.copy()
patches[4:20, 4:20] = (0, 0, 0, 128)
for name, values in (("cmyk", cmyk), ("cmyk-patches", patches)):
    inks = Image.fromarray(values, "CMYK")
    keep(f"jpeg-{name}.jpg", saved(inks, subsampling="4:4:4", **jpeg))
inks = Image.fromarray(cmyk, "CMYK")
plain = saved(inks, subsampling="4:4:4", **jpeg)
keep("jpeg-cmyk-progressive.jpg", saved(inks, subsampling="4:4:4", progressive=True, **jpeg))
keep("jpeg-cmyk-without-adobe.jpg", edited(plain, without(0xEE)))
# YCCK: the first three samples are the YCbCr of what CMYK would store, the marker says so.
ycc = np.asarray(Image.fromarray(255 - cmyk[..., :3]).convert("YCbCr"))
stored = Image.fromarray(np.dstack([255 - ycc, cmyk[..., 3]]), "CMYK")


def transform2(found):
    return [s[:-1] + b"\x02" if s[1] == 0xEE else s for s in found]


keep("jpeg-ycck.jpg", edited(saved(stored, subsampling="4:4:4", **jpeg), transform2))
keep("jpeg-ycck-420.jpg", edited(saved(stored, subsampling="4:2:0", **jpeg), transform2))
keep("jpeg-ycck-progressive.jpg", edited(saved(stored, subsampling="4:4:4", progressive=True, **jpeg), transform2))

# --------------------------------------------------------------------------------------- GIF and BMP

indexed = picture.quantize(200, dither=0)
keep("gif-256.gif", saved(indexed, format="GIF"))
keep("gif-16.gif", saved(picture.quantize(16, dither=0), format="GIF"))
keep("gif-2.gif", saved(picture.quantize(2, dither=0), format="GIF"))
keep("gif-interlaced.gif", saved(indexed, format="GIF", interlace=1))
keep("gif-not-interlaced.gif", saved(indexed, format="GIF", interlace=0))
keep("gif-transparent.gif", saved(indexed, format="GIF", transparency=7))
keep("gif-animated.gif", saved(indexed, format="GIF", save_all=True, append_images=[indexed.transpose(1)]))


def moved(gif, left, top, width, height):
    """A wider screen with the first frame somewhere on it."""
    data = bytearray(gif)
    data[6:10] = struct.pack("<HH", width, height)
    table = 3 << ((data[10] & 7) + 1)
    at = 13 + table
    while data[at] == 0x21:
        at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    assert data[at] == 0x2C
    data[at + 1 : at + 5] = struct.pack("<HH", left, top)
    return bytes(data)


keep("gif-offset-transparent.gif", moved(saved(indexed, format="GIF", transparency=7), 5, 9, 80, 60))
name = "gif-offset.gif"
pathlib.Path(name).write_bytes(moved(saved(indexed, format="GIF"), 5, 9, 80, 60))
# Pillow shows colour 0 around the frame, browsers nothing.
around = np.zeros((60, 80, 3), np.uint8)
around[9 : 9 + HEIGHT, 5 : 5 + WIDTH] = by_pillow(name)[9 : 9 + HEIGHT, 5 : 5 + WIDTH]
expect(name, around)


def bmp(bits, rows, palette=b"", compression=0, masks=b"", top_down=False):
    offset = 54 + len(masks) + len(palette)
    height = -HEIGHT if top_down else HEIGHT
    colors = len(palette) // 4
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, len(rows), 2835, 2835, colors, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + masks + palette + rows


def bmp_rows(packed, top_down=False):
    """[height, bytes] to rows of whole words, the last one first."""
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4)))
    return (padded if top_down else padded[::-1]).tobytes()


def run_lengths(values, bits):
    """RLE8 or RLE4 with runs, literals and ends of lines."""
    out = b""
    for row in values[::-1]:
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 255:
                run += 1
            literal = row[x : x + 6]
            if run < 3 and len(literal) >= 3:
                out += bytes([0, len(literal)])
                if bits == 8:
                    out += bytes(literal) + bytes(len(literal) % 2)
                else:
                    nibbles = np.pad(literal, (0, -len(literal) % 4)).reshape(-1, 2)
                    out += bytes(a << 4 | b for a, b in nibbles.tolist())
                x += len(literal)
            else:
                out += bytes([run, row[x] if bits == 8 else row[x] << 4 | row[x]])
                x += run
        out += b"\0\0"
    return out + b"\0\1"


def bmp_palette(image, colors):
    entries = np.array(image.getpalette()[: 3 * colors], np.uint8).reshape(-1, 3)
    return np.pad(entries[:, ::-1], ((0, 0), (0, 1))).tobytes()


keep("bmp-24.bmp", bmp(24, bmp_rows(rgb[..., ::-1].reshape(HEIGHT, -1))))
keep("bmp-24-top-down.bmp", bmp(24, bmp_rows(rgb[..., ::-1].reshape(HEIGHT, -1), True), top_down=True))
keep("bmp-32.bmp", bmp(32, bmp_rows(np.dstack([rgb[..., ::-1], alpha]).reshape(HEIGHT, -1))))
masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
keep("bmp-32-bitfields.bmp", bmp(32, bmp_rows(np.dstack([rgb[..., ::-1], alpha]).reshape(HEIGHT, -1)), compression=3, masks=masks))
five = (rgb >> 3).astype(np.uint16)
word = five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]


def keep_exactly(name, data, shown):
    """Pillow cuts five bits of 31 to bytes instead of rounding."""
    pathlib.Path(name).write_bytes(data)
    assert np.abs(by_pillow(name).astype(int) - shown).max() <= 1
    expect(name, np.rint(shown).astype(np.uint8))


keep_exactly("bmp-16-555.bmp", bmp(16, bmp_rows(word.astype("<u2").view(np.uint8).reshape(HEIGHT, -1))), five * 255.0 / 31)
word = five[..., 0] << 11 | (rgb[..., 1].astype(np.uint16) >> 2) << 5 | five[..., 2]
masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
keep_exactly("bmp-16-565.bmp", bmp(16, bmp_rows(word.astype("<u2").view(np.uint8).reshape(HEIGHT, -1)), compression=3, masks=masks), np.dstack([five[..., 0] * 255.0 / 31, (rgb[..., 1] >> 2) * 255.0 / 63, five[..., 2] * 255.0 / 31]))
for bits in (1, 4, 8):
    colors = min(1 << bits, 200)
    image = picture.quantize(colors, dither=0)
    values = np.asarray(image)
    spread = (values[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    rows = bmp_rows(np.packbits(spread.reshape(HEIGHT, -1).astype(np.uint8), axis=1))
    keep(f"bmp-palette{bits}.bmp", bmp(bits, rows, bmp_palette(image, colors)))
    if bits > 1:
        rle = run_lengths(values, bits)
        keep(f"bmp-rle{bits}.bmp", bmp(bits, rle, bmp_palette(image, colors), compression={8: 1, 4: 2}[bits]))
# A header of version 5 whose fourth mask makes the fourth byte an alpha.
rows = bmp_rows(np.dstack([rgb[..., ::-1], alpha]).reshape(HEIGHT, -1))
info = struct.pack("<IiiHHIIiiII", 124, WIDTH, HEIGHT, 1, 32, 3, len(rows), 2835, 2835, 0, 0)
info += struct.pack("<IIII4s", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs") + bytes(64)
keep("bmp-32-alpha.bmp", b"BM" + struct.pack("<IHHI", 138 + len(rows), 0, 0, 138) + info + rows)

# --------------------------------------------------------------------------------------------- WebP

big = Image.fromarray(large)
soft = big.crop((0, 0, WIDTH, HEIGHT))
with_alpha = Image.fromarray(np.dstack([np.asarray(soft), alpha]))
for quality in (20, 50, 75, 95):
    keep(f"webp-lossy-q{quality}.webp", saved(big, format="WEBP", quality=quality, method=6))
keep("webp-lossy-fast.webp", saved(big, format="WEBP", quality=75, method=0))
keep("webp-lossy-alpha.webp", saved(with_alpha, format="WEBP", quality=75))
keep("webp-lossy-alpha-coarse.webp", saved(with_alpha, format="WEBP", quality=75, alpha_quality=40))
keep("webp-lossless.webp", saved(picture, format="WEBP", lossless=True))
keep("webp-lossless-alpha.webp", saved(with_alpha, format="WEBP", lossless=True, exact=True))
keep("webp-lossless-palette.webp", saved(indexed.convert("RGB"), format="WEBP", lossless=True))
keep("webp-lossless-16-colors.webp", saved(picture.quantize(16, dither=0).convert("RGB"), format="WEBP", lossless=True))
keep("webp-lossless-2-colors.webp", saved(picture.quantize(2, dither=0).convert("RGB"), format="WEBP", lossless=True))
keep("webp-lossless-grey.webp", saved(Image.fromarray(grey).convert("RGB"), format="WEBP", lossless=True))
keep("webp-lossy-icc.webp", saved(big, format="WEBP", quality=90, icc_profile=profile))
keep("webp-lossless-icc-broken.webp", saved(picture, format="WEBP", lossless=True, icc_profile=b"no profile" * 20))
keep("webp-lossless-icc.webp", saved(picture, format="WEBP", lossless=True, icc_profile=profile))


def cwebp(*options):
    out = SCRATCH / "out.webp"
    subprocess.run(["cwebp", "-quiet", *options, str(SCRATCH / "large.png"), "-o", str(out)], check=True)
    return out.read_bytes()


big.save(SCRATCH / "large.png")
keep("webp-lossy-simple-filter.webp", cwebp("-q", "30", "-nostrong"))
keep("webp-lossy-strong-filter.webp", cwebp("-q", "30", "-strong", "-f", "80", "-sharpness", "5"))
keep("webp-lossy-no-filter.webp", cwebp("-q", "60", "-f", "0", "-segments", "1"))
keep("webp-lossy-partitions.webp", cwebp("-q", "60", "-partition_limit", "50", "-segments", "4"))
keep("webp-near-lossless.webp", cwebp("-near_lossless", "40", "-q", "80"))


def animated(name, frames, **options):
    keep(name, saved(frames[0], format="WEBP", save_all=True, append_images=frames[1:], duration=100, **options))


animated("webp-animated-lossless.webp", [picture, picture.transpose(1)], lossless=True)
animated("webp-animated-lossy.webp", [big, big.transpose(1)], quality=80)
animated("webp-animated-lossless-alpha.webp", [with_alpha, with_alpha.transpose(1)], lossless=True)


# Hard edges of colour. The WebP reader gives four pixels one colour difference, as dwebp does without "fancy".
for how in ({"quality": 50}, {"quality": 75}, {"quality": 95}, {"quality": 75, "method": 0}):
    name = "webp-lossy-hard-edges-%s.webp" % "-".join(f"{key}{value}" for key, value in how.items())
    pathlib.Path(name).write_bytes(saved(picture, format="WEBP", **how))
    subprocess.run(["dwebp", "-quiet", "-nofancy", "-ppm", name, "-o", str(SCRATCH / "hard.ppm")], check=True)
    expect(name, np.asarray(Image.open(SCRATCH / "hard.ppm")))


def webp_part(name, part, left, top, background):
    """An animation whose first frame lies somewhere on a larger canvas."""
    image, after = SCRATCH / "frame.webp", SCRATCH / "after.webp"
    image.write_bytes(part)
    after.write_bytes(saved(Image.fromarray(scene(80, 60, 9)), format="WEBP", lossless=True))
    frames = ["-frame", str(image), f"+100+{left}+{top}+0+b", "-frame", str(after), "+100+0+0+0+b"]
    subprocess.run(["webpmux", *frames, "-loop", "0", "-bgcolor", background, "-o", name], check=True, capture_output=True)
    expect(name, by_pillow(name))


for kind, part in (
    ("lossless", saved(picture, format="WEBP", lossless=True)),
    ("lossy", saved(soft, format="WEBP", quality=80)),
    ("lossless-alpha", saved(with_alpha, format="WEBP", lossless=True)),
    ("lossy-alpha", saved(with_alpha, format="WEBP", quality=80)),
):
    webp_part(f"webp-animated-offset-{kind}.webp", part, 6, 10, "0,255,255,255")

# -------------------------------------------------------------------------------------- orientation

for orientation in range(1, 9):
    note = chunk(b"eXIf", exif(orientation))
    for place, data in (
        ("before", png(rgb, 8, 2, before=note)),
        ("after", png(rgb, 8, 2, after=chunk(b"eXIf", exif(orientation, "II")))),
    ):
        if orientation == 6 or place == "before":
            pathlib.Path(f"orientation-{orientation}-{place}.png").write_bytes(data)
    pathlib.Path(f"orientation-{orientation}.jpg").write_bytes(saved(picture, exif=b"Exif\0\0" + exif(orientation, "II"), **jpeg))
    pathlib.Path(f"orientation-{orientation}.webp").write_bytes(saved(picture, format="WEBP", lossless=True, exif=exif(orientation)))
for file in sorted(HERE.glob("orientation-*.*")):
    image = Image.open(file)
    value = image.getexif().get(0x0112)
    assert value == int(file.name.split("-")[1].split(".")[0]), (file, value)
    turned = {
        2: Image.FLIP_LEFT_RIGHT,
        3: Image.ROTATE_180,
        4: Image.FLIP_TOP_BOTTOM,
        5: Image.TRANSPOSE,
        6: Image.ROTATE_270,
        7: Image.TRANSVERSE,
        8: Image.ROTATE_90,
    }.get(value)
    upright = image.convert("RGB") if turned is None else image.convert("RGB").transpose(turned)
    expect(str(file), np.asarray(upright))

expected.close()
