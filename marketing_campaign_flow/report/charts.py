"""Charts of printed reports, drawn by ReportLab, which Odoo brings, as pictures in SVG.

They know nothing of campaigns: labels and numbers come in, the address of a picture goes out.
"""

import base64
from collections.abc import Sequence

from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

WIDTH = 640  # of a page, in points of the picture
FONT, SIZE = "Helvetica", 11
FAMILY = f"font-family: {FONT}, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif;"
LABEL_WIDTH = 150
ROW = 26
LINES_HEIGHT = 190
GRID, TEXT = HexColor("#dee2e6"), HexColor("#495057")
COLORS = [HexColor(code) for code in ("#714b67", "#017e84", "#e8a33d", "#5b8def")]


def bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> str:
    """Draw one horizontal bar per label, the first on top.

    :param texts: what is written at the end of each bar
    :return: the address of the picture, as a ``data:`` URI
    """
    height = ROW * len(labels)
    drawing = Drawing(WIDTH, height)
    chart = HorizontalBarChart()
    chart.x, chart.y = LABEL_WIDTH, 0
    chart.width, chart.height = WIDTH - LABEL_WIDTH - 110, height
    chart.data = [list(values)]
    chart.barSpacing, chart.groupSpacing = 0, 8
    chart.bars[0].fillColor, chart.bars[0].strokeColor = COLORS[0], None
    chart.valueAxis.visible = False
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, max([*values, 1])
    axis = chart.categoryAxis
    axis.reverseDirection, axis.visibleTicks, axis.strokeColor = 1, False, GRID
    axis.visibleLabels = False  # ours begin at the left, however wide the font of the reader is
    drawing.add(chart)
    for row, (label, value, text) in enumerate(zip(labels, values, texts, strict=True)):
        y = height - ROW * (row + 0.5) - SIZE / 3
        drawing.add(_text(0, y, _cut(label, LABEL_WIDTH - 12)))
        drawing.add(
            _text(LABEL_WIDTH + chart.width * value / chart.valueAxis.valueMax + 6, y, text)
        )
    return _address(drawing)


def lines(labels: Sequence[str], series: dict[str, Sequence[float]]) -> str:
    """Draw one line per series over the same labels, with a key above.

    :param labels: of the points, from left to right; as many are written as there is room for
    :return: the address of the picture, as a ``data:`` URI
    """
    drawing = Drawing(WIDTH, LINES_HEIGHT)
    chart = HorizontalLineChart()
    chart.x, chart.y = 40, 24
    chart.width, chart.height = WIDTH - 60, LINES_HEIGHT - 60
    chart.data = [list(values) for values in series.values()]
    chart.joinedLines = True
    top = max([*(value for values in chart.data for value in values), 1])
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, top
    chart.valueAxis.labelTextFormat = "%d"
    chart.valueAxis.valueSteps = sorted({0, round(top / 2), top})
    chart.valueAxis.visibleGrid, chart.valueAxis.gridStrokeColor = True, GRID
    chart.valueAxis.strokeColor, chart.valueAxis.visibleTicks = None, False
    every = max(1, -(-len(labels) // 10))
    axis = chart.categoryAxis
    axis.categoryNames = [
        label if number % every == 0 else "" for number, label in enumerate(labels)
    ]
    axis.strokeColor, axis.visibleTicks = GRID, False
    for part in (axis.labels, chart.valueAxis.labels):
        _style(part)
    x = chart.x
    for number, name in enumerate(series):
        color = COLORS[number % len(COLORS)]
        chart.lines[number].strokeColor, chart.lines[number].strokeWidth = color, 2
        drawing.add(Rect(x, LINES_HEIGHT - 14, 10, 10, fillColor=color, strokeColor=None))
        drawing.add(_text(x + 15, LINES_HEIGHT - 13, name))
        x += 15 + stringWidth(name, FONT, SIZE) + 24
    drawing.add(chart)
    return _address(drawing)


def progress(share: float, *, is_good: bool = True, width: int = 160) -> str:
    """Draw a bar that is filled to a share of 0 to 1; more than 1 fills it.

    :return: the address of the picture, as a ``data:`` URI
    """
    drawing = Drawing(width, 8)
    filled = width * min(max(share, 0), 1)
    drawing.add(Rect(0, 0, width, 8, fillColor=GRID, strokeColor=None))
    color = COLORS[1] if is_good else HexColor("#d44c59")
    drawing.add(Rect(0, 0, filled, 8, fillColor=color, strokeColor=None))
    return _address(drawing)


def _style(labels):
    labels.fontName, labels.fontSize, labels.fillColor = FONT, SIZE - 1, TEXT


def _text(x, y, text):
    return String(x, y, text, fontName=FONT, fontSize=SIZE, fillColor=TEXT)


def _cut(text, width):
    """Return as much of a text as has room."""
    if stringWidth(text, FONT, SIZE) <= width:
        return text
    while text and stringWidth(text + "…", FONT, SIZE) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _address(drawing):
    picture = renderSVG.drawToString(drawing).replace(f"font-family: {FONT};", FAMILY).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(picture).decode()
