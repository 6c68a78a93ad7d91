import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component } from "@odoo/owl";

import { Monitor } from "./monitor";

/** The monitor of one campaign, in its form. */
export class MonitorWidget extends Component {
    static template = "marketing_campaign_flow.MonitorWidget";
    static components = { Monitor };
    static props = { ...standardWidgetProps };

    get campaignIds() {
        return [this.props.record.resId];
    }
}

registry.category("view_widgets").add("flow_monitor", { component: MonitorWidget });
