"""The report of a campaign as a PDF, printed by a running Odoo for somebody in marketing."""

import io

import PyPDF2
import requests

from tools.demo.client import wait_until
from tools.demo.story import MARKETING_LOGIN

ROUTE = "/report/pdf/marketing_campaign_flow.campaign_report/"


def test_marta_prints_a_report_of_a_page_or_two(campaign_server):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    person = marta.create("res.partner", {"name": "Petra Printed"})
    audience = marta.create("flow.audience", {"name": "Printed", "partner_ids": [person]})
    values = {"name": "Herbst–Messe", "audience_id": audience, "budget_amount": 500}
    campaign = marta.create("flow.campaign", values)
    marta.create("flow.objective", {"campaign_id": campaign, "metric": "sent", "target": 10})
    marta.call("flow.campaign", "action_launch", [campaign])
    came_in = [("campaign_id", "=", campaign)]
    wait_until(lambda: not marta.count("flow.participant", came_in), "coming in", seconds=60)

    browser = requests.Session()
    login = {"db": marta.database, "login": MARKETING_LOGIN, "password": MARKETING_LOGIN}
    answer = browser.post(f"{url}/web/session/authenticate", json={"params": login}, timeout=60)
    assert answer.json()["result"]["username"] == MARKETING_LOGIN

    printed = browser.get(f"{url}{ROUTE}{campaign}", timeout=120)
    assert printed.headers["Content-Type"] == "application/pdf", printed.text[:500]
    pages = PyPDF2.PdfReader(io.BytesIO(printed.content)).pages
    assert 1 <= len(pages) <= 3
    # Of the unpatched wkhtmltopdf only the text of charts is text; the rest is drawn.
    text = " ".join("".join(page.extract_text() for page in pages).split())
    assert "Came in 1 Emails sent 0 … opened 0 · n/a" in text
    assert requests.get(f"{url}{ROUTE}{campaign}", timeout=60).url.startswith(f"{url}/web/login")
