import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

import { markup } from "@odoo/owl";

// From a template to a campaign that could be launched; the launch itself stays with the user.
registry.category("web_tour.tours").add("campaign_flow_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: '.o_app[data-menu-xmlid="marketing_campaign_flow.menu_root"]',
            content: markup(_t("Let people follow your messages by themselves: open <b>Campaign Flow</b>.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: 'button[data-menu-xmlid="marketing_campaign_flow.menu_campaigns_group"]',
            content: _t("All of your campaigns are here. Let's make one."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: 'a[data-menu-xmlid="marketing_campaign_flow.menu_templates"]',
            content: markup(_t("Begin with a <b>template</b>: its emails are written already.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_flow_templates .o_kanban_record:first button[name=action_begin]",
            content: _t("The picture shows how people go through the campaign. Use this one."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            content: _t("Give the campaign a name that you will find again."),
            tooltipPosition: "bottom",
            run: "edit My first campaign",
        },
        {
            trigger: ".modal footer button[name=action_create]",
            content: markup(_t("<b>Create</b> it. Nothing is sent before you launch it.")),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input:value(My first campaign)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_check]:first",
            content: markup(_t("Before the <b>launch</b> you are told what is missing.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_flow_launch_check .modal-footer .btn-secondary",
            content: _t("Each line leads you to what is to be mended. Not yet: first look at your emails."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_flow_launch_check))",
        },
    ],
});
