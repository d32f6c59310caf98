"""QR codes as SVG for the pages: no style, no script, nothing from elsewhere."""

from io import BytesIO


def qr_svg(text: str) -> str:
    """A QR code to show as an image; it takes the size that its surroundings give it.

    It names its namespace: without that it is part of a page, and no image by itself.
    """
    import segno  # a start without it is sooner, and few ask

    drawn = BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=True, nl=False, omitsize=True, svgclass=None, lineclass=None)
    return drawn.getvalue().decode()
