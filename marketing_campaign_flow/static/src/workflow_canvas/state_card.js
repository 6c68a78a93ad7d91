import { Component } from "@odoo/owl";

import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

import { heightOf } from "./canvas_geometry";

const KIND_ICONS = {
    start: "fa-play",
    goal: "fa-trophy",
    exit: "fa-sign-out",
    done: "fa-flag-checkered",
};
const TRIGGER_ICONS = {
    event: "fa-bolt",
    timeout: "fa-clock-o",
    date: "fa-calendar",
    condition: "fa-filter",
    result: "fa-line-chart",
    split: "fa-random",
    done: "fa-check",
    manual: "fa-hand-o-up",
};

/** What is wrong with a part, as one text; and what is new about it. */
export function marksOf(part) {
    return {
        level: part.problems.some((one) => one.level === "danger") ? "danger" : "warning",
        problems: part.problems.map((one) => one.text).join("\n"),
        change: part.change
            ? [changeWord(part.change.what), ...part.change.details].join("\n")
            : "",
    };
}

export function changeWord(what) {
    return what === "added" ? _t("New in this version") : _t("Changed in this version");
}

export class NameInput extends Component {
    static template = "marketing_campaign_flow.NameInput";
    static props = { name: String, onRename: Function };

    setup() {
        useAutofocus({ refName: "autofocus", selectAll: true });
        this.finished = false;
    }

    finish(name) {
        if (!this.finished) {
            this.finished = true;
            this.props.onRename(name);
        }
    }

    onKeydown(ev) {
        ev.stopPropagation();
        if (ev.key === "Enter") {
            this.finish(ev.target.value.trim());
        } else if (ev.key === "Escape") {
            this.finish("");
        }
    }
}

/** A state with its actions and its ways out, one row each. */
export class StateCard extends Component {
    static template = "marketing_campaign_flow.StateCard";
    static components = { NameInput };
    static props = {
        state: Object,
        canvas: Object,
        selected: Boolean,
        selectedKey: String,
        reachable: Boolean,
        renaming: Boolean,
        onRename: Function,
        onSelect: Function,
        onAddAction: Function,
        onAddBeside: Function,
        onFigure: Function,
    };

    setup() {
        this.formatInteger = formatInteger;
        this.marksOf = marksOf;
        this.dir = localization.direction;
    }

    get kindIcon() {
        return KIND_ICONS[this.props.state.kind];
    }

    triggerIcon(way) {
        return TRIGGER_ICONS[way.trigger] || "fa-long-arrow-right";
    }

    get style() {
        const { state, canvas } = this.props;
        return (
            `transform: translate(${state.x}px, ${state.y}px);` +
            `width: ${canvas.sizes.width}px; height: ${heightOf(state, canvas)}px`
        );
    }

    get actions() {
        const { state, canvas } = this.props;
        const all = state.actions.map((key) => canvas.actions[key]);
        return all.length > canvas.rows ? all.slice(0, canvas.rows - 1) : all;
    }

    get hidden() {
        return this.props.state.actions.length - this.actions.length;
    }

    get ways() {
        const { state, canvas } = this.props;
        return state.transitions.map((key) => canvas.transitions[key]);
    }

    get endsHere() {
        return ["goal", "exit", "done"].includes(this.props.state.kind);
    }

    get hereTitle() {
        return this.endsHere ? _t("Ended here") : _t("Here now");
    }

    targetName(way) {
        const target = this.props.canvas.states[way.target];
        return target ? target.name : _t("stays");
    }

    wayTitle(way) {
        const words = `${way.words} → ${this.targetName(way)}`;
        return [words, way.reason, way.guarded ? _t("Only if the contact matches a filter") : ""]
            .filter(Boolean)
            .join("\n");
    }

    wayActions(way) {
        return way.actions.map((key) => this.props.canvas.actions[key]);
    }

    /** The reactions to an email in short, such as “24 % opened”. */
    rates(action) {
        const { figures } = action;
        if (!figures?.sent) {
            return [];
        }
        return [
            { figure: "done", text: _t("%s sent", formatInteger(figures.sent)) },
            { figure: "opened", text: `${figures.opened} %`, icon: "fa-envelope-open-o",
                title: _t("%s %% opened", figures.opened) },
            { figure: "clicked", text: `${figures.clicked} %`, icon: "fa-mouse-pointer",
                title: _t("%s %% clicked", figures.clicked) },
            { figure: "replied", text: `${figures.replied} %`, icon: "fa-reply",
                title: _t("%s %% replied", figures.replied) },
        ].filter((rate) => rate.figure !== "replied" || figures.replied);
    }

    get label() {
        const { state } = this.props;
        const parts = [
            state.name,
            state.kind_name,
            _t("%s actions", state.actions.length),
            _t("%s ways out", state.transitions.length),
        ];
        if (state.figures) {
            parts.push(_t("%s people here", state.figures.here));
        }
        parts.push(...state.problems.map((one) => one.text));
        return parts.join(", ");
    }
}
