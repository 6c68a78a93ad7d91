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
            read: (isAtWork) => this.read(isAtWork),
        });
    }

    /** Read the board again; whoever goes through the cards by keyboard stays where they are. */
    async read(isAtWork) {
        const isHeld = () => isAtWork() || this.model.root.selection.length > 0;
        const focusedId = () => document.activeElement?.closest(CARD)?.dataset.id;
        let resId;
        const isShown = await this.model.loadAgain(() => {
            resId = this.model.root.records.find(({ id }) => id === focusedId())?.resId;
            return isHeld();
        });
        if (isShown && resId) {
            this.focusSoon(this.model.root.records.find((record) => record.resId === resId)?.id);
        }
        return isShown;
    }

    focusSoon(id) {
        requestAnimationFrame(() =>
            this.rootRef.el?.querySelector(`${CARD}[data-id="${id}"]`)?.focus()
        );
    }
}
