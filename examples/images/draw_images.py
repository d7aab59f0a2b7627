#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the example images of this folder, and answers.json with what is in them.

The project carries no photographs: these are flat drawings, small enough to commit, in the two formats that cameras
write most. answers.json is what the emulator's --answers takes, so that a fox is answered with a fox.
Only the standard library is needed; drawing again gives the same pictures.

    python3 draw_images.py [FOLDER]
"""
import hashlib
import json
import math
import pathlib
import struct
import sys
import zlib

WIDTH, HEIGHT = 320, 240
# By name, red green blue; an image uses a handful.
INK = {
    "sky": (150, 190, 225), "far": (110, 140, 130), "meadow": (120, 150, 70), "grass": (90, 120, 50),
    "wood": (70, 50, 35), "leaf": (50, 85, 45), "water": (90, 130, 160), "deer": (150, 95, 50),
    "pale": (225, 205, 180), "black": (20, 20, 20), "white": (240, 240, 240), "red": (175, 40, 35),
    "glass": (60, 80, 95), "skin": (215, 170, 140), "jacket": (60, 75, 60), "road": (140, 130, 115),
    "night": (12, 12, 12), "dusk": (30, 30, 30), "ground": (58, 58, 58), "trunk": (84, 84, 84), "fur": (150, 150, 150),
    "eye": (250, 250, 250),
}


class Canvas:
    """A grid of ink names. Places are fractions of the image, as in a detection's box."""

    def __init__(self, ink):
        self.rows = [[ink] * WIDTH for _ in range(HEIGHT)]
        self.box = None

    def shape(self, ink, x0, y0, x1, y1, inside):
        """Inks the pixels of a frame whose centre lies inside, and widens the open box."""
        for y in range(max(0, math.floor(y0 * HEIGHT)), min(HEIGHT, math.ceil(y1 * HEIGHT))):
            for x in range(max(0, math.floor(x0 * WIDTH)), min(WIDTH, math.ceil(x1 * WIDTH))):
                if inside((x + 0.5) / WIDTH, (y + 0.5) / HEIGHT):
                    self.rows[y][x] = ink
        if self.box:
            a, b, c, d = self.box
            self.box = (min(a, x0), min(b, y0), max(c, x1), max(d, y1))

    def rectangle(self, ink, x0, y0, x1, y1):
        self.shape(ink, x0, y0, x1, y1, lambda x, y: True)

    def ellipse(self, ink, x, y, rx, ry):
        self.shape(ink, x - rx, y - ry, x + rx, y + ry,
                   lambda px, py: ((px - x) / rx) ** 2 + ((py - y) / ry) ** 2 <= 1)

    def polygon(self, ink, *points):
        def inside(px, py):
            odd = False
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
                if (ay > py) != (by > py) and px < ax + (py - ay) * (bx - ax) / (by - ay):
                    odd = not odd
            return odd
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self.shape(ink, min(xs), min(ys), max(xs), max(ys), inside)

    def open_box(self):
        self.box = (1.0, 1.0, 0.0, 0.0)

    def close_box(self):
        x0, y0, x1, y1 = self.box
        self.box = None
        return [round(x0, 4), round(y0, 4), round(x1 - x0, 4), round(y1 - y0, 4)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(canvas):
    """Palette PNG, no filter."""
    inks = sorted({ink for row in canvas.rows for ink in row})
    index = {ink: i for i, ink in enumerate(inks)}
    pixels = b"".join(b"\0" + bytes(index[ink] for ink in row) for row in canvas.rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(bytes(INK[ink]) for ink in inks)) +
            chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b""))


COSINE = [[math.cos((2 * x + 1) * u * math.pi / 16) for x in range(8)] for u in range(8)]
ZIGZAG = sorted(((u, v) for v in range(8) for u in range(8)),
                key=lambda p: (p[0] + p[1], p[1] if (p[0] + p[1]) % 2 else p[0]))
QUANTUM = 24
# Symbols of the AC table: end of block gets one bit, all others nine. Valid, and no table needs to be carried.
AC_SYMBOLS = [0x00, 0xF0] + [run << 4 | size for run in range(16) for size in range(1, 11)]


class Bits:
    """Most significant bit first, with the zero byte that JPEG wants behind each 0xFF."""

    def __init__(self):
        self.text = []

    def put(self, value, count):
        if count:
            self.text.append(format(value, f"0{count}b"))

    def bytes(self):
        text = "".join(self.text)
        text += "1" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def put_number(bits, value, size):
    bits.put(value if value >= 0 else value + (1 << size) - 1, size)


def put_block(bits, numbers, before):
    size = abs(numbers[0] - before).bit_length()
    bits.put(size, 4)
    put_number(bits, numbers[0] - before, size)
    run = 0
    last = max((i for i in range(1, 64) if numbers[i]), default=0)
    for value in numbers[1:last + 1]:
        if value == 0:
            run += 1
            continue
        for symbol in [0xF0] * (run // 16) + [run % 16 << 4 | abs(value).bit_length()]:
            bits.put(255 + AC_SYMBOLS.index(symbol), 9)
        put_number(bits, value, abs(value).bit_length())
        run = 0
    if last < 63:
        bits.put(0, 1)


def transform(block):
    """Discrete cosine transform of 8x8 samples, quantised, in zigzag order."""
    rows = [[sum(row[x] * COSINE[u][x] for x in range(8)) for u in range(8)] for row in block]
    numbers = []
    for u, v in ZIGZAG:
        total = sum(rows[y][u] * COSINE[v][y] for y in range(8)) / 4
        total *= (math.sqrt(0.5) if u == 0 else 1) * (math.sqrt(0.5) if v == 0 else 1)
        numbers.append(round(total / QUANTUM))
    return numbers


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(canvas):
    """Baseline grey JPEG, as an infra-red camera writes at night."""
    grey = {ink: round(0.299 * r + 0.587 * g + 0.114 * b) - 128 for ink, (r, g, b) in INK.items()}
    bits, before = Bits(), 0
    for top in range(0, HEIGHT, 8):
        for left in range(0, WIDTH, 8):
            numbers = transform([[grey[ink] for ink in row[left:left + 8]] for row in canvas.rows[top:top + 8]])
            put_block(bits, numbers, before)
            before = numbers[0]
    dc_counts = bytes(12 if length == 4 else 0 for length in range(1, 17))
    ac_counts = bytes({1: 1, 9: len(AC_SYMBOLS) - 1}.get(length, 0) for length in range(1, 17))
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") +
            segment(0xDB, b"\0" + bytes([QUANTUM] * 64)) +
            segment(0xC0, struct.pack(">BHHB", 8, HEIGHT, WIDTH, 1) + b"\x01\x11\0") +
            segment(0xC4, b"\0" + dc_counts + bytes(range(12))) +
            segment(0xC4, b"\x10" + ac_counts + bytes(AC_SYMBOLS)) +
            segment(0xDA, b"\x01\x01\0\0\x3f\0") + bits.bytes() + b"\xff\xd9")


def meadow():
    canvas = Canvas("sky")
    canvas.ellipse("far", 0.25, 0.52, 0.45, 0.16)
    canvas.ellipse("far", 0.85, 0.55, 0.40, 0.12)
    canvas.rectangle("meadow", 0, 0.52, 1, 1)
    for x in (0.06, 0.90):
        canvas.rectangle("wood", x, 0.25, x + 0.03, 0.66)
        canvas.ellipse("leaf", x + 0.015, 0.24, 0.09, 0.17)
    return canvas


def forest_at_night():
    canvas = Canvas("night")
    canvas.rectangle("dusk", 0, 0.35, 1, 0.62)
    canvas.rectangle("ground", 0, 0.60, 1, 1)
    for x, width in ((0.08, 0.05), (0.30, 0.03), (0.72, 0.06), (0.92, 0.03)):
        canvas.rectangle("trunk", x, 0, x + width, 0.68)
    return canvas


def deer(canvas, x, y, size):
    canvas.open_box()
    canvas.ellipse("deer", x, y, 0.13 * size, 0.08 * size)
    for leg in (-0.10, -0.06, 0.06, 0.10):
        canvas.rectangle("deer", x + leg * size - 0.01, y, x + leg * size + 0.01, y + 0.24 * size)
    canvas.polygon("deer", (x + 0.08 * size, y - 0.04 * size), (x + 0.13 * size, y),
                   (x + 0.18 * size, y - 0.15 * size), (x + 0.14 * size, y - 0.17 * size))
    canvas.ellipse("deer", x + 0.18 * size, y - 0.17 * size, 0.05 * size, 0.035 * size)
    canvas.ellipse("pale", x - 0.125 * size, y - 0.02 * size, 0.015 * size, 0.03 * size)
    return canvas.close_box()


def fox(canvas, x, y):
    canvas.open_box()
    canvas.ellipse("fur", x, y, 0.12, 0.07)
    canvas.ellipse("fur", x - 0.17, y + 0.03, 0.09, 0.035)
    canvas.ellipse("fur", x + 0.14, y - 0.06, 0.05, 0.055)
    canvas.polygon("fur", (x + 0.10, y - 0.09), (x + 0.11, y - 0.17), (x + 0.14, y - 0.10))
    canvas.polygon("fur", (x + 0.14, y - 0.10), (x + 0.17, y - 0.17), (x + 0.18, y - 0.09))
    for leg in (-0.08, -0.05, 0.05, 0.08):
        canvas.rectangle("fur", x + leg - 0.008, y, x + leg + 0.008, y + 0.16)
    for eye in (0.125, 0.16):
        canvas.ellipse("eye", x + eye, y - 0.065, 0.008, 0.011)
    return canvas.close_box()


def egret(canvas, x, y):
    canvas.open_box()
    canvas.ellipse("white", x, y, 0.07, 0.06)
    canvas.polygon("white", (x + 0.03, y - 0.03), (x + 0.06, y), (x + 0.09, y - 0.20), (x + 0.06, y - 0.20))
    canvas.ellipse("white", x + 0.075, y - 0.21, 0.025, 0.022)
    canvas.polygon("red", (x + 0.09, y - 0.22), (x + 0.17, y - 0.20), (x + 0.09, y - 0.195))
    for leg in (-0.015, 0.015):
        canvas.rectangle("black", x + leg - 0.003, y + 0.05, x + leg + 0.003, y + 0.22)
    return canvas.close_box()


def car(canvas, x, y):
    canvas.open_box()
    canvas.rectangle("red", x - 0.24, y - 0.06, x + 0.24, y + 0.08)
    canvas.polygon("red", (x - 0.15, y - 0.06), (x - 0.10, y - 0.19), (x + 0.10, y - 0.19), (x + 0.17, y - 0.06))
    canvas.polygon("glass", (x - 0.12, y - 0.07), (x - 0.085, y - 0.17), (x + 0.085, y - 0.17), (x + 0.13, y - 0.07))
    for wheel in (-0.14, 0.14):
        canvas.ellipse("black", x + wheel, y + 0.08, 0.05, 0.067)
    return canvas.close_box()


def walker(canvas, x, y):
    canvas.open_box()
    canvas.ellipse("skin", x, y - 0.26, 0.03, 0.045)
    canvas.rectangle("jacket", x - 0.05, y - 0.21, x + 0.05, y + 0.02)
    for leg in (-0.03, 0.012):
        canvas.rectangle("black", x + leg, y + 0.02, x + leg + 0.02, y + 0.24)
    return canvas.close_box()


def seen(label, score, box, *ranks):
    """One annotation in the service's shape. The taxonomy's ids are made up."""
    names = dict(zip(("class", "order", "family", "genus", "species"), ranks + ("",) * 5))
    number = int(hashlib.sha256(label.encode()).hexdigest()[:8], 16)
    return {"bbox": box, "score": score, "label": label,
            "taxonomy": {"id": f"{number:08x}-0000-4000-8000-000000000000", **names}}


def scenes():
    """File name, canvas, encoder, and what is to be seen."""
    red_deer = ("mammalia", "cetartiodactyla", "cervidae", "cervus", "elaphus")
    canvas = meadow()
    yield "deer.png", canvas, png, [seen("red deer", 0.981, deer(canvas, 0.60, 0.62, 1.2), *red_deer),
                                    seen("red deer", 0.907, deer(canvas, 0.27, 0.60, 0.7), *red_deer)]
    canvas = forest_at_night()
    yield "fox_at_night.jpg", canvas, jpeg, [seen("red fox", 0.968, fox(canvas, 0.50, 0.68), "mammalia", "carnivora",
                                                  "canidae", "vulpes", "vulpes")]
    yield "nothing_at_night.jpg", forest_at_night(), jpeg, []
    canvas = meadow()
    canvas.rectangle("water", 0, 0.70, 1, 1)
    yield "egret.png", canvas, png, [seen("great egret", 0.874, egret(canvas, 0.46, 0.60), "aves", "pelecaniformes",
                                          "ardeidae", "ardea", "alba")]
    canvas = meadow()
    canvas.rectangle("road", 0, 0.72, 1, 0.92)
    yield "road.png", canvas, png, [seen("vehicle", 0.953, car(canvas, 0.36, 0.74)),
                                    seen("human", 0.889, walker(canvas, 0.80, 0.70), "mammalia", "primates",
                                         "hominidae", "homo", "sapiens")]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    images = {}
    for name, canvas, encode, annotations in scenes():
        data = encode(canvas)
        (folder / name).write_bytes(data)
        images[name] = {"sha256": hashlib.sha256(data).hexdigest(), "animal_detect_like": {
            "annotations": [{"id": i, **one} for i, one in enumerate(annotations)],
            "metadata": {"image_width": WIDTH, "image_height": HEIGHT, "file_size": len(data)}}}
    (folder / "answers.json").write_text(json.dumps({"images": images}, indent=1) + "\n")


if __name__ == "__main__":
    main()
