#!/usr/bin/env python3
"""A picture of a tmux pane, with reverse video, dim text and the cursor.

    tmux capture-pane -e -p -N | screenshot.py OUT.png COLS ROWS CURSOR_X CURSOR_Y

Needs python3-pyte, python3-pil and the DejaVu Sans Mono fonts."""
import re
import subprocess
import sys

import pyte
from PIL import Image, ImageDraw, ImageFont

INK, GROUND = "#d6d8dc", "#14161a"
COLORS = dict(black="#5c6370", red="#e5645f", green="#7fbf7b", brown="#d9b45b",
              blue="#6ea8e0", magenta="#c58ad6", cyan="#5fbcc4", white="#ffffff")
LINE_LETTERS = dict(zip("lqkxmjtuwvna", "┌─┐│└┘├┤┬┴┼▒"))


def load(capture, cols, rows):
    """The captured text as a pyte screen."""
    text, letters = "", False
    for token in re.findall(r"\x1b\[[0-9;:]*m|.", capture, re.S):
        if token in "\x0e\x0f":
            letters = token == "\x0e"
        elif token.startswith("\x1b"):      # pyte knows no dim: italics stand in for it
            text += re.sub(r"(?<![0-9])2(?=[;m])", "3", token)
        else:
            text += LINE_LETTERS.get(token, token) if letters else token
    screen = pyte.Screen(cols, rows)
    stream = pyte.Stream(screen)
    for row, line in enumerate(text.split("\n")[:rows]):
        stream.feed(f"\x1b[{row + 1};1H{line}")
    return screen


def mix(color, other):
    pair = zip(bytes.fromhex(color[1:]), bytes.fromhex(other[1:]))
    return "#" + "".join(f"{(3 * a + 2 * b) // 5:02x}" for a, b in pair)


def paint(screen, cursor, path):
    def font(style):
        wanted = "DejaVu Sans Mono:style=" + style
        name = subprocess.check_output(["fc-match", "-f", "%{file}", wanted])
        return ImageFont.truetype(name.decode(), 16)
    fonts = [font("Book"), font("Bold")]
    width, height = round(fonts[0].getlength("M")), 19
    image = Image.new("RGB", (screen.columns * width, screen.lines * height), GROUND)
    draw = ImageDraw.Draw(image)
    for y in range(screen.lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            ink = COLORS.get(cell.fg.replace("bright", ""), INK)
            ground = COLORS.get(cell.bg.replace("bright", ""), GROUND)
            if cell.italics:
                ink = mix(ink, GROUND)
            if cell.reverse != ((x, y) == cursor):
                ink, ground = ground, ink
            cells = 2 if x + 1 < screen.columns and screen.buffer[y][x + 1].data == "" else 1
            left, top = x * width, y * height
            if cell.data:
                draw.rectangle([left, top, left + cells * width - 1, top + height - 1], fill=ground)
            if cell.data.strip():
                draw.text((left, top), cell.data, font=fonts[cell.bold], fill=ink)
            if cell.underscore:
                below = top + height - 2
                draw.line([left, below, left + cells * width, below], fill=ink)
    image.save(path)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    size_and_cursor = list(map(int, sys.argv[2:]))
    paint(load(sys.stdin.buffer.read().decode("utf-8", "replace"), *size_and_cursor[:2]),
          tuple(size_and_cursor[2:]), sys.argv[1])
