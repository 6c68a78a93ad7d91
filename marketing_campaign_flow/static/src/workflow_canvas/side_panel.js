import { Component, onMounted, onWillUnmount, useRef, useSubEnv } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { CallbackRecorder } from "@web/search/action_hook";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { getDefaultConfig, View } from "@web/views/view";

const MODELS = { state: "flow.state", transition: "flow.transition", action: "flow.action" };

/** The form of a part, as anywhere else; it tells the panel before and after it saves. */
export class PanelFormController extends FormController {
    static props = { ...FormController.props, panel: Object };

    setup() {
        super.setup();
        this.props.panel.controller = this;
    }

    async onWillSaveRecord(record) {
        await super.onWillSaveRecord(...arguments);
        return this.props.panel.beforeSave(record);
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(...arguments);
        await this.props.panel.afterSave(record);
    }
}

registry.category("views").add("flow_canvas_panel", {
    ...formView,
    Controller: PanelFormController,
});

/**
 * What is selected in the picture, in its own form. It saves when one leaves it; a form that is not
 * complete stays open and says so.
 */
export class SidePanel extends Component {
    static template = "marketing_campaign_flow.SidePanel";
    static components = { View };
    static props = {
        part: Object,
        workflowId: Number,
        readonly: Boolean,
        title: String,
        revision: Function,
        onSaved: Function,
        onConflict: Function,
        onClose: Function,
        onRemove: Function,
        onDuplicate: { type: Function, optional: true },
        register: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        // The form is not that of the page: breadcrumbs and title stay as they are.
        useSubEnv({ config: getDefaultConfig() });
        this.undo = null;
        const { part, id } = this.props.part;
        this.viewProps = {
            type: "form",
            jsClass: "flow_canvas_panel",
            resModel: MODELS[part],
            resId: id,
            context: {
                default_workflow_id: this.props.workflowId,
                flow_side_panel: true, // lists show what fits in
                ...(this.props.part.ofTransition ? { flow_of_transition: true } : {}),
            },
            display: { controlPanel: false },
            readonly: this.props.readonly,
            preventEdit: this.props.readonly,
            preventCreate: true,
            className: "o_flow_panel_form",
            panel: this,
            __beforeLeave__: new CallbackRecorder(),
        };
        onMounted(() => this.props.register(this));
        onWillUnmount(() => this.props.register(null));
    }

    get kindName() {
        return { state: _t("State"), transition: _t("Way out"), action: _t("Action") }[
            this.props.part.part
        ];
    }

    /** Save what has been changed. @returns {Promise<boolean>} whether one may leave */
    async leave() {
        const leaving = this.viewProps.__beforeLeave__.callbacks.map((callback) => callback());
        return !(await Promise.all(leaving)).includes(false);
    }

    /** @returns {Promise<boolean>} false to wait with saving: somebody else was faster */
    async beforeSave() {
        const { part, key } = this.props.part;
        const { undo, conflict } = await this.orm.call("flow.workflow", "keep_part", [
            [this.props.workflowId], part, key, await this.props.revision(),
        ]);
        this.undo = undo;
        if (conflict) {
            this.props.onConflict(conflict);
        }
        return !conflict;
    }

    async afterSave() {
        await this.props.onSaved(this.undo);
    }

    /** Whoever goes on elsewhere in the picture has finished here, as far as it is complete. */
    async onFocusOut({ relatedTarget }) {
        const elsewhere = relatedTarget?.closest(".o_flow_canvas");
        const root = this.controller?.model.root;
        if (!elsewhere || this.root.el?.contains(relatedTarget) || !root) {
            return;
        }
        if ((await root.isDirty()) && (await root.checkValidity())) {
            this.saving = this.leave(); // what is done to the picture meanwhile comes after it
            await this.saving;
        }
    }

    /** Show what the picture has changed of it, unless something is being written here. */
    async refresh() {
        const root = this.controller?.model.root;
        if (root && !(await root.isDirty())) {
            await root.load();
        }
    }

    async close() {
        if (await this.leave()) {
            this.props.onClose();
        }
    }

    /** What is shown is being taken away: nothing of it is saved any more. */
    forget() {
        this.viewProps.__beforeLeave__ = new CallbackRecorder();
    }

    async discard() {
        await this.controller?.model.root.discard();
        this.props.onClose();
    }

    onKeydown(ev) {
        const isMenuOpen = document.querySelector(".o-dropdown--menu, .o-autocomplete--dropdown-menu");
        if (ev.key === "Escape" && !isMenuOpen) {
            ev.stopPropagation();
            this.close();
        }
    }
}
