"""The browser that pictures are taken in, with the marketing user logged in."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools import environment

SIZE = {"width": 1366, "height": 768}
ZONE = "Europe/Rome"  # of the marketing user
# Chromium's own requests to the outside are of no use here.
CHROMIUM_OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync")  # fmt: skip
SECONDS = 60_000


@contextmanager
def logged_in(url: str, size: dict[str, int] = SIZE) -> Iterator:
    """Return a page of a browser in which Marta is logged in to the Odoo at `url`."""
    from playwright.sync_api import sync_playwright  # only here the virtual environment is needed

    browser_path = environment.prepare(browser=True).browser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(browser_path), args=list(CHROMIUM_OPTIONS)
        )
        page = browser.new_page(viewport=size, timezone_id=ZONE)
        page.set_default_timeout(SECONDS)
        page.goto(f"{url}/web/login")
        page.fill("input[name=login]", "marta")
        page.fill("input[name=password]", "marta")
        page.click(".oe_login_form button[type=submit]")
        page.wait_for_selector(".o_web_client")
        yield page
        browser.close()
