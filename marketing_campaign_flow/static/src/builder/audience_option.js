/** Who gets a block of a campaign's email: everybody, the members of an audience, or the others. */

import { BuilderAction } from "@html_builder/core/builder_action";
import { BaseOptionComponent, useDomState } from "@html_builder/core/utils";
import { Plugin } from "@html_editor/plugin";
import { withSequence } from "@html_editor/utils/resource";
import { registry } from "@web/core/registry";

export class AudienceOption extends BaseOptionComponent {
    static template = "marketing_campaign_flow.AudienceOption";
    static selector = "section, .o_mail_snippet_general";
    static dependencies = ["marketing_campaign_flow.Audience"];

    setup() {
        super.setup();
        const model = this.dependencies["marketing_campaign_flow.Audience"].getModel();
        this.domain = [["target_model", "=", model]];
        this.state = useDomState((block) => ({ audience: block.dataset.flowAudience }));
    }
}

class AudienceAction extends BuilderAction {
    static id = "flowAudience";

    getValue({ editingElement }) {
        const id = parseInt(editingElement.dataset.flowAudience);
        return id ? JSON.stringify({ id }) : undefined;
    }
    apply({ editingElement, value }) {
        editingElement.dataset.flowAudience = JSON.parse(value).id;
    }
    clean({ editingElement }) {
        delete editingElement.dataset.flowAudience;
        delete editingElement.dataset.flowAudienceNot;
    }
}

class AudiencePlugin extends Plugin {
    static id = "marketing_campaign_flow.Audience";
    static shared = ["getModel"];

    resources = {
        builder_actions: { AudienceAction },
        builder_options: this.config.record?.data.flow_campaign_id 
            ? [withSequence(Infinity, AudienceOption)] // at the end, beside Odoo's own visibility
            : [],
    };

    getModel() {
        return this.config.record.data.mailing_model_real;
    }
}

registry.category("mass_mailing-plugins").add(AudiencePlugin.id, AudiencePlugin);
