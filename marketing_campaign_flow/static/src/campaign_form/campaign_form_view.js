import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { pick } from "@web/core/utils/objects";
import { getFieldsSpec } from "@web/model/relational_model/utils";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

import { useLiveView } from "../live_view/live_view_hook";

const LISTS = ["one2many", "many2many"];

/** The form of a campaign: its status and its figures change by themselves while it runs. */
export class CampaignFormController extends FormController {
    /** @override */
    setup() {
        super.setup();
        this.silentOrm = useService("orm").silent;
        useLiveView({
            campaignIds: () => this.followedIds,
            // No record is loaded or saved meanwhile: what is older never replaces what is newer.
            read: () => this.model.mutex.exec(() => this.readFigures()),
        });
    }

    get followedIds() {
        const { data, resId } = this.model.root;
        const isFollowed = resId && (data.status !== "draft" || data.is_scheduled);
        return isFollowed ? [resId] : [];
    }

    /** Read what is no list; what somebody has changed and not saved stays. */
    async readFigures() {
        const { root } = this.model;
        const names = root.fieldNames.filter((name) => !LISTS.includes(root.fields[name].type));
        const specification = getFieldsSpec(
            pick(root.activeFields, ...names),
            root.fields,
            root.evalContext
        );
        const [values] = await this.silentOrm.webRead(root.resModel, [root.resId], {
            specification,
            context: root.context,
        });
        if (values && this.model.root === root) {
            root._applyValues(values);
        }
        return true;
    }
}

registry.category("views").add("flow_campaign_form", {
    ...formView,
    Controller: CampaignFormController,
});
