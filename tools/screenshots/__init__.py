"""Pictures for the README and the documentation, taken in a real browser."""

from tools.screenshots.browser import CHROMIUM_OPTIONS, SIZE

__all__ = ["CHROMIUM_OPTIONS", "SIZE"]
