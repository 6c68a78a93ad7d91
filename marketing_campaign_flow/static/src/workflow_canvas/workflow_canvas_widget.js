import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { WorkflowCanvas } from "./workflow_canvas";

/**
 * The picture of the workflow of a record, in its form. `workflow` names the field that holds the
 * workflow; without it the record is one.
 */
export class WorkflowCanvasWidget extends Component {
    static template = "marketing_campaign_flow.WorkflowCanvasWidget";
    static components = { WorkflowCanvas };
    static props = { ...standardWidgetProps, workflow: { type: String, optional: true } };

    setup() {
        this.action = useService("action");
        this.isFull = false; // also of the next picture, such as that of a new version
        this.onFull = (isFull) => (this.isFull = isFull);
    }

    get workflowId() {
        const { record, workflow } = this.props;
        return workflow ? record.data[workflow]?.id : record.resId;
    }

    /** Another workflow, or another status of it, is another picture. */
    get shownAs() {
        const { data } = this.props.record;
        return `${this.workflowId} ${data.status} ${data.edited_workflow_status}`;
    }

    async onRenew(campaignId) {
        const { record } = this.props;
        if (record.resModel === "flow.campaign") {
            return record.load();
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "flow.campaign",
            res_id: campaignId,
            views: [[false, "form"]],
        });
    }

    /** Lists of the same form show what the picture has changed. */
    async onLeft(touched) {
        const { record } = this.props;
        if (touched && record.resId) {
            await ((await record.isDirty()) ? record.save() : record.load()).catch(() => {});
        }
    }
}

registry.category("view_widgets").add("flow_workflow_canvas", {
    component: WorkflowCanvasWidget,
    extractProps: ({ attrs }) => ({ workflow: attrs.workflow }),
});
