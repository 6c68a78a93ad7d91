"""The preview in a real browser, as somebody in marketing without technical rights."""

from odoo.tests import HttpCase, tagged

from .common import FlowCase

LOOK = """
    const until = async (what, why) => {
        for (let tries = 0; tries < 300; tries++) {
            const found = what();
            if (found) return found;
            await new Promise((done) => setTimeout(done, 100));
        }
        throw new Error(`waited in vain for ${why}`);
    };
    const one = (selector) => document.querySelector(selector);
    const letter = () => one(".modal iframe.o_flow_letter")?.srcdoc || "";
    (async () => {
        (await until(() => one("button[name=action_flow_preview]"), "the button")).click();
        await until(() => letter().includes("Dear Ann"), "the letter to Ann");
        if (one(".modal iframe.o_flow_letter").getAttribute("sandbox") !== "") {
            throw new Error("the letter could do something");
        }
        one(".modal button[name=action_next]").click();
        await until(() => letter().includes("Dear Bob"), "the letter to Bob");
        [...document.querySelectorAll(".modal .nav-link")]
            .find((tab) => tab.textContent.trim() === "Warnings").click();
        await until(
            () => one(".modal .tab-pane.active, .modal .o_notebook_content")?.textContent
                .includes("no link to unsubscribe"),
            "the warning",
        );
        one(".modal button[name=action_check_links]").click();
        await until(() => one(".modal [name=links_checked]"), "the answer, without another click");
        console.log("test successful");
    })().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestPreviewInBrowser(FlowCase, HttpCase):
    def test_marketing_user_steps_through_the_audience(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        mailing = self.email(start, "Hello").mailing_id
        self.transition(start, over, "done")
        action = "action-marketing_campaign_flow.flow_campaign_action"
        self.browser_js(
            f"/odoo/{action}/{self.campaign.id}/mailing.mailing/{mailing.id}",
            LOOK,
            login=self.user.login,
            timeout=300,
        )
