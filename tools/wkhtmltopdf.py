"""wkhtmltopdf, with which Odoo makes PDFs of reports."""

from tools.unpacked import Program

# Debian's is built without the patches that draw headers and footers, and needs no display this
# way.
WKHTMLTOPDF = Program(
    name="wkhtmltopdf",
    names=("wkhtmltopdf",),
    packages=("wkhtmltopdf", "fonts-dejavu-core", "fonts-liberation"),
    run="""\
export QT_QPA_PLATFORM=offscreen QT_PLUGIN_PATH="$lib/$triplet/qt5/plugins"
exec "$root/usr/bin/wkhtmltopdf" "$@"
""",
)

get = WKHTMLTOPDF.get
