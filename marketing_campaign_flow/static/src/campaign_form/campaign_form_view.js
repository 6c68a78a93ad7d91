import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

import { useLiveView } from "../live_view/live_view_hook";

/** The form of a campaign: its status and its figures change by themselves while it runs. */
export class CampaignFormController extends FormController {
    /** @override */
    setup() {
        super.setup();
        useLiveView({
            campaignIds: () => this.followedIds,
            isBusy: () => this.model.root.isDirty(),
            load: () => this.model.root.load(),
        });
    }

    get followedIds() {
        const { data, resId } = this.model.root;
        const isFollowed = resId && (data.status !== "draft" || data.is_scheduled);
        return isFollowed ? [resId] : [];
    }
}

registry.category("views").add("flow_campaign_form", {
    ...formView,
    Controller: CampaignFormController,
});
