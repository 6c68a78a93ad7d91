"""A Chromium for browser tests."""

from tools.unpacked import Program

# The release's own version: with the newer one of its security updates (156) a page freezes in two
# of Odoo's own tests, and this one opens pages of this machine only. Fonts, because bare machines
# have none. No sandbox: it needs a setuid helper or user namespaces. Little shared memory:
# containers.
CHROMIUM = Program(
    name="chromium",
    names=("google-chrome", "chromium", "chromium-browser", "google-chrome-stable"),
    packages=("chromium", "fonts-dejavu-core", "fonts-liberation"),
    run="""\
export LD_LIBRARY_PATH="$lib/chromium:$LD_LIBRARY_PATH"
exec "$lib/chromium/chromium" --no-sandbox --disable-dev-shm-usage "$@"
""",
)

get = CHROMIUM.get
