import { KanbanController } from "@web/views/kanban/kanban_controller";

import { useLiveView } from "../live_view/live_view_hook";

const CARD = ".o_kanban_record";

/** The board of a campaign: its cards move by themselves while it runs. */
export class ParticipantBoardController extends KanbanController {
    /** @override */
    setup() {
        super.setup();
        const campaignId = this.props.context.flow_campaign_id;
        useLiveView({
            campaignIds: () => (campaignId ? [campaignId] : []),
            isBusy: () => this.model.isOccupied || this.model.root.selection.length > 0,
            load: () => this.refresh(),
        });
    }

    /** Load the board again; whoever goes through the cards by keyboard stays where they are. */
    async refresh() {
        const focused = document.activeElement?.closest(CARD)?.dataset.id;
        const resId = focused && this.cards.find(({ id }) => id === focused)?.resId;
        await this.model.load();
        const card = resId && this.cards.find((record) => record.resId === resId);
        if (card) {
            this.focusSoon(card.id);
        }
    }

    get cards() {
        return this.model.root.records;
    }

    focusSoon(id) {
        requestAnimationFrame(() =>
            this.rootRef.el?.querySelector(`${CARD}[data-id="${id}"]`)?.focus()
        );
    }
}
