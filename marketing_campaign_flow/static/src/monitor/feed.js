import { useService } from "@web/core/utils/hooks";

import { Component } from "@odoo/owl";

/** What people do, the latest first. */
export class Feed extends Component {
    static template = "marketing_campaign_flow.Feed";
    static props = {
        entries: Array,
        more: Boolean,
        showMore: Function,
        showCampaign: Boolean,
    };

    setup() {
        this.action = useService("action");
    }

    open(participantId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "flow.participant",
            res_id: participantId,
            views: [[false, "form"]],
        });
    }
}
