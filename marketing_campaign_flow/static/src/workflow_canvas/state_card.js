import { Component } from "@odoo/owl";

import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

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

/** A number as a card has room for it: from ten thousand on, such as “12.3k”. */
function inShort(number) {
    return formatInteger(number, { humanReadable: number >= 10000, decimals: 1 });
}

/** A state with its actions and its ways out, one row each. */
export class StateCard extends Component {
    static template = "marketing_campaign_flow.StateCard";
    static components = { NameInput };
    static props = {
        card: Object, // see `cardsOf`
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

    get state() {
        return this.props.card.state;
    }

    get kindIcon() {
        return KIND_ICONS[this.state.kind];
    }

    triggerIcon(way) {
        return TRIGGER_ICONS[way.trigger] || "fa-long-arrow-right";
    }

    get style() {
        const { state, width, height } = this.props.card;
        return (
            `transform: translate(${state.x}px, ${state.y}px);` +
            `width: ${width}px; height: ${height}px`
        );
    }

    get endsHere() {
        return ["goal", "exit", "done"].includes(this.state.kind);
    }

    get hereTitle() {
        return this.endsHere ? _t("Ended here") : _t("Here now");
    }

    wayTitle({ way, target }) {
        const words = `${way.words} → ${target ?? _t("stays")}`;
        return [words, way.reason, way.guarded ? _t("Only if the contact matches a filter") : ""]
            .filter(Boolean)
            .join("\n");
    }

    /** What an email has come to in short, such as an open envelope and “24 %”. */
    rates(action) {
        const { figures } = action;
        if (!figures?.sent) {
            return [];
        }
        return [
            { figure: "done", text: inShort(figures.sent), icon: "fa-paper-plane-o",
                title: _t("%s sent", formatInteger(figures.sent)) },
            { figure: "opened", text: `${figures.opened} %`, icon: "fa-envelope-open-o",
                title: _t("%s %% opened", figures.opened) },
            { figure: "clicked", text: `${figures.clicked} %`, icon: "fa-mouse-pointer",
                title: _t("%s %% clicked", figures.clicked) },
            { figure: "replied", text: `${figures.replied} %`, icon: "fa-reply",
                title: _t("%s %% replied", figures.replied) },
        ].filter((rate) => rate.figure !== "replied" || figures.replied);
    }

    get label() {
        const { state } = this;
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
