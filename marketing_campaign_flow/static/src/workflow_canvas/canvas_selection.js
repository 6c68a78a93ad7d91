import { _t } from "@web/core/l10n/translation";

import { newKey } from "./canvas_keys";

/** Which cards are selected, and what the panel shows. */
export const Selecting = (Canvas) => class extends Canvas {
    isPicked(key) {
        return this.state.picked.includes(key);
    }

    /** The key of the row of a state that the panel shows, if it is one of its rows. */
    selectedIn(state) {
        const key = this.state.panel?.key;
        return [...state.actions, ...state.transitions].includes(key) ? key : "";
    }

    draggedWith(key) {
        return this.isPicked(key) ? [...this.state.picked] : [key];
    }

    async onClickWorld(ev) {
        const card = ev.target.closest(".o_flow_card");
        const arrow = ev.target.closest("path[data-way]");
        if (arrow) {
            await this.select(this.picture.transitions[arrow.dataset.way]);
        } else if (card) {
            const { key } = card.dataset;
            if (this.state.connecting) {
                await this.enter(key);
            } else if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
                this.togglePick(key);
            } else {
                this.focusCard(key);
                await this.select(this.picture.states[key]);
            }
        } else if (await this.leavePanel()) {
            this.state.panel = null;
            this.state.picked = [];
            this.viewportEl.focus({ preventScroll: true });
        }
    }

    onDblclick(ev) {
        const head = ev.target.closest(".o_flow_card_head");
        if (head && this.picture.editable) {
            this.beginRenaming(head.dataset.key);
        }
    }

    onFocusIn(ev) {
        const card = ev.target.closest(".o_flow_card");
        if (card) {
            this.state.active = card.dataset.key;
        }
    }

    togglePick(key) {
        const { picked } = this.state;
        this.state.picked = picked.includes(key)
            ? picked.filter((one) => one !== key)
            : [...picked, key];
    }

    pickAll() {
        this.state.picked = this.states.map((one) => one.key);
        this.say(_t("All states are selected"));
    }

    /** Show a part in the panel. */
    async select(part) {
        const { panel } = this.state;
        if (!part || (panel && panel.part === part.part && panel.key === part.key)) {
            return;
        }
        const { part: kind, key, id } = part;
        if (!(await this.leavePanel())) {
            return;
        }
        const owner = kind === "action" ? part.owner : [kind, key];
        this.state.picked = kind === "state" ? [key] : [];
        this.state.panel = {
            part: kind, key, id, ofTransition: owner[0] === "transition", opening: newKey(),
        };
        const state = kind === "state" ? key : part.source || (owner[0] === "state" && owner[1]);
        if (state) {
            this.state.active = state;
            this.toReveal = state;
        }
        this.say(this.titleOf(part));
    }

    async leavePanel() {
        return !this.panel || this.panel.leave();
    }

    registerPanel(panel) {
        this.panel = panel;
        if (panel && this.toReveal && this.picture.states[this.toReveal]) {
            // the panel has taken room from the picture
            requestAnimationFrame(() => this.viewportEl && this.reveal(this.toReveal));
        }
    }

    closePanel() {
        this.state.panel = null;
        const key = this.activeKey;
        if (key) {
            this.focusCard(key);
        }
    }

    async enter(key) {
        const { connecting } = this.state;
        if (connecting) {
            this.state.connecting = null;
            return this.connect({ source: connecting, target: key });
        }
        return this.select(this.picture.states[key]);
    }

    focusCard(key) {
        this.state.active = key;
        this.cardEl(key)?.focus({ preventScroll: true });
        this.reveal(key);
    }

    letGo() {
        if (this.pointer.gesture) {
            this.pointer.cancel();
        } else if (this.state.connecting) {
            this.state.connecting = null;
            this.say(_t("No arrow was drawn"));
        } else if (this.state.panel) {
            this.panel.close();
        } else if (this.state.full) {
            this.toggleFull();
        } else {
            this.state.picked = [];
        }
    }
};
