import { registry } from "@web/core/registry";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, useState } from "@odoo/owl";

import { Monitor } from "./monitor";

/** The monitor as a screen of its own, of all campaigns or of some that are chosen. */
export class MonitorAction extends Component {
    static template = "marketing_campaign_flow.MonitorAction";
    static components = { Layout, Monitor, MultiRecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        const { params = {} } = this.props.action;
        this.domain = [["status", "!=", "draft"]];
        this.state = useState({
            campaignIds: this.props.state?.campaignIds || params.campaign_ids || [],
            days: this.props.state?.days ?? 30,
        });
        useSetupAction({ getLocalState: () => ({ ...this.state }) });
    }

    choose(campaignIds) {
        this.state.campaignIds = campaignIds;
    }

    setPeriod(days) {
        this.state.days = days;
    }
}

registry.category("actions").add("flow_monitor", MonitorAction);
